"""Opening tickets through the API: one person alone, then four at once."""

import time
from dataclasses import dataclass

from bench.desk import Desk, shared
from bench.effort import Effort

MANY = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """Seconds of each ticket's opening, alone and with four people, and how many those opened a second."""

    alone: tuple[float, ...]
    together: tuple[float, ...]
    per_second: float
    processor_ms: dict[str, float]


async def measure_opening(desk: Desk, effort: Effort) -> Opening:
    """Open tickets from calls that lie on the desk."""
    first, second = effort.opened, 3 * effort.opened
    calls = await desk.calls(first + second)
    alone = await shared(desk.wire, "triage", calls[:first], desk.open, people=1)
    before, began = desk.system.processor_seconds(), time.perf_counter()
    together = await shared(desk.wire, "triage", calls[first:], desk.open, people=MANY)
    seconds = time.perf_counter() - began
    spent = {name: now - before[name] for name, now in desk.system.processor_seconds().items()}
    return Opening(
        alone=tuple(one.seconds for one in alone),
        together=tuple(one.seconds for one in together),
        per_second=second / seconds,
        processor_ms={name: used / second * 1000 for name, used in spent.items()},
    )
