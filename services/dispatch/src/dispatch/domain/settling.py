"""What follows from a response's state: the ladder goes on, gaps are looked at, the round ends."""

from dataclasses import replace
from datetime import datetime

from dispatch.domain.clocks import mark_overdue, wind
from dispatch.domain.ladder import ask_next, call_off, fill_gaps, look_at_gaps
from dispatch.domain.plan import Plan
from dispatch.domain.replies import take_early
from dispatch.domain.response import Response, Task
from dispatch.domain.supervision import supervise
from shared_schemas.vocabulary import Disposition, GapStatus, Priority, ResponseStatus, TaskStatus


def settle(response: Response, plan: Plan, now: datetime) -> Response:
    """Return the response after everything that follows from it at this time.

    Settling twice at the same time changes nothing the second time.
    """
    if response.brief is None:
        return response
    priority = response.brief.priority
    settled = _climbed(response, plan, priority, now)
    if not settled.has_ended:
        settled = settled.each(lambda task: mark_overdue(task, now))
        settled = supervise(settled, plan, priority, now)
        settled = _ended_when_over(settled, now)
    return settled if settled == response else replace(settled, configuration_version=plan.version)


def _climbed(response: Response, plan: Plan, priority: Priority, now: datetime) -> Response:
    """Climb until nothing moves: each round asks a contact or an agency that was not asked before."""
    wait = plan.clocks.acceptance[priority]
    while True:
        before = response
        response = response.each(lambda task: wind(task, plan.clocks, priority))
        response = response.each(lambda task: ask_next(task, plan.ladder(task.agency), now, wait))
        response = call_off(fill_gaps(look_at_gaps(take_early(response)), plan), now)
        if response == before:
            return response


def _ended_when_over(response: Response, now: datetime) -> Response:
    """End the round when every task is final and every gap filled or accepted by a person."""
    awaited = any(task.is_open or task.gap is GapStatus.OPEN for task in response.tasks)
    if awaited or not response.tasks:
        return response
    return replace(
        response,
        status=ResponseStatus.ENDED,
        ended_at=now,
        disposition=_disposition(response),
        ended_round=response.round,
    )


def _disposition(response: Response) -> Disposition:
    """Say how this round ended; a task that a person called off was not needed and does not count."""
    asked = [root for root in response.roots() if root.round > response.ended_round]
    wanted = [root for root in asked if root.status is not TaskStatus.CANCELLED]
    helped = [root for root in wanted if _was_helped(response, root)]
    if asked and not wanted:
        return Disposition.CANCELLED
    if len(helped) == len(wanted):
        return Disposition.HELPED
    return Disposition.PARTLY_HELPED if helped else Disposition.NOT_HELPED


def _was_helped(response: Response, root: Task) -> bool:
    return any(task.status is TaskStatus.DONE for task in (root, *response.stand_ins(root)))
