"""Deadlines: how long each task may stay as it is, and what has run over."""

from dataclasses import replace
from datetime import datetime

from dispatch.domain.plan import Clocks
from dispatch.domain.response import Task
from shared_schemas.vocabulary import Priority, TaskStatus


def wind(task: Task, clocks: Clocks, priority: Priority) -> Task:
    """Set the task's running deadline by the ticket's present priority.

    Every deadline is counted from a server time in the state, so that a ticket that became more
    urgent waits less at once.
    """
    if task.status is TaskStatus.OFFERED and task.offers:
        last = task.offers[-1]
        last = replace(last, due_at=last.at + clocks.acceptance[priority])
        return replace(task, offers=(*task.offers[:-1], last), due_at=last.due_at)
    if task.status in (TaskStatus.ACCEPTED, TaskStatus.EN_ROUTE) and task.acceptance_recorded_at:
        return replace(task, due_at=task.acceptance_recorded_at + clocks.arrival[priority])
    if task.status is TaskStatus.ON_SCENE and task.arrival_recorded_at:
        return replace(task, due_at=task.arrival_recorded_at + clocks.completion[priority])
    return task


def mark_overdue(task: Task, now: datetime) -> Task:
    """Note a deadline for arrival or completion that has passed; the task goes on."""
    if task.due_at is None or now < task.due_at or task.is_overdue:
        return task
    if task.status in (TaskStatus.ACCEPTED, TaskStatus.EN_ROUTE):
        return replace(task, arrival_overdue_at=task.due_at)
    if task.status is TaskStatus.ON_SCENE:
        return replace(task, completion_overdue_at=task.due_at)
    return task
