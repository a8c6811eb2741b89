"""What one tenant's flood did to others, and to those who called there for the first time."""

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from bench.percentiles import percentile
from tests.faults.checks.usual import waited_longer
from tests.faults.checks.waits import acknowledged, asked
from tests.faults.history import Fault, History
from tests.faults.noted import FIRST, FLOOD, LATE, OTHER, REACHED

TIMES_AS_LONG, ALWAYS_FAST_ENOUGH = 2.0, 0.5
"""Others wait so many times their quiet 99th percentile at most, or so many seconds."""
FIRST_WITHIN = 2.0
"""Seconds from a first-time caller's first ring until the call is on the desk's list."""
GENERATOR_LATE_MOST = 0.1
"""Seconds by which 99 of 100 events may be told late by the load generator itself."""


def others_waited(history: History) -> Iterator[str]:
    """Name what the other tenants waited longer for while one was flooded."""
    flood = _flood(history)
    for name, waited in _of_others(history, flood.program).items():
        quiet = [seconds for at, seconds in waited if at + seconds < flood.began]
        storm = [seconds for at, seconds in waited if flood.began <= at < flood.ended]
        yield from waited_longer(
            f"others' calls were {name}",
            quiet,
            storm,
            times=TIMES_AS_LONG,
            seconds=ALWAYS_FAST_ENOUGH,
            when="during the flood",
        )


def _of_others(history: History, flooded: str) -> dict[str, list[tuple[float, float]]]:
    waits: dict[str, Iterable[tuple[float, float]]] = {
        "acknowledged": ((one.at, one.seconds) for one in acknowledged(history) if one.tenant != flooded),
        "on the desk's list": (
            (at, seconds) for kind, at, seconds in history.noted[REACHED] if kind == OTHER
        ),
        "brought to their agencies": ((one.at, one.seconds) for one in asked(history)),
    }
    return {name: list(waited) for name, waited in waits.items()}


def first_callers_waited(history: History) -> Iterator[str]:
    """Name how long those waited who called the flooded tenant for the first time."""
    waited = [seconds for kind, _, seconds in history.noted[REACHED] if kind == FIRST]
    if not waited:
        yield "nobody called the flooded tenant for the first time"
    elif (found := percentile(waited, 0.99)) > FIRST_WITHIN:
        yield (
            f"first-time callers of the flooded tenant were on the desk's list with a p99 of {found:.1f} s "
            f"(median {percentile(waited, 0.5):.2f} s), over {FIRST_WITHIN:g} s"
        )


def generator_was_late(history: History) -> Iterator[str]:
    """Name the load generator's own lateness: then nothing above was measured as it was meant."""
    late = percentile(history.noted[LATE], 0.99)
    if late > GENERATOR_LATE_MOST:
        yield f"the load generator told its events with a p99 of {late:.3f} s too late, over {GENERATOR_LATE_MOST} s"


def _flood(history: History) -> Fault:
    (flood,) = (fault for fault in history.faults if fault.kind == FLOOD)
    return flood


CHECKS = MappingProxyType(
    {"others": others_waited, "first callers": first_callers_waited, "generator": generator_was_late}
)
