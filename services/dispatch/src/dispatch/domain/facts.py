"""The facts that dispatch hears from others, as plain values."""

from dataclasses import dataclass
from datetime import datetime

from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Priority, ReplyKind


@dataclass(frozen=True, slots=True)
class Place:
    """Where the trouble is: the district in the clear, the exact place sealed."""

    district: str = ""
    description: Sealed | None = None
    point: Sealed | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """What an agency needs to know of the ticket, as the ticket's newest state has it."""

    number: str
    incident_type: str
    priority: Priority
    place: Place = Place()
    story: Sealed | None = None
    caller: Sealed | None = None
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Escalation:
    """One hand-over of the ticket to agencies."""

    escalation_id: str
    round: int
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket's newest state: every escalation it ever had, and whether triage holds it closed."""

    tenant: str
    ticket_id: str
    round: int
    closed: bool
    brief: Brief
    escalations: tuple[Escalation, ...] = ()


@dataclass(frozen=True, slots=True)
class Closing:
    """Triage closed a round of a ticket."""

    tenant: str
    ticket_id: str
    round: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What an agency said about its task.

    Attributes:
        occurred_at: by the agency's clock, which may say anything; only shown.
        recorded_at: by the server's clock; deadlines and durations are counted from it.
    """

    reply_id: str
    tenant: str
    ticket_id: str
    task_id: str
    agency: str
    kind: ReplyKind
    occurred_at: datetime
    recorded_at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class NotDelivered:
    """An offer could not be brought to its contact by any channel."""

    tenant: str
    ticket_id: str
    task_id: str
    step: int


Fact = Ticket | Closing | Reply | NotDelivered
"""Whatever dispatch hears and acts on."""
