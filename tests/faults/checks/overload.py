"""What too much work did: less done than the machine holds, the urgent behind the others, or no end in time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from bench.percentiles import percentile
from tests.faults.checks.recovery import WITHIN
from tests.faults.checks.waits import ASKED
from tests.faults.checks.waits import asked as all_asked
from tests.faults.history import Fault, History

URGENT, GOODPUT = "urgent behind", "goodput"
CAPACITY = "capacity"
"""Where an act notes how many calls a second the machine holds (C)."""
GOODPUT_LEAST = 0.9
BEGINS_AFTER = 10.0
"""Seconds of the storm after which as many calls should be finished as are held: the first ones ring meanwhile."""
NORMAL_WITHIN = 15.0
"""Whatever the backlog: as after any other fault."""
MOST_URGENT = "P1"
COMPARED = (0.5, 0.9)
HALF = 0.5


def urgent_behind(history: History) -> Iterator[str]:
    """Say when agencies were asked later about what is most urgent than about the rest, in the storm and its end."""
    storm = _storm(history)
    if storm is None:
        return
    priority = {one["ticket_id"]: one["priority"] for one in history.states.tickets}
    waited: dict[bool, list[float]] = {True: [], False: []}
    tickets = [one.ticket_id for one in history.inputs.escalated for _ in one.agencies]
    for one, ticket in zip(all_asked(history), tickets, strict=True):
        if one.at >= storm.began:
            waited[priority.get(ticket) == MOST_URGENT].append(one.seconds)
    if not (waited[True] and waited[False]):
        yield f"nobody was asked about both {MOST_URGENT} and less, so nobody can tell who goes first"
        return
    for share in COMPARED:
        urgent, rest = percentile(waited[True], share), percentile(waited[False], share)
        if urgent > WITHIN[ASKED] and urgent >= rest:
            yield (
                f"{MOST_URGENT} waited {urgent:.1f} s (of {len(waited[True])}) and the rest {rest:.1f} s "
                f"(of {len(waited[False])}), both the {share:.0%} of the quick"
            )


def too_little_done(history: History) -> Iterator[str]:
    """Say when less was finished in the storm than the machine holds."""
    storm, capacity = _storm(history), float(history.noted.get(CAPACITY, 0))
    if storm is None or not capacity:
        yield "no storm was seen, so nobody can tell what is done in one"
        return
    rate = goodput(history)
    if rate < GOODPUT_LEAST * capacity:
        yield f"{rate:.2f} calls/s were finished in the storm, less than {GOODPUT_LEAST:.0%} of C = {capacity:g}"


def goodput(history: History) -> float:
    """Return how many calls a second came to their class, or to all their agencies, in the storm."""
    storm = _storm(history)
    if storm is None:
        return 0.0
    begins = storm.began + BEGINS_AFTER
    done = sum(1 for at in finished(history).values() if begins <= at <= storm.ended)
    return done / max(1.0, storm.ended - begins)


def backlog(history: History) -> int:
    """Return how many calls were answered in the storm and not finished at its end."""
    storm = _storm(history)
    return len(_left(history, storm)) if storm else 0


def allowed_to_heal(history: History) -> float:
    """Return the backlog ÷ half the rate at which the same run worked in the storm, in seconds.

    That rate is at least what must be done in a storm: whatever was slow all the time excuses nothing.
    """
    rate = max(goodput(history), GOODPUT_LEAST * float(history.noted.get(CAPACITY, 0)))
    return max(NORMAL_WITHIN, backlog(history) / (HALF * rate)) if rate else NORMAL_WITHIN


def _left(history: History, storm: Fault) -> Sequence[float]:
    """Return when each call was finished that waited at the storm's end; one that never was has no end."""
    done = finished(history)
    waiting = {
        told.call_id
        for told in history.inputs.told
        if told.event == "answered" and told.intended_at <= storm.ended
    }
    return [at for call in waiting if (at := done.get(call, float("inf"))) > storm.ended]


def finished(history: History) -> Mapping[str, float]:
    """Return when each call came to its class, as the desk told it first, or when its last agency was asked."""
    first = _classified(history)
    calls = [one.call_id for one in history.inputs.escalated for _ in one.agencies]
    for one, call in zip(all_asked(history), calls, strict=True):
        first[call] = max(one.at + one.seconds, first.get(call, 0.0))
    return first


def _classified(history: History) -> dict[str, float]:
    first: dict[str, float] = {}
    for said in history.log:
        desk = said.body.get("desk") if said.source == "triage" and said.topic == "call.updated" else None
        if desk and desk.get("classification"):
            call = said.body["call_id"]
            first[call] = min(said.at, first.get(call, said.at))
    return first


def _storm(history: History) -> Fault | None:
    return max(history.faults, key=lambda fault: fault.ended, default=None)


CHECKS: Mapping[str, Callable[[History], Iterator[str]]] = MappingProxyType(
    {URGENT: urgent_behind, GOODPUT: too_little_done}
)
