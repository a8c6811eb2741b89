"""What a ticket's news does to its response."""

from dataclasses import replace
from datetime import datetime

from dispatch.domain.facts import Closing, Ticket
from dispatch.domain.plan import Plan
from dispatch.domain.response import TICKET_CLOSED, Response, Task
from dispatch.domain.settling import settle
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import GapStatus, ResponseStatus, TaskStatus


def hear_ticket(response: Response | None, ticket: Ticket, plan: Plan, now: datetime) -> Response | None:
    """Offer what the ticket's escalations ask for and has not been offered; None: nothing to do.

    Effects follow from the state, never from the topic: a ticket's event lists all escalations, and
    the task of each escalation and agency is made once.
    """
    if response is None and not ticket.escalations:
        return None
    known = response or Response(ticket.tenant, ticket.ticket_id)
    known = replace(known, brief=ticket.brief)
    if ticket.closed:
        return _closed(known, ticket.round, now)
    more = _missing_tasks(known, ticket)
    if more or not known.has_ended:
        known = replace(known, round=max(known.round, ticket.round))
    return settle(_opened(known, more, now), plan, now)


def hear_closing(response: Response | None, closing: Closing, now: datetime) -> Response | None:
    """Call off what is open when triage closes the ticket; None: it was never escalated."""
    if response is None and closing.round == 0:
        return None
    return _closed(response or Response(closing.tenant, closing.ticket_id), closing.round, now)


def _missing_tasks(response: Response, ticket: Ticket) -> tuple[Task, ...]:
    wanted = [
        Task(
            task_id=derived_id(ticket.tenant, "task", ticket.ticket_id, one.escalation_id, agency),
            escalation_id=one.escalation_id,
            round=one.round,
            agency=agency,
        )
        for one in ticket.escalations
        if one.round > response.closed_round
        for agency in dict.fromkeys(one.agencies)
    ]
    return tuple(task for task in wanted if response.task(task.task_id) is None)


def _opened(response: Response, more: tuple[Task, ...], now: datetime) -> Response:
    """Add tasks; an ended response is active again and its next end is told anew."""
    if not more:
        return response
    fresh = replace(response.with_more(more), opened_at=response.opened_at or now)
    if not response.has_ended:
        return fresh
    return replace(fresh, status=ResponseStatus.ACTIVE, ended_at=None, disposition=None)


def _closed(response: Response, round_: int, now: datetime) -> Response:
    noted = replace(response, closed_round=max(response.closed_round, round_))
    if noted.has_ended or round_ < noted.round:
        return noted
    return replace(
        noted.each(lambda task: _called_off(task, now)),
        status=ResponseStatus.ENDED,
        ended_at=now,
        ended_round=noted.round,
        supervisor_causes=(),
        supervisor_tries=0,
    )


def _called_off(task: Task, now: datetime) -> Task:
    ended = task.ended(TaskStatus.CANCELLED, now, TICKET_CLOSED) if task.is_open else task
    leaves_gap = ended.stands_in_for is None and (task.is_open or task.gap is GapStatus.OPEN)
    return replace(ended, gap=GapStatus.ACCEPTED, gap_reason=TICKET_CLOSED) if leaves_gap else ended
