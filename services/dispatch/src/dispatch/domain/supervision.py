"""Calling a supervisor: where the ladder ends, and again until a person acts."""

from dataclasses import replace
from datetime import datetime, timedelta

from dispatch.domain.plan import Plan
from dispatch.domain.response import Offer, Response, Task
from shared_schemas.vocabulary import GapStatus, Priority, ResponseStatus, TaskStatus

CALLS_KEPT = 50
LONGEST_PAUSE = timedelta(minutes=10)


def supervise(response: Response, plan: Plan, priority: Priority, now: datetime) -> Response:
    """Call the next supervisor for every new cause at once, and again for causes that stay."""
    causes = _causes(response)
    if not causes:
        return replace(response, status=ResponseStatus.ACTIVE, supervisor_causes=(), supervisor_tries=0)
    waiting = replace(response, status=ResponseStatus.NEEDS_SUPERVISOR, supervisor_causes=causes)
    if not set(causes) <= set(response.supervisor_causes):
        return _called(replace(waiting, supervisor_tries=0), plan, priority, now)
    if response.supervisor_calls[-1].due_at <= now:
        return _called(waiting, plan, priority, now)
    return waiting


def _causes(response: Response) -> tuple[str, ...]:
    """Name what only a person can decide: gaps nobody fills, help that is late, nobody to ask."""
    if not response.tasks:
        return ("nobody_to_ask",)
    gaps = [f"gap/{root.task_id}" for root in response.roots() if _is_given_up(response, root.task_id)]
    late = [f"{_awaited(task)}/{task.task_id}" for task in response.tasks if task.is_overdue]
    return tuple(sorted(gaps + late))


def _awaited(task: Task) -> str:
    return "completion" if task.status is TaskStatus.ON_SCENE else "arrival"


def _is_given_up(response: Response, task_id: str) -> bool:
    root = response.task(task_id)
    if root is None or root.gap is not GapStatus.OPEN:
        return False
    return not any(task.is_open for task in response.stand_ins(root))


def _called(response: Response, plan: Plan, priority: Priority, now: datetime) -> Response:
    calls = response.supervisor_calls
    step = calls[-1].step + 1 if calls else 1
    contact = plan.supervisors[(step - 1) % len(plan.supervisors)]
    tries = response.supervisor_tries + 1
    call = Offer(step, contact, now, now + _pause(plan.clocks.acceptance[priority], tries))
    return replace(
        response,
        supervisor_calls=(*calls, call)[-CALLS_KEPT:],
        supervisor_tries=tries,
        supervisor_called_at=now,
    )


def _pause(first: timedelta, tries: int) -> timedelta:
    """Wait as long as for an agency's answer, then twice as long each time, up to ten minutes."""
    doubled = first * (1 << min(tries - 1, 10))
    return min(doubled, max(first, LONGEST_PAUSE))
