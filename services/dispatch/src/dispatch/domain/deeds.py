"""What a person can do with a response: call a task off, accept a gap, have somebody asked again."""

from dataclasses import replace
from datetime import datetime

from dispatch.domain.facts import NotDelivered
from dispatch.domain.ladder import ask, stand_in
from dispatch.domain.plan import Plan
from dispatch.domain.response import Offer, Response, Task
from dispatch.domain.settling import settle
from service_kit.decisions import NotPossible, Unknown
from shared_schemas.vocabulary import GapStatus, TaskStatus

CANCEL = "cancellation"
ACCEPT_GAP = "gap"
OFFER = "offers"


def cancel(
    response: Response, task_id: str, reason: str, plan: Plan, now: datetime
) -> Response | NotPossible | Unknown:
    """Call a task off; the person's reason also accepts the gap it leaves.

    A stand-in that is called off leaves its gap open: the ladder goes on.
    """
    task = response.task(task_id)
    if task is None:
        return Unknown()
    if not task.is_open:
        return NotPossible("already_final", possible(response, task))
    ended = task.ended(TaskStatus.CANCELLED, now, reason)
    if task.stands_in_for is None:
        ended = replace(ended, gap=GapStatus.ACCEPTED, gap_reason=reason)
    return settle(response.with_task(ended), plan, now)


def accept_gap(
    response: Response, task_id: str, reason: str, plan: Plan, now: datetime
) -> Response | NotPossible | Unknown:
    """Decide to do without this agency and its stand-ins; whoever is only being asked is called off."""
    task = response.task(task_id)
    if task is None:
        return Unknown()
    root = response.root_of(task)
    if root.gap is not GapStatus.OPEN:
        return NotPossible("no_open_gap", possible(response, task))
    accepted = replace(root, gap=GapStatus.ACCEPTED, gap_reason=reason)
    return settle(response.with_task(accepted), plan, now)


def offer_again(
    response: Response, task_id: str, contact: str | None, plan: Plan, now: datetime
) -> Response | NotPossible | Unknown:
    """Ask the agency once more: the named contact, or the one after the last that was asked.

    A task that has ended stays ended: its open gap gets a new task of the same agency.
    """
    task = response.task(task_id)
    if task is None:
        return Unknown()
    if OFFER not in possible(response, task):
        return NotPossible(_why_not_offered(task), possible(response, task))
    contacts = plan.ladder(task.agency).contacts
    chosen = contact or _following(contacts, task.offers)
    if chosen not in contacts:
        return NotPossible("no_such_contact", contacts)
    wait = plan.clocks.acceptance[response.brief.priority] if response.brief else None
    if wait is None:
        return Unknown()
    if task.is_open:
        return settle(response.with_task(ask(task, chosen, now, wait)), plan, now)
    again = ask(stand_in(response, response.root_of(task), task.agency), chosen, now, wait)
    return settle(response.with_more((again,)), plan, now)


def possible(response: Response, task: Task) -> tuple[str, ...]:
    """Name what a person can do about a task now."""
    gap_is_open = response.root_of(task).gap is GapStatus.OPEN
    can = {
        CANCEL: task.is_open,
        ACCEPT_GAP: gap_is_open,
        OFFER: task.status is TaskStatus.OFFERED or (gap_is_open and not task.is_open),
    }
    return tuple(name for name, now_possible in can.items() if now_possible)


def hear_not_delivered(response: Response, fact: NotDelivered, plan: Plan, now: datetime) -> Response:
    """Do not wait for a contact that no channel reaches: the ladder goes on now."""
    task = response.task(fact.task_id)
    if task is None or task.status is not TaskStatus.OFFERED or len(task.offers) != fact.step:
        return response
    lost = replace(task.offers[-1], undelivered=True)
    return settle(response.with_task(replace(task, offers=(*task.offers[:-1], lost))), plan, now)


def _following(contacts: tuple[str, ...], offers: tuple[Offer, ...]) -> str | None:
    if not contacts:
        return None
    last = offers[-1].contact if offers else None
    return contacts[(contacts.index(last) + 1) % len(contacts)] if last in contacts else contacts[0]


def _why_not_offered(task: Task) -> str:
    return "already_accepted" if task.is_helping else "no_open_gap"
