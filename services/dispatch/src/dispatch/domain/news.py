"""What is new between two states of a response: for the timeline, and which topic tells it."""

from dataclasses import replace
from typing import Literal

from dispatch.domain.response import Response, Task

Topic = Literal["task.assigned", "task.updated"]


def topic(old: Response | None, new: Response) -> Topic | None:
    """Say which topic tells the change, or None where nobody else needs to know."""
    if new.brief is None or (new.has_ended and not new.tasks):
        return None
    if _steps(new) - _steps(old):
        return "task.assigned"
    return "task.updated" if old is None or _public(old) != _public(new) else None


def has_closed(old: Response | None, new: Response) -> bool:
    """Say whether dispatch ended a round of the ticket with this change."""
    before = (old.disposition, old.round) if old else (None, 0)
    return new.disposition is not None and before != (new.disposition, new.round)


def told(old: Response | None, new: Response) -> tuple[str, ...]:
    """Say in short words what happened, such as `damkar accepted` or `bpbd asked: posko`."""
    before = {task.task_id: task for task in old.tasks} if old else {}
    words = [word for task in new.tasks for word in _about(before.get(task.task_id), task)]
    if new.supervisor_calls[-1:] != (old.supervisor_calls[-1:] if old else ()):
        words.append(f"supervisor called: {new.supervisor_calls[-1].contact}")
    if new.has_ended and not (old and old.has_ended):
        words.append(f"response ended: {new.disposition or 'ticket closed'}")
    return tuple(words)


def _about(old: Task | None, new: Task) -> list[str]:
    asked = new.offers[len(old.offers) if old else 0 :]
    words = [f"{new.agency} asked: {offer.contact}" for offer in asked]
    if old and len(old.offers) <= len(new.offers):
        lost = [
            two for one, two in zip(old.offers, new.offers, strict=False) if two.undelivered > one.undelivered
        ]
        words = [f"{new.agency} not reached: {offer.contact}" for offer in lost] + words
    if new.status != (old.status if old else "offered"):
        words.append(f"{new.agency} {new.status}" + (f" ({new.reason})" if new.reason else ""))
    if new.is_overdue and not (old and old.is_overdue):
        words.append(f"{new.agency} overdue")
    if new.gap and new.gap != (old.gap if old else None):
        words.append(f"{new.agency} gap {new.gap}")
    return words


def _steps(response: Response | None) -> set[tuple[str, int]]:
    tasks = response.tasks if response else ()
    return {(task.task_id, offer.step) for task in tasks for offer in task.offers}


def _public(response: Response) -> Response:
    """Return the response without what only dispatch itself uses."""
    shown = replace(
        response,
        early=(),
        supervisor_causes=(),
        supervisor_tries=0,
        ended_round=0,
        closed_round=0,
        configuration_version=0,
    )
    return shown.each(lambda task: replace(task, acceptance_recorded_at=None, arrival_recorded_at=None))
