"""What an agency's word does to its task: any order, any repeat, never back."""

from dataclasses import replace
from datetime import datetime

from dispatch.domain.facts import Reply
from dispatch.domain.response import EARLY_REPLIES_KEPT, Response, Task
from shared_schemas.vocabulary import GapStatus, ReplyKind, TaskStatus

_STEPS = (ReplyKind.ACCEPTED, ReplyKind.EN_ROUTE, ReplyKind.ON_SCENE, ReplyKind.DONE)
_REACHED = {
    TaskStatus.ACCEPTED: 0,
    TaskStatus.EN_ROUTE: 1,
    TaskStatus.ON_SCENE: 2,
    TaskStatus.DONE: 3,
}


def hear_reply(response: Response, reply: Reply) -> Response:
    """Fold one reply in; one about a task that is not there yet is kept until it is.

    Any contact of the agency answers for it, also after the offer moved on. The end of a task is
    never taken back, with one exception: a late yes to a task that went unanswered is help, as
    long as nobody else has filled its place.
    """
    task = response.task(reply.task_id)
    if task is None:
        return _kept_early(response, reply)
    if task.agency != reply.agency:
        return response
    if reply.kind is ReplyKind.DECLINED:
        return response.with_task(_declined(task, reply))
    gap_is_open = response.root_of(task).gap is GapStatus.OPEN
    return response.with_task(_told(task, reply, gap_is_open=gap_is_open))


def take_early(response: Response) -> Response:
    """Fold in the replies that came before their tasks and have them now."""
    ready = [reply for reply in response.early if response.task(reply.task_id) is not None]
    response = replace(response, early=tuple(reply for reply in response.early if reply not in ready))
    for reply in ready:
        response = hear_reply(response, reply)
    return response


def _kept_early(response: Response, reply: Reply) -> Response:
    kept = {one.reply_id: one for one in (*response.early, reply)}
    ordered = sorted(kept.values(), key=lambda one: (one.recorded_at, one.reply_id))
    return replace(response, early=tuple(ordered[-EARLY_REPLIES_KEPT:]))


def _declined(task: Task, reply: Reply) -> Task:
    if task.status.is_final:
        return task
    return task.ended(TaskStatus.DECLINED, reply.occurred_at, reply.reason)


def _told(task: Task, reply: Reply, *, gap_is_open: bool) -> Task:
    """Move the task on, or only complete its times where the agency itself has ended it."""
    if task.status is TaskStatus.CANCELLED:
        return task
    if task.status is TaskStatus.UNANSWERED:
        return _moved(_revived(task), reply) if gap_is_open else task
    if task.status is TaskStatus.DECLINED:
        return _timed(task, reply)
    return _moved(task, reply)


def _revived(task: Task) -> Task:
    return replace(task, status=TaskStatus.OFFERED, ended_at=None, reason="", gap=None)


def _moved(task: Task, reply: Reply) -> Task:
    timed = _timed(task, reply)
    if reply.kind is ReplyKind.DONE:
        timed = replace(timed, ended_at=_earlier(task.ended_at, reply.occurred_at), due_at=None)
    told = TaskStatus(reply.kind.value)
    further = _REACHED[told] > _REACHED.get(task.status, -1)
    return replace(timed, status=told) if further else timed


def _timed(task: Task, reply: Reply) -> Task:
    """Fill in the times that the reply tells or implies; the earliest word on each counts."""
    far = _STEPS.index(reply.kind)
    happened, recorded = reply.occurred_at, reply.recorded_at
    task = replace(
        task,
        accepted_at=_earlier(task.accepted_at, happened),
        acceptance_recorded_at=_earlier(task.acceptance_recorded_at, recorded),
    )
    if far >= _STEPS.index(ReplyKind.EN_ROUTE):
        task = replace(task, en_route_at=_earlier(task.en_route_at, happened))
    if far >= _STEPS.index(ReplyKind.ON_SCENE):
        task = replace(
            task,
            on_scene_at=_earlier(task.on_scene_at, happened),
            arrival_recorded_at=_earlier(task.arrival_recorded_at, recorded),
        )
    return task


def _earlier(known: datetime | None, told: datetime) -> datetime:
    return told if known is None else min(known, told)
