"""Whose clock is wrong by how much from when on, decided by a seed before anything begins. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

AHEAD, BEHIND, RIGHT = 300, -300, 0
"""Seconds."""


@dataclass(frozen=True, slots=True)
class Jump:
    """From a second of the load on, a service's clock (or an exchange's) is so many seconds ahead."""

    at: float
    whose: str
    ahead: int


def jumps(seed: int, whose: Sequence[str], *, begins: float, ends: float) -> tuple[Jump, ...]:
    """Let each clock be ahead, right and behind for a third of the time each, in an order of its own."""
    planned = []
    for one in whose:
        chance = random.Random(f"{seed} {one}")
        lies = chance.sample((AHEAD, BEHIND), 2)
        late = chance.uniform(0.0, 0.1) * (ends - begins)
        third = (ends - begins - late) / 3
        for number, ahead in enumerate((lies[0], RIGHT, lies[1])):
            planned.append(Jump(begins + late + number * third, one, ahead))
        planned.append(Jump(ends, one, RIGHT))
    return tuple(sorted(planned, key=lambda jump: jump.at))
