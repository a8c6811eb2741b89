"""How much is measured: in full, in short, or only whether the bench itself works."""

from collections.abc import Mapping
from dataclasses import dataclass

from bench.arrivals import Steady


class SizeUnknown(ValueError):
    """BENCH names no size."""


@dataclass(frozen=True, slots=True)
class Size:
    """One size of the bench.

    Attributes:
        calls_per_second: the mean of the random arrivals.
        ticket_every: of so many calls one becomes a ticket that is escalated.
        backlog_tickets: tickets in the backlog that dispatch catches up on, two events each.
        repetitions: how often ours and the floor take turns.
        flow_calls: calls that go from a report to the agencies in one turn of the whole flow.
        waiting_calls: calls that services find when they come back while others come, two events each.
        observed: the calls under which it is looked what one of them costs.
        fresh_clone: whether a fresh clone is set up (it needs the package index).
    """

    name: str
    calls: int
    calls_per_second: float
    ticket_every: int
    backlog_tickets: int
    repetitions: int
    flow_calls: int
    waiting_calls: int
    observed: Steady
    fresh_clone: bool


FULL = Size("full", 120, 1.0, 2, 1_000, 5, 100, 5_000, Steady.lasting(60, 5.0), fresh_clone=True)
QUICK = Size("quick", 60, 5.0, 2, 500, 2, 60, 500, Steady.lasting(20, 5.0), fresh_clone=False)
SMOKE = Size("smoke", 6, 3.0, 2, 400, 1, 16, 200, Steady.lasting(2, 3.0), fresh_clone=False)


def size_of(environ: Mapping[str, str]) -> Size:
    """Return the size that BENCH names; the full one where it names none.

    Raises:
        SizeUnknown: with the sizes there are.
    """
    sizes = {size.name: size for size in (FULL, QUICK, SMOKE)}
    name = environ.get("BENCH") or FULL.name
    if name not in sizes:
        raise SizeUnknown(f"BENCH={name}: take one of {', '.join(sizes)}")
    return sizes[name]
