"""What is kept of each event for the figures: no names, no numbers, no stories."""

from dataclasses import dataclass
from datetime import datetime

from shared_schemas.vocabulary import TaskStatus


@dataclass(frozen=True, slots=True)
class CallRow:
    """One contact with 112, as intake knows it.

    Attributes:
        outcome: one of the four, or None while the call is under way.
        waiting_seconds: from entering the queue to the answer or the end, by the exchange's clock.
        witnesses: which sources saw the call.
    """

    call_id: str
    started_at: datetime
    outcome: str | None
    detail: str = ""
    waiting_seconds: float | None = None
    talking_seconds: float | None = None
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DeskRow:
    """What the desk made of one call, as triage knows it."""

    call_id: str
    classification: str | None
    ticket_id: str | None = None
    reclassified: int = 0


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket, as triage knows it."""

    ticket_id: str
    opened_at: datetime
    incident_type: str
    common_type: str
    priority: str
    lane: str
    status: str
    disposition: str | None = None
    reopened: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One agency's part in one ticket, as dispatch knows it.

    Attributes:
        offered_at: by the server's clock.
        accepted_at: by the agency's clock, which may say anything: that it is there counts.
        acceptance_recorded_at: by the server's clock; None where an older dispatch did not tell it.
    """

    ticket_id: str
    task_id: str
    agency: str
    status: str
    offered_at: datetime | None = None
    accepted_at: datetime | None = None
    on_scene_at: datetime | None = None
    acceptance_recorded_at: datetime | None = None

    @property
    def was_accepted(self) -> bool:
        """Whether the agency ever took the task."""
        return self.accepted_at is not None or self.status in _AFTER_ACCEPTANCE


_AFTER_ACCEPTANCE = frozenset(
    {TaskStatus.ACCEPTED, TaskStatus.EN_ROUTE, TaskStatus.ON_SCENE, TaskStatus.DONE}
)


@dataclass(frozen=True, slots=True)
class Month:
    """All rows of one tenant and one local month."""

    calls: tuple[CallRow, ...] = ()
    desks: tuple[DeskRow, ...] = ()
    tickets: tuple[TicketRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
