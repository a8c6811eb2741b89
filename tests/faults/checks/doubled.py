"""What was done once and had its effect twice."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise

from tests.faults.history import REPLICA, RESTART, Fault, History, Request

EXPLAINS_A_REPEAT = frozenset({"agency-notifier", "store"})
"""Who must have been killed or paused between two equal messages: who sends them, or who keeps that it did."""
EXPLAINS_NOTHING = frozenset({RESTART, REPLICA})
"""Who is asked to end ends what it has in hand."""
CLOCKS_DIFFER = 1.0
"""Seconds between a message's arrival and the moment that was written down for it, at most."""
IN_FLIGHT = 15.0
"""Seconds that a try lasts at most: who is killed later had written down how it ended."""


def doubled(history: History) -> Iterator[str]:
    """Name every effect that happened twice, and every repeat that is not one."""
    yield from _tickets(history)
    yield from _tasks(history)
    yield from _deliveries(history)
    yield from _messages(history)
    yield from _repeats(history)
    yield from _replies(history)


def _tickets(history: History) -> Iterator[str]:
    of_call = Counter(call for ticket in history.states.tickets for call in ticket["calls"])
    for call, count in of_call.items():
        if count > 1:
            yield f"call {call} has {count} tickets"
    numbers = Counter((one["tenant"], one["number"]) for one in history.states.tickets)
    for (_, number), count in numbers.items():
        if count > 1:
            yield f"ticket number {number} was given {count} times"
    wanted = Counter(one.ticket_id for one in history.inputs.escalated)
    for ticket in history.states.tickets:
        if wanted[ticket["ticket_id"]] and len(ticket["escalations"]) > wanted[ticket["ticket_id"]]:
            yield (
                f"ticket {ticket['ticket_id']} was escalated {wanted[ticket['ticket_id']]} times "
                f"and has {len(ticket['escalations'])} escalations"
            )


def _tasks(history: History) -> Iterator[str]:
    asked = Counter(
        (task["escalation_id"], task["agency"])
        for _, task in history.states.tasks()
        if not task["stands_in_for"]
    )
    for (escalation, agency), count in asked.items():
        if count > 1:
            yield f"escalation {escalation}: {agency} has {count} tasks"


def _deliveries(history: History) -> Iterator[str]:
    """One step of one task is one delivery, in the log as in the store."""
    told = [one.body for one in history.log if one.topic == "notification.updated"]
    ids: dict[tuple[str, int], set[str]] = defaultdict(set)
    for one in (*told, *history.states.deliveries):
        ids[one["task_id"], one["step"]].add(one["delivery_id"])
    for (task, step), found in ids.items():
        if len(found) > 1:
            yield f"task {task}, step {step} has {len(found)} delivery ids: {', '.join(sorted(found))}"


def _messages(history: History) -> Iterator[str]:
    """A message carries its delivery's id, which the notifier knows; no contact gets a task under two."""
    known = {one["delivery_id"]: one for one in history.states.deliveries}
    under: dict[tuple[str, str], set[str]] = defaultdict(set)
    for request in history.requests:
        if request.message_id != request.delivery_id:
            yield (
                f"delivery {request.delivery_id} reached {request.agency} under another id, "
                f"{request.message_id}"
            )
        if request.delivery_id not in known:
            yield f"{request.agency} was sent {request.delivery_id}, which the notifier does not know"
        else:
            under[known[request.delivery_id]["task_id"], request.contact].add(request.message_id)
    offered = Counter(
        (task["task_id"], offer["contact"]) for _, task in history.states.tasks() for offer in task["offers"]
    )
    for (task, contact), ids in under.items():
        if (task, contact) in offered and len(ids) > offered[task, contact]:
            yield (
                f"task {task}: {contact} was offered it {offered[task, contact]} times "
                f"and got it under {len(ids)} ids"
            )


def _repeats(history: History) -> Iterator[str]:
    """Each repeat has its own kill or pause, in which the message before it was under way."""
    of_id: dict[str, list[Request]] = defaultdict(list)
    for request in sorted(history.requests, key=lambda one: one.at):
        of_id[request.message_id].append(request)
    explaining = [
        fault
        for fault in sorted(history.faults, key=lambda one: one.ended)
        if fault.program in EXPLAINS_A_REPEAT and fault.kind not in EXPLAINS_NOTHING and not fault.at_rest
    ]
    for message, requests in of_id.items():
        left = list(explaining)
        for before, after in pairwise(requests):
            why = next((fault for fault in left if _cut_off(before, after, fault)), None)
            if why is None:
                yield (
                    f"message {message} reached {after.agency} again after {after.at - before.at:.1f} s, "
                    "and nothing was killed while it was under way"
                )
            else:
                left.remove(why)


def _cut_off(before: Request, after: Request, fault: Fault) -> bool:
    """Whether a fault began while a message was under way, or the message was sent during it."""
    under_way = fault.touches(before.at - CLOCKS_DIFFER, before.at + IN_FLIGHT)
    return under_way and fault.began <= after.at


def _replies(history: History) -> Iterator[str]:
    once = {
        (one.body["task_id"], one.body["reply"], one.subject)
        for one in history.log
        if one.topic == "agency.replied"
    }
    for (task, reply), count in Counter((task, reply) for task, reply, _ in once).items():
        if count > 1:
            yield f"task {task}: {reply} was said once and is {count} facts"
