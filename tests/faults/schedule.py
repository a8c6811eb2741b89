"""What is done to the system and when, decided by a seed before anything begins. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tests.faults.history import KILL, PAUSE


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault to come.

    Attributes:
        at: seconds after the first call could ring.
        kind: a kill, a pause, or the loss of the broker's disk.
        programs: whom it hits: the first of these that is running then.
        seconds: how long a pause lasts, or who was killed stays away.
        stand_in: whether a second process does a paused service's work meanwhile, and for a moment after.
        in_the_act: whether it is put to sleep just before writes that follow from what it has read.
    """

    at: float
    kind: str
    programs: tuple[str, ...]
    seconds: float = 0.0
    stand_in: bool = False
    in_the_act: bool = False

    @property
    def ends_at(self) -> float:
        """When the program is let go."""
        return self.at + self.seconds


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often something happens, and for how long; each a range in seconds."""

    kind: str
    every: tuple[float, float]
    lasts: tuple[float, float] = (0.0, 0.0)


KILLS = Rhythm(KILL, every=(2.0, 5.0))
"""Promise 1: a random service every 2–5 s."""


def pauses(longer_than: float) -> Rhythm:
    """Promise 2: asleep for longer than the group waits for a member, one after the other."""
    return Rhythm(PAUSE, every=(6.0, 10.0), lasts=(longer_than + 2.0, longer_than + 6.0))


def plan(
    seed: int, programs: Sequence[str], rhythm: Rhythm, *, begins: float, ends: float
) -> tuple[Planned, ...]:
    """Return the faults of one run; no pause is begun that would last longer than the storm."""
    chance = random.Random(f"{seed} {rhythm.kind}")
    planned: list[Planned] = []
    at = begins
    while True:
        at += chance.uniform(*rhythm.every)
        order = tuple(chance.sample(sorted(programs), len(programs)))
        one = Planned(at, rhythm.kind, order, chance.uniform(*rhythm.lasts), stand_in=rhythm.kind == PAUSE)
        if one.ends_at > ends:
            return tuple(planned)
        planned.append(one)
        at = one.ends_at
