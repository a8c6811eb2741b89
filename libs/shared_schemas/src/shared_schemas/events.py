"""The eleven events as Pydantic models: what a service says about the aggregate it owns.

Events carry the aggregate's whole public state, never a delta; the newest per (source, subject)
wins. Inside one major version fields are only added, and readers keep what they do not know.
Limits keep one record far below the broker's largest; they are wide, because a counter that runs
full must never stop an emergency.
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

from shared_schemas import vocabulary as words
from shared_schemas.sealed import Sealed
from shared_schemas.tenants import TenantCode, TenantConfiguration
from shared_schemas.tolerant import Tolerant


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no time that UTC can tell") from error


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
Identifier = Annotated[str, Field(min_length=1, max_length=64)]
Label = Annotated[str, Field(max_length=200)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, lt=2**31)]
Ordinal = Annotated[int, Field(ge=1, lt=2**31)]

# A word is read as its enum where we know it and kept as text where a newer service made it up.
# Left to right: by default Pydantic prefers plain text, and nothing would ever be the enum.
Unknown = Annotated[str, Field(max_length=64, description="A word of a newer version.")]
LEFT_TO_RIGHT = Field(union_mode="left_to_right")
Channel = Annotated[words.Channel | Unknown, LEFT_TO_RIGHT]
CallStage = Annotated[words.CallStage | Unknown, LEFT_TO_RIGHT]
CallOutcome = Annotated[words.CallOutcome | Unknown, LEFT_TO_RIGHT]
EndedBy = Annotated[words.EndedBy | Unknown, LEFT_TO_RIGHT]
TicketStatus = Annotated[words.TicketStatus | Unknown, LEFT_TO_RIGHT]
Priority = Annotated[words.Priority | Unknown, LEFT_TO_RIGHT]
Lane = Annotated[words.Lane | Unknown, LEFT_TO_RIGHT]
Disposition = Annotated[words.Disposition | Unknown, LEFT_TO_RIGHT]
TaskStatus = Annotated[words.TaskStatus | Unknown, LEFT_TO_RIGHT]
GapStatus = Annotated[words.GapStatus | Unknown, LEFT_TO_RIGHT]
Classification = Annotated[words.Classification | Unknown, LEFT_TO_RIGHT]
ResponseStatus = Annotated[words.ResponseStatus | Unknown, LEFT_TO_RIGHT]
ReplyKind = Annotated[words.ReplyKind | Unknown, LEFT_TO_RIGHT]
ContactChannel = Annotated[words.ContactChannel | Unknown, LEFT_TO_RIGHT]
DeliveryStatus = Annotated[words.DeliveryStatus | Unknown, LEFT_TO_RIGHT]


class EventData(Tolerant):
    """What every event body has in common: unknown fields survive reading and writing."""


class Stated(EventData):
    """A body that belongs to one tenant and was recorded at one time."""

    tenant: TenantCode
    recorded_at: Moment = Field(description="Server time of the change, UTC.")
    configuration_version: Count = Field(
        default=0, description="Version of the tenant's configuration that was used."
    )


class Desk(EventData):
    """What the call takers' desk made of a call: its class, and the ticket that it belongs to."""

    classification: Classification | None = None
    classified_at: Moment | None = None
    classified_by: Label = ""
    reclassified: Count = Field(default=0, description="How often the class was changed to another.")
    ticket_id: Identifier | None = None


class CallState(Stated):
    """One contact with 112: its facts and its one outcome, which intake says.

    Triage says the same call from its desk (source triage): there `desk` is the news, and the facts
    are those that triage had heard by then. Readers take facts from intake and the desk from triage.
    """

    call_id: Identifier
    trunk: Label
    exchange_call_id: Label = Field(description="The telephone exchange's own id of the call.")
    channel: Channel = words.Channel.PHONE
    stage: CallStage
    outcome: CallOutcome | None = None
    detail: Label = Field(default="", description="Finer than the outcome, such as cut_in_queue.")
    queue: Label = ""
    agent: Label = Field(default="", description="Who answered, as the exchange names them.")
    started_at: Moment = Field(description="Exchange clock.")
    queued_at: Moment | None = None
    answered_at: Moment | None = None
    ended_at: Moment | None = None
    waiting_seconds: Seconds | None = None
    ringing_seconds: Seconds | None = None
    talking_seconds: Seconds | None = None
    ended_by: EndedBy | None = None
    transfers: Count = 0
    queues: tuple[Label, ...] = Field(default=(), max_length=1_000)
    agents_rung_without_answer: tuple[Label, ...] = Field(default=(), max_length=1_000)
    caller: Sealed | None = Field(default=None, description="Number and name as JSON; or withheld.")
    caller_ref: Identifier | None = Field(
        default=None, description="Random per number and tenant; the same caller, without the number."
    )
    story: Sealed | None = Field(default=None, description="What the caller said, where it came.")
    witnesses: tuple[Label, ...] = Field(
        default=(), max_length=1_000, description="Which sources saw the call."
    )
    notes: tuple[Label, ...] = Field(
        default=(), max_length=1_000, description="Facts that did not fit together."
    )
    desk: Desk | None = Field(default=None, description="Said by triage only.")


class Place(EventData):
    """Where a ticket's trouble is: the district in the clear, the exact place sealed."""

    district: Label = Field(default="", description="Kemendagri code of the district, if known.")
    description: Sealed | None = None
    point: Sealed | None = Field(default=None, description="JSON: latitude, longitude, radius_m.")


class Escalation(EventData):
    """One hand-over of a ticket to agencies."""

    escalation_id: Identifier
    round: Ordinal
    agencies: tuple[Identifier, ...] = Field(max_length=1_000)
    at: Moment
    by: Label
    reason: Label = ""


class TicketState(Stated):
    """What is tracked to its end; born of one or more calls."""

    ticket_id: Identifier
    number: Label = Field(description="The number that people read, such as TTU-20261122-0017.")
    status: TicketStatus
    round: Count = Field(description="Raised by each escalation and re-opening.")
    incident_type: Label
    common_type: Label
    priority: Priority
    lane: Lane
    place: Place = Place()
    story: Sealed | None = None
    caller: Sealed | None = Field(default=None, description="First caller, for the agency's call-back.")
    calls: tuple[Identifier, ...] = Field(default=(), max_length=10_000)
    escalations: tuple[Escalation, ...] = Field(default=(), max_length=1_000)
    opened_at: Moment
    opened_by: Label
    closed_at: Moment | None = None
    closed_by: Label = ""
    disposition: Disposition | None = None
    reopened: Count = 0


class TicketClosed(Stated):
    """A ticket's round has ended: by triage where no agency was needed, else by dispatch."""

    ticket_id: Identifier
    round: Count = Field(description="The round that ended; a newer round makes this stale.")
    disposition: Disposition
    closed_at: Moment
    closed_by: Label
    reason: Label = ""


class Offer(EventData):
    """One time that one contact of an agency was asked."""

    step: Ordinal = Field(description="Counts the offers of one task; names the delivery.")
    contact: Identifier
    at: Moment
    due_at: Moment
    undelivered: bool = Field(default=False, description="No channel reached the contact.")


class TaskState(EventData):
    """One agency's part in one ticket, with its own clock."""

    task_id: Identifier
    escalation_id: Identifier
    round: Ordinal
    agency: Identifier
    status: TaskStatus
    stands_in_for: Identifier | None = Field(default=None, description="The task whose gap this one fills.")
    offers: tuple[Offer, ...] = Field(default=(), max_length=1_000)
    due_at: Moment | None = None
    accepted_at: Moment | None = Field(
        default=None,
        description="By the agency's clock, as are the times after it: shown, never counted with.",
    )
    acceptance_recorded_at: Moment | None = Field(
        default=None, description="By the server's clock, as are offers: what durations are counted with."
    )
    en_route_at: Moment | None = None
    on_scene_at: Moment | None = None
    ended_at: Moment | None = None
    arrival_overdue_at: Moment | None = Field(
        default=None, description="The deadline for arrival that passed; stays as a fact."
    )
    completion_overdue_at: Moment | None = Field(
        default=None, description="The deadline for completion that passed; stays as a fact."
    )
    reason: Label = ""
    gap: GapStatus | None = Field(
        default=None, description="Of a task that brought no help; its stand-ins have none of their own."
    )
    gap_reason: Label = Field(default="", description="Why a person accepted the gap.")


class Brief(EventData):
    """What an agency needs to know of the ticket."""

    number: Label
    incident_type: Label
    priority: Priority
    place: Place = Place()
    story: Sealed | None = None
    caller: Sealed | None = None
    calls: Count = 0


class ResponseState(Stated):
    """All agency tasks of one ticket."""

    ticket_id: Identifier
    round: Count
    status: ResponseStatus
    brief: Brief
    tasks: tuple[TaskState, ...] = Field(default=(), max_length=1_000)
    supervisor_called_at: Moment | None = Field(default=None, description="The newest call.")
    supervisor_calls: tuple[Offer, ...] = Field(
        default=(),
        max_length=1_000,
        description="The newest calls to supervisors; the step counts all of them.",
    )
    ended_at: Moment | None = None


class AgencyReplied(Stated):
    """An agency said something about its task; immutable."""

    reply_id: Identifier
    ticket_id: Identifier
    task_id: Identifier
    agency: Identifier
    reply: ReplyKind
    reason: Label = ""
    by: Label
    channel: Label = Field(description="api or link.")
    occurred_at: Moment = Field(description="When it happened, by the agency's clock.")


class Attempt(EventData):
    """One try to deliver one message."""

    number: Ordinal
    channel: ContactChannel
    at: Moment
    succeeded: bool
    answer: Label = Field(default="", description="Status code or error name; never content.")
    took_ms: Count = 0


class DeliveryState(Stated):
    """One message to one contact about one step of one task."""

    delivery_id: Identifier
    ticket_id: Identifier
    task_id: Identifier
    step: Ordinal
    agency: Identifier
    contact: Identifier
    status: DeliveryStatus
    channel: ContactChannel
    attempts: tuple[Attempt, ...] = Field(default=(), max_length=1_000)
    next_attempt_at: Moment | None = None
    delivered_at: Moment | None = None


class TenantConfigured(EventData):
    """A tenant's configuration, complete; the newest version is the one in force."""

    tenant: TenantCode
    version: Ordinal
    slots: tuple[Count, ...] = Field(
        min_length=1,
        max_length=1_000,
        description="Partitions that carry this tenant's events; never change.",
    )
    configuration: TenantConfiguration
    applied_at: Moment
    applied_by: Label


def utc(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC with a Z."""
    return moment.isoformat().replace("+00:00", "Z")
