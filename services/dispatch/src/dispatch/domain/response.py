"""The response to one ticket: every agency task, its offers and its clocks."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from dispatch.domain.facts import Brief, Reply
from shared_schemas.vocabulary import Disposition, GapStatus, ResponseStatus, TaskStatus

NO_LONGER_NEEDED = "no_longer_needed"
"""Why a stand-in that was only asked is called off: help came from elsewhere."""

TICKET_CLOSED = "ticket_closed"
"""Why tasks are called off and gaps left: triage closed the ticket."""

HELPING = frozenset((TaskStatus.ACCEPTED, TaskStatus.EN_ROUTE, TaskStatus.ON_SCENE, TaskStatus.DONE))
WITHOUT_HELP = frozenset((TaskStatus.DECLINED, TaskStatus.UNANSWERED, TaskStatus.CANCELLED))
EARLY_REPLIES_KEPT = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """One time that one contact was asked.

    Attributes:
        step: counts the offers of one task, from 1; it names the delivery.
        undelivered: no channel reached the contact, so there is no use in waiting.
    """

    step: int
    contact: str
    at: datetime
    due_at: datetime
    undelivered: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """One agency's part in one ticket.

    Attributes:
        stands_in_for: the first-asked agency's task, whose gap this one fills.
        accepted_at: by the agency's clock, as are en_route_at, on_scene_at and the end of done.
        acceptance_recorded_at: by the server's clock; the arrival deadline and the figures count with it.
        arrival_recorded_at: by the server's clock; the completion deadline is counted from it.
        arrival_overdue_at: the arrival deadline that passed; stays as a fact.
        completion_overdue_at: the completion deadline that passed; stays as a fact.
        gap: what became of this place, where its agency brought no help; stand-ins have none.
    """

    task_id: str
    escalation_id: str
    round: int
    agency: str
    status: TaskStatus = TaskStatus.OFFERED
    stands_in_for: str | None = None
    offers: tuple[Offer, ...] = ()
    due_at: datetime | None = None
    accepted_at: datetime | None = None
    en_route_at: datetime | None = None
    on_scene_at: datetime | None = None
    ended_at: datetime | None = None
    acceptance_recorded_at: datetime | None = None
    arrival_recorded_at: datetime | None = None
    arrival_overdue_at: datetime | None = None
    completion_overdue_at: datetime | None = None
    reason: str = ""
    gap: GapStatus | None = None
    gap_reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether something is still awaited from the agency."""
        return not self.status.is_final

    @property
    def is_helping(self) -> bool:
        """Whether the agency took the task and did not give it back."""
        return self.status in HELPING

    @property
    def is_overdue(self) -> bool:
        """Whether the deadline that runs now has been found passed."""
        if self.status is TaskStatus.ON_SCENE:
            return self.completion_overdue_at is not None
        waits_for_arrival = self.status in (TaskStatus.ACCEPTED, TaskStatus.EN_ROUTE)
        return waits_for_arrival and self.arrival_overdue_at is not None

    def ended(self, status: TaskStatus, at: datetime, reason: str) -> "Task":
        """Return the task ended without a word from its agency."""
        return replace(self, status=status, ended_at=at, reason=reason, due_at=None)


@dataclass(frozen=True, slots=True)
class Response:
    """All agency tasks of one ticket.

    Attributes:
        round: the ticket's round that the response works on, or the last one it worked on.
        brief: None until the ticket was heard of (a reply may come first).
        tasks: in the order of the ticket's escalations, each followed by its stand-ins.
        early: replies whose task is not there yet.
        supervisor_calls: the newest calls; the step counts them all.
        supervisor_causes: for what the supervisor was called and is still needed.
        supervisor_tries: how often they were called since the newest cause.
        disposition: how the round ended, where dispatch ended it; None where triage did.
        ended_round: the newest round that ended here.
        closed_round: the newest round that triage told as closed.
        opened_at: when the first agency was asked.
    """

    tenant: str
    ticket_id: str
    round: int = 0
    status: ResponseStatus = ResponseStatus.ACTIVE
    brief: Brief | None = None
    tasks: tuple[Task, ...] = ()
    early: tuple[Reply, ...] = ()
    supervisor_calls: tuple[Offer, ...] = ()
    supervisor_causes: tuple[str, ...] = ()
    supervisor_tries: int = 0
    supervisor_called_at: datetime | None = None
    disposition: Disposition | None = None
    ended_round: int = 0
    closed_round: int = 0
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    configuration_version: int = 0

    @property
    def has_ended(self) -> bool:
        """Whether nothing is awaited any more in this round."""
        return self.status is ResponseStatus.ENDED

    @property
    def next_due_at(self) -> datetime | None:
        """The earliest deadline that has not been met or found passed."""
        awaited = [task.due_at for task in self.tasks if task.due_at and not task.is_overdue]
        if self.status is ResponseStatus.NEEDS_SUPERVISOR and self.supervisor_calls:
            awaited.append(self.supervisor_calls[-1].due_at)
        return min(awaited, default=None)

    def task(self, task_id: str) -> Task | None:
        """Return the task of that id, if there is one."""
        return next((task for task in self.tasks if task.task_id == task_id), None)

    def root_of(self, task: Task) -> Task:
        """Return the first-asked agency's task that this one belongs to; it may be itself."""
        return (self.task(task.stands_in_for) if task.stands_in_for else None) or task

    def stand_ins(self, root: Task) -> tuple[Task, ...]:
        """Return the tasks that were made to fill a task's gap, in the order they were asked."""
        return tuple(task for task in self.tasks if task.stands_in_for == root.task_id)

    def roots(self) -> tuple[Task, ...]:
        """Return the tasks that the ticket's escalations asked for."""
        return tuple(task for task in self.tasks if task.stands_in_for is None)

    def with_task(self, changed: Task) -> "Response":
        """Return the response with one task replaced."""
        return self.each(lambda task: changed if task.task_id == changed.task_id else task)

    def each(self, change: Callable[[Task], Task]) -> "Response":
        """Return the response with every task changed."""
        tasks = tuple(map(change, self.tasks))
        return self if tasks == self.tasks else replace(self, tasks=tasks)

    def with_more(self, more: tuple[Task, ...]) -> "Response":
        """Return the response with further tasks, every stand-in behind the task it stands in for."""
        added = replace(self, tasks=(*self.tasks, *more))
        return replace(
            added, tasks=tuple(task for root in added.roots() for task in (root, *added.stand_ins(root)))
        )
