"""The ladder: the next contact, then the next agency, in the place of one that brings no help."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.domain.plan import Ladder, Plan
from dispatch.domain.response import NO_LONGER_NEEDED, WITHOUT_HELP, Offer, Response, Task
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import GapStatus, TaskStatus


def ask(task: Task, contact: str, now: datetime, wait: timedelta) -> Task:
    """Return the task offered to one more contact."""
    offer = Offer(len(task.offers) + 1, contact, now, now + wait)
    return replace(task, offers=(*task.offers, offer), due_at=offer.due_at)


def ask_next(task: Task, ladder: Ladder, now: datetime, wait: timedelta) -> Task:
    """Ask the next contact when the present one was silent or not reached; after the last, end."""
    if task.status is not TaskStatus.OFFERED or _is_being_asked(task, now):
        return task
    asked = {offer.contact for offer in task.offers}
    contact = next((one for one in ladder.contacts if one not in asked), None)
    if contact is None:
        return task.ended(TaskStatus.UNANSWERED, now, _why_unanswered(task))
    return ask(task, contact, now, wait)


def _is_being_asked(task: Task, now: datetime) -> bool:
    if not task.offers:
        return False
    last = task.offers[-1]
    return now < last.due_at and not last.undelivered


def _why_unanswered(task: Task) -> str:
    if not task.offers:
        return "no_contact"
    return "not_delivered" if all(offer.undelivered for offer in task.offers) else "no_answer"


def look_at_gaps(response: Response) -> Response:
    """Say of every place left without help whether it is open or filled by a stand-in."""
    for root in response.roots():
        gap = _gap(response, root)
        if gap is not root.gap:
            response = response.with_task(replace(root, gap=gap))
    return response


def _gap(response: Response, root: Task) -> GapStatus | None:
    if root.status not in WITHOUT_HELP:
        return None
    if root.gap is GapStatus.ACCEPTED:
        return root.gap
    filled = any(task.is_helping for task in response.stand_ins(root))
    return GapStatus.FILLED if filled else GapStatus.OPEN


def fill_gaps(response: Response, plan: Plan) -> Response:
    """Ask the next substitute for every open gap that nobody is being asked about."""
    for root in response.roots():
        stand_ins = response.stand_ins(root)
        if root.gap is not GapStatus.OPEN or any(task.is_open for task in stand_ins):
            continue
        tried = {root.agency} | {task.agency for task in stand_ins if not _was_called_off(task)}
        untried = (one for one in plan.ladder(root.agency).substitutes if one not in tried)
        response = response.with_more(tuple(stand_in(response, root, agency) for agency in _first(untried)))
    return response


def call_off(response: Response, now: datetime) -> Response:
    """Take the offer back from stand-ins that have not answered where none is needed any more."""
    unneeded = {root.task_id for root in response.roots() if root.gap is not GapStatus.OPEN}

    def look(task: Task) -> Task:
        if task.stands_in_for in unneeded and task.status is TaskStatus.OFFERED:
            return task.ended(TaskStatus.CANCELLED, now, NO_LONGER_NEEDED)
        return task

    return response.each(look)


def stand_in(response: Response, root: Task, agency: str) -> Task:
    """Return a new task in the place of another; its id follows from that task, agency and count."""
    count = 1 + sum(task.agency == agency for task in response.stand_ins(root))
    return Task(
        task_id=derived_id(response.tenant, "stand-in", root.task_id, agency, str(count)),
        escalation_id=root.escalation_id,
        round=root.round,
        agency=agency,
        stands_in_for=root.task_id,
    )


def _was_called_off(task: Task) -> bool:
    return task.status is TaskStatus.CANCELLED and task.reason == NO_LONGER_NEEDED


def _first(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(names)[:1]
