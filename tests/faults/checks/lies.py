"""What a lying endpoint, or a mail server that hangs, did to anybody else."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby
from types import MappingProxyType

from bench.takers import Escalated
from tests.faults.checks.usual import waited_longer
from tests.faults.checks.waits import asked
from tests.faults.history import Fault, History
from tests.faults.liars import OPENS, Lie, Lied
from tests.faults.noted import FOLLOWED, LIES_TOLD, LYING_AGENCY, MEMORY

TIMES_AS_LONG, ALWAYS_FAST_ENOUGH = 1.2, 0.2
"""The other agencies are asked within so many times their quiet 99th percentile, or so many seconds."""
OPENS_WITHIN, LEFT_ALONE_FOR = 10.0, 5.0
"""Seconds from the first request that an endpoint lied to until it is left alone; the rest lasts 15 s."""
HALF_OF_IT = OPENS_WITHIN / 2
"""Only where a second request came so soon the endpoint's tries can tell."""
MOST_MORE_BYTES = 32 * 1024 * 1024
"""The notifier reads 64 KiB of an answer, in at most 32 tries at once; what waits is some KiB each."""
SOMEBODY_WITHIN = 60.0
"""Seconds: two contacts whose time runs out after 20 s each, and a substitute that is asked then."""


def others_waited(history: History) -> Iterator[str]:
    """Name the other agencies' waiting time where it grew while somebody lied."""
    quiet, storm = _quiet_and_storm(history)
    yield from waited_longer(
        "other agencies were asked",
        quiet,
        storm,
        times=TIMES_AS_LONG,
        seconds=ALWAYS_FAST_ENOUGH,
        when="while endpoints lied",
    )


def _quiet_and_storm(history: History) -> tuple[list[float], list[float]]:
    """Return how long honest agencies waited before the first lie, and while there were lies."""
    faults = _lies(history)
    if not faults:
        return [], []
    first, last = min(one.began for one in faults), max(one.ended for one in faults)
    honest = [one for one in asked(history) if one.agency != LYING_AGENCY]
    quiet = [one.seconds for one in honest if one.at + one.seconds < first]
    return quiet, [one.seconds for one in honest if first <= one.at < last]


def _lies(history: History) -> list[Fault]:
    return [one for one in history.faults if one.program.startswith("/")]


def not_left_alone(history: History) -> Iterator[str]:
    """Name each endpoint that was still asked when it should long have been left alone."""
    judged = dict.fromkeys((fault.kind for fault in _lies(history) if fault.kind in OPENS), 0)
    for fault in (one for one in _lies(history) if one.kind in OPENS):
        requests = [one for one in _told(history) if _belongs(one, fault)]
        judged[fault.kind] += bool(requests) and tells(requests)
        if seen := _still_asked(requests, fault):
            yield (
                f"{fault.program} {fault.kind}, and was asked {seen} times "
                f"later than {OPENS_WITHIN:g} s after it began"
            )
    for kind, count in judged.items():
        if not count:
            yield f"no endpoint that {kind} was asked often enough to tell when it is left alone"


def _still_asked(requests: Sequence[Lied], fault: Fault) -> int:
    """Count the requests in the seconds in which the endpoint rests whenever within the limit it was left alone."""
    if not requests or not tells(requests):
        return 0
    first = requests[0].began
    rests = (first + OPENS_WITHIN, min(first + OPENS_WITHIN + LEFT_ALONE_FOR, fault.ended))
    return sum(1 for one in requests if rests[0] < one.began < rests[1])


def tells(requests: Sequence[Lied]) -> bool:
    """Whether an endpoint was asked often enough that its tries can tell how soon it is left alone."""
    return sum(1 for one in requests if one.began <= requests[0].began + HALF_OF_IT) > 1


def _belongs(one: Lied, fault: Fault) -> bool:
    return one.endpoint == fault.program and one.lie == fault.kind and fault.began <= one.began < fault.ended


def _told(history: History) -> list[Lied]:
    told = (Lied(**{**one, "lie": Lie(one["lie"])}) for one in history.noted[LIES_TOLD])
    return sorted(told, key=lambda one: one.began)


def followed(history: History) -> Iterator[str]:
    """Name redirects that were followed."""
    if count := history.noted[FOLLOWED]:
        yield f"{count} redirects to our own insides were followed"


def grew(history: History) -> Iterator[str]:
    """Name the notifier's memory where it grew with what endpoints answered."""
    first = min((one.began for one in _lies(history)), default=0.0)
    seen = history.noted[MEMORY]
    quiet, storm = [held for at, held in seen if at < first], [held for at, held in seen if at >= first]
    if not quiet or not storm:
        yield "the notifier's memory was not seen"
    elif max(storm) - max(quiet) > MOST_MORE_BYTES:
        yield (
            f"the notifier held {(max(storm) - max(quiet)) / 2**20:.0f} MiB more while endpoints lied, "
            f"over {MOST_MORE_BYTES / 2**20:.0f} MiB"
        )


def other_ids(history: History) -> Iterator[str]:
    """Name messages that a liar got under an id that no delivery has."""
    known = {one["delivery_id"] for one in history.states.deliveries}
    for message, requests in groupby(sorted(one.message_id for one in _told(history))):
        if message not in known:
            yield f"a lying endpoint was asked {len([*requests])} times under {message}, which is no delivery"


def nobody_else_asked(history: History) -> Iterator[str]:
    """Name each escalation to a liar after which nobody of its ladder was reached in time."""
    task_of = {one["delivery_id"]: one["task_id"] for one in history.states.deliveries}
    reached: dict[str, list[float]] = defaultdict(list)
    for request in history.requests:
        reached[task_of.get(request.delivery_id, "")].append(request.at)
    for one in history.inputs.escalated:
        if LYING_AGENCY not in one.agencies or not _while_lying(history, one.at):
            continue
        came = [at for task in _ladder(history, one) for at in reached[task]]
        if not came or min(came) - one.at > SOMEBODY_WITHIN:
            yield (
                f"ticket {one.ticket_id}: {LYING_AGENCY} lied, and {SOMEBODY_WITHIN:g} s later "
                "nobody in its place had a message"
            )


def _while_lying(history: History, at: float) -> bool:
    return any(one.began <= at < one.ended for one in _lies(history))


def _ladder(history: History, one: Escalated) -> set[str]:
    """Return the tasks by which somebody may be asked: the liar's, those in its place, the supervisor's."""
    tasks = [task for _, task in history.states.tasks()]
    own = {
        task["task_id"]
        for task in tasks
        if task["escalation_id"] == one.escalation_id and task["agency"] == LYING_AGENCY
    }
    standing_in = {task["task_id"] for task in tasks if task["stands_in_for"] in own}
    return own | standing_in | {one.ticket_id}


CHECKS = MappingProxyType(
    {
        "others": others_waited,
        "breaker": not_left_alone,
        "memory": grew,
        "redirects": followed,
        "ids": other_ids,
        "ladder": nobody_else_asked,
    }
)
