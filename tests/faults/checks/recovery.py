"""How long it took until nobody waited longer than usual: latencies beside the last fault."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bench.percentiles import percentile
from tests.faults.checks.waits import ACKNOWLEDGED, ASKED, DECIDED, Waited, acknowledged, asked, decided
from tests.faults.history import History

WITHIN: Mapping[str, float] = {ACKNOWLEDGED: 0.25, DECIDED: 5.0, ASKED: 5.0}
"""Seconds that are always normal: intake's answer, the desk's, and the way from its decision to the agency."""
TIMES_AS_LONG = 2.0
"""Where the quiet machine itself takes longer, so many times its own 99th percentile is normal."""
LATE_MOST = 0.01
"""So many of the acts that follow may be late where all is normal: the limits are 99th percentiles."""


@dataclass(frozen=True, slots=True)
class Recovery:
    """When one kind of act was normal again.

    Attributes:
        limit: what counted as normal, in seconds.
        after: seconds from the last fault until, from then on, 99 of 100 acts were in time.
        calm: how many acts began after the last fault.
    """

    kind: str
    limit: float
    after: float
    calm: int


def not_recovered(history: History) -> Iterator[str]:
    """Name each kind of act that was not normal again in time, or of which too little was seen to tell."""
    for one in recoveries(history):
        if one.calm == 0:
            yield f"nothing was {one.kind} after the last fault, so nobody can tell whether it is normal again"
        elif one.after > history.normal_again_within:
            yield (
                f"{one.after:.1f} s after the last fault something was still {one.kind} late "
                f"(over {one.limit:.2f} s)"
            )


def recoveries(history: History) -> tuple[Recovery, ...]:
    """Return each kind's recovery; nothing where nothing was done to the system."""
    last = history.last_fault_ended
    if last is None:
        return ()
    waited = [*acknowledged(history), *decided(history), *asked(history)]
    first = min(fault.began for fault in history.faults)
    return tuple(_recovery([one for one in waited if one.kind == kind], kind, first, last) for kind in WITHIN)


def _recovery(waited: Sequence[Waited], kind: str, first: float, last: float) -> Recovery:
    quiet = [one.seconds for one in waited if one.at + one.seconds < first]
    usual = percentile(quiet, 0.99) if quiet else 0.0
    limit = max(WITHIN[kind], TIMES_AS_LONG * usual)
    calm = [one for one in waited if one.at >= last]
    return Recovery(kind, limit, _normal_after(calm, limit, last), len(calm))


def _normal_after(calm: Sequence[Waited], limit: float, last: float) -> float:
    """Return the seconds from which on 99 of 100 acts were in time, and none had no end."""
    late = sorted((one for one in calm if one.seconds > limit), key=lambda one: one.at)
    after = 0.0
    for number, one in enumerate(late):
        following = sum(1 for act in calm if act.at - last >= after)
        endless = any(act.seconds == float("inf") for act in late[number:])
        if not endless and len(late) - number <= LATE_MOST * following:
            return after
        after = one.at - last
    return after
