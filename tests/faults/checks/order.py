"""What went back: a sequence, a state, or a store behind what it had told."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.faults.history import History, Json, Said

STAGES = ("ringing", "queued", "answered", "ended")
STEPS = ("offered", "accepted", "en_route", "on_scene", "done")
"""A task's way; a task may leave it for another end, and an unanswered one may be taken after all."""


def went_back(history: History) -> Iterator[str]:
    """Name every state that is older than one that was told, and two tellings of one sequence that differ."""
    of_aggregate: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for said in history.log:
        of_aggregate[said.about].append(said)
    for (source, subject), told in of_aggregate.items():
        name = f"{source}'s {subject}"
        yield from _differ(name, told)
        told.sort(key=lambda one: one.sequence)
        for before, after in pairwise(told):
            yield from _shrank(name, before, after)
    yield from _behind(history, of_aggregate)


def _differ(name: str, told: list[Said]) -> Iterator[str]:
    bodies: dict[tuple[str, int], list[Json]] = defaultdict(list)
    for one in told:
        bodies[one.topic, one.sequence].append(one.body)
    for (topic, sequence), found in bodies.items():
        fields = sorted({field for one in found[1:] for field in _other_fields(found[0], one)})
        if fields:
            yield f"{name}: sequence {sequence} was told on {topic} as different states: {', '.join(fields)}"


def _other_fields(one: Json, other: Json) -> set[str]:
    """Return what both tell, and differently; a field that only one knows was added by a newer program."""
    return {name for name in {*one} & {*other} if one[name] != other[name]}


def _shrank(name: str, before: Said, after: Said) -> Iterator[str]:
    """Whatever only grows must not be less in a later state."""
    if before.topic == "ticket.closed" or after.topic == "ticket.closed":
        return
    was, now = _grows(before.body), _grows(after.body)
    for what, count in was.items():
        if what in now and now[what] < count:
            yield (
                f"{name}: {what} went from {count} back to {now[what]} "
                f"between sequence {before.sequence} and {after.sequence}"
            )


def _grows(body: Json) -> dict[str, int]:
    grows = {name: len(body[name]) for name in ("escalations", "attempts", "calls") if name in body}
    grows |= {"round": body["round"]} if "round" in body else {}
    if body.get("stage") in STAGES:
        grows["stage"] = STAGES.index(body["stage"])
    for task in body.get("tasks", ()):
        grows |= _task(task)
    return grows


def _task(task: Json) -> dict[str, int]:
    name = f"task {task['task_id']}"
    grows: dict[str, Any] = {f"{name} offers": len(task["offers"])}
    if task["status"] in STEPS:
        grows[name] = STEPS.index(task["status"])
    return grows


def _behind(history: History, told: dict[tuple[str, str], list[Said]]) -> Iterator[str]:
    newest = {about: max(one.sequence for one in said) for about, said in told.items()}
    sides = (
        ("intake", "call/", "call_id", history.states.calls),
        ("triage", "call/", "call_id", history.states.desk_calls),
        ("triage", "ticket/", "ticket_id", history.states.tickets),
        ("dispatch", "response/", "ticket_id", history.states.responses),
        ("agency-notifier", "delivery/", "delivery_id", history.states.deliveries),
    )
    for source, prefix, key, states in sides:
        for state in states:
            subject = f"{prefix}{state[key]}"
            if newest.get((source, subject), 0) > state["version"]:
                yield (
                    f"{source} told sequence {newest[source, subject]} of {subject} "
                    f"and its store is back at {state['version']}"
                )
