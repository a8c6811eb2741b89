"""What was acknowledged and is not there afterwards."""

from collections.abc import Iterator
from datetime import datetime

from bench.takers import Escalated
from tests.faults.history import WIPE, History, Json, Told

FINAL = frozenset({"done", "declined", "unanswered", "cancelled"})
TIME_OF = {"ringing": "started_at", "queued": "queued_at", "answered": "answered_at", "ended": "ended_at"}
"""Which field of a call tells that one of its events was taken in."""


def lost(history: History) -> Iterator[str]:
    """Name everything acknowledged that one side does not have."""
    yield from history.inputs.refused
    yield from _calls(history)
    yield from _classes(history)
    yield from _escalations(history)
    yield from _offers(history)
    yield from _replies(history)


def _calls(history: History) -> Iterator[str]:
    sides = {
        "intake": {call["call_id"]: call for call in history.states.calls},
        "the desk": {call["call_id"]: call for call in history.states.desk_calls},
    }
    heard = {said.body["call_id"] for said in history.log if said.topic in _tellings(history)}
    for told in history.inputs.heard:
        for side, calls in sides.items():
            yield from _told(told, side, calls.get(told.call_id))
    for call_id in {told.call_id for told in history.inputs.heard} - heard:
        yield f"call {call_id} was acknowledged and never told: no call.received in the log"


def _tellings(history: History) -> frozenset[str]:
    """Return the topics that tell of a call: a new log has its present state alone, as an update."""
    wiped = any(fault.kind == WIPE for fault in history.faults)
    return frozenset({"call.received", "call.updated"} if wiped else {"call.received"})


def _told(told: Told, side: str, call: Json | None) -> Iterator[str]:
    if call is None:
        yield f"call {told.call_id} ({told.event}) was acknowledged and {side} does not have it"
    elif not _knows(call, told.event):
        yield f"call {told.call_id}: {told.event} was acknowledged and {side} does not know it"


def _knows(call: Json, event: str) -> bool:
    """Whether a call tells one of its events; where the exchange's clock went back during it, an answer has no time."""
    if call.get(TIME_OF[event]) is not None:
        return True
    return event == "answered" and call.get("outcome") == "answered" and _went_back(call)


def _went_back(call: Json) -> bool:
    queued, ended = call.get("queued_at"), call.get("ended_at")
    return queued is not None and ended is not None and _moment(ended) < _moment(queued)


def _classes(history: History) -> Iterator[str]:
    given = {call["call_id"]: call["classification"] for call in history.states.desk_calls}
    for one in history.inputs.classified:
        if given.get(one.call_id) != one.classification:
            yield (
                f"call {one.call_id} was classified {one.classification}, acknowledged, "
                f"and the desk tells {given.get(one.call_id)}"
            )


def _escalations(history: History) -> Iterator[str]:
    tickets = {ticket["ticket_id"]: ticket for ticket in history.states.tickets}
    for one in history.inputs.escalated:
        ticket = tickets.get(one.ticket_id)
        if ticket is None:
            yield f"ticket {one.ticket_id} was acknowledged and the desk does not have it"
        elif one.escalation_id not in {told["escalation_id"] for told in ticket["escalations"]}:
            yield f"ticket {one.ticket_id}: its acknowledged escalation {one.escalation_id} is gone"
        yield from _tasks(history, one)


def _tasks(history: History, one: Escalated) -> Iterator[str]:
    asked = {
        task["agency"] for _, task in history.states.tasks() if task["escalation_id"] == one.escalation_id
    }
    for agency in one.agencies:
        if agency not in asked:
            yield f"ticket {one.ticket_id}: {agency} was to be asked and dispatch has no task for it"


def _answered(task: Json, offer: Json, history: History) -> bool:
    """Whether the agency had answered before this offer's time was over: dispatch heard it late, nobody need be asked."""
    due = offer.get("due_at")
    return due is not None and any(
        _moment(said.body["recorded_at"]) < _moment(due)
        for said in history.log
        if said.topic == "agency.replied" and said.body["task_id"] == task["task_id"]
    )


def _called_off(task: Json, offer: Json) -> bool:
    """Whether a task was called off before this offer's time was over: the notifier hears the newest alone."""
    ended, due = task.get("ended_at"), offer.get("due_at")
    if task["status"] != "cancelled" or ended is None or due is None:
        return False
    return _moment(ended) < _moment(due)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _offers(history: History) -> Iterator[str]:
    """Each offer has a message; each message that counts as delivered was received."""
    made = {(one["task_id"], one["step"]) for one in history.states.deliveries}
    received = {request.message_id for request in history.requests}
    for response, task in history.states.tasks():
        for offer in task["offers"]:
            excused = _answered(task, offer, history) or _called_off(task, offer)
            if (task["task_id"], offer["step"]) not in made and not excused:
                yield (
                    f"ticket {response['ticket_id']}: {task['agency']} was offered its task "
                    f"(step {offer['step']}) and no message was made"
                )
    for one in history.states.deliveries:
        if one["status"] == "delivered" and one["delivery_id"] not in received:
            yield f"delivery {one['delivery_id']} to {one['agency']} counts as delivered and was never received"
        if one["status"] == "waiting":
            yield f"delivery {one['delivery_id']} to {one['agency']} still waits"


def _replies(history: History) -> Iterator[str]:
    said = {
        (body["task_id"], body["reply"])
        for body in (one.body for one in history.log if one.topic == "agency.replied")
    }
    tasks = {task["task_id"]: task for _, task in history.states.tasks()}
    for one in history.inputs.replied:
        if (one.task_id, one.reply) not in said:
            yield f"task {one.task_id}: {one.reply} was acknowledged and no agency.replied tells it"
        task = tasks.get(one.task_id)
        if task is not None and one.reply == "done" and task["status"] not in FINAL:
            yield f"task {one.task_id}: done was acknowledged and dispatch tells {task['status']}"
