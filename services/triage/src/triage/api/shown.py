"""What the desk shows of calls and tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict

from service_kit.memory import Step
from service_kit.store import Kept
from shared_schemas.sealed import SealedField
from shared_schemas.vocabulary import CallOutcome, CallStage, Classification, Lane, Priority, TicketStatus
from triage.api.curtain import Hidden, Look, Shown
from triage.domain.desk_call import DeskCall, DeskView
from triage.domain.ticket import Ticket

State = TypeVar("State", DeskCall, Ticket)


class Out(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class SealedOut(Out):
    """Personal data that are there, but were not opened for this request."""

    sealed: Literal[True]


class CallerOut(Out):
    """Who called, as far as the exchange knew."""

    model_config = ConfigDict(extra="allow")
    number: str | None = None
    name: str | None = None


class PointOut(Out):
    """A place on the map."""

    latitude: float
    longitude: float
    radius_m: float | None = None


class StepOut(Out):
    """One line of a timeline: `at` by our clock, `occurred_at` by the clock of who told it."""

    version: int
    at: datetime
    occurred_at: datetime | None
    what: str
    by: str
    why: str
    trace_id: str

    @classmethod
    def of(cls, step: Step) -> Self:
        """Show one step."""
        return cls.model_validate(step)


class CallOut(Out):
    """One call on the desk."""

    call_id: str
    view: DeskView
    stage: CallStage
    outcome: CallOutcome | None
    detail: str
    channel: str
    trunk: str
    queue: str
    agent: str
    started_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    waiting_seconds: float | None
    ringing_seconds: float | None
    talking_seconds: float | None
    transfers: int
    caller: SealedOut | CallerOut | None
    caller_ref: str | None
    story: SealedOut | str | None
    classification: Classification | None
    classified_by: str
    classified_at: datetime | None
    reclassified: int
    classification_due_at: datetime | None
    overdue_since: datetime | None
    ticket_id: str | None
    link_pending: bool
    version: int
    traceparent: str = ""

    @classmethod
    def of(cls, call: DeskCall, shown: Shown, *, version: int, **more: Any) -> Self:
        """Show a call."""
        known = {name: getattr(call.facts, name) for name in cls.model_fields if hasattr(call.facts, name)}
        own = {name: getattr(call, name) for name in cls.model_fields if hasattr(call, name)}
        rest = {"link_pending": call.link is not None, "version": version}
        return cls.model_validate({**known, **own, **rest, **shown, **more})


class CallWithTimelineOut(CallOut):
    """One call and all that happened to it at the desk."""

    timeline: list[StepOut]


class CallPage(Out):
    """One page of calls; send `next` as `after` for the next one."""

    items: list[CallOut]
    next: str | None


class PlaceOut(Out):
    """Where a ticket's trouble is."""

    district: str
    description: SealedOut | str | None
    point: SealedOut | PointOut | None


class EscalationOut(Out):
    """One hand-over to agencies."""

    escalation_id: str
    round: int
    agencies: tuple[str, ...]
    at: datetime
    by: str
    reason: str


class TicketOut(Out):
    """One ticket."""

    ticket_id: str
    number: str
    status: TicketStatus
    round: int
    incident_type: str
    common_type: str
    priority: Priority
    lane: Lane
    place: PlaceOut
    story: SealedOut | str | None
    caller: SealedOut | CallerOut | None
    calls: tuple[str, ...]
    escalations: tuple[EscalationOut, ...]
    opened_at: datetime
    opened_by: str
    closed_at: datetime | None
    closed_by: str
    disposition: str | None
    closing_reason: str
    reopened: int
    configuration_version: int
    allowed: tuple[str, ...]
    version: int
    traceparent: str = ""

    @classmethod
    def of(cls, ticket: Ticket, shown: Shown, *, version: int, **more: Any) -> Self:
        """Show a ticket."""
        known = {name: getattr(ticket, name) for name in cls.model_fields if hasattr(ticket, name)}
        place = {
            "district": ticket.place.district,
            "description": shown[SealedField.PLACE],
            "point": shown[SealedField.POINT],
        }
        closing = {
            "closed_at": ticket.closing and ticket.closing.at,
            "closed_by": ticket.closing.by if ticket.closing else "",
            "disposition": ticket.closing and ticket.closing.disposition,
            "closing_reason": ticket.closing.reason if ticket.closing else "",
        }
        opened = {"caller": shown[SealedField.CALLER], "story": shown[SealedField.STORY]}
        return cls.model_validate({**known, **closing, **opened, "place": place, "version": version, **more})


class TicketWithTimelineOut(TicketOut):
    """One ticket and all that happened to it."""

    timeline: list[StepOut]


class TicketPage(Out):
    """One page of tickets; send `next` as `after` for the next one."""

    items: list[TicketOut]
    next: str | None


def hidden_in_call(call: DeskCall) -> Hidden:
    """Return a call's personal data by field."""
    return {SealedField.CALLER: call.facts.caller, SealedField.STORY: call.facts.story}


def hidden_in_ticket(ticket: Ticket) -> Hidden:
    """Return a ticket's personal data by field."""
    return {
        SealedField.CALLER: ticket.caller,
        SealedField.STORY: ticket.story,
        SealedField.PLACE: ticket.place.description,
        SealedField.POINT: ticket.place.point,
    }


async def show_calls(kept: Sequence[Kept[DeskCall]], look: Look) -> list[CallOut]:
    """Show several calls, whose personal data are opened together."""
    shown = await look.at([hidden_in_call(one.state) for one in kept])
    return [
        CallOut.of(one.state, open_, version=one.version, traceparent=one.traceparent)
        for one, open_ in zip(kept, shown, strict=True)
    ]


async def show_call(kept: Kept[DeskCall], look: Look) -> CallWithTimelineOut:
    """Show one call with its timeline."""
    (shown,) = await look.at([hidden_in_call(kept.state)])
    return CallWithTimelineOut.of(kept.state, shown, **_kept(kept))


async def show_tickets(kept: Sequence[Kept[Ticket]], look: Look) -> list[TicketOut]:
    """Show several tickets, whose personal data are opened together."""
    shown = await look.at([hidden_in_ticket(one.state) for one in kept])
    return [
        TicketOut.of(one.state, open_, version=one.version, traceparent=one.traceparent)
        for one, open_ in zip(kept, shown, strict=True)
    ]


async def show_ticket(kept: Kept[Ticket], look: Look) -> TicketWithTimelineOut:
    """Show one ticket with its timeline."""
    (shown,) = await look.at([hidden_in_ticket(kept.state)])
    return TicketWithTimelineOut.of(kept.state, shown, **_kept(kept))


async def call_as(call: DeskCall, version: int, look: Look) -> CallOut:
    """Show a call as it is in one version."""
    (shown,) = await look.at([hidden_in_call(call)])
    return CallOut.of(call, shown, version=version)


async def ticket_as(ticket: Ticket, version: int, look: Look) -> TicketOut:
    """Show a ticket as it is in one version."""
    (shown,) = await look.at([hidden_in_ticket(ticket)])
    return TicketOut.of(ticket, shown, version=version)


def _kept(kept: Kept[State]) -> dict[str, Any]:
    timeline = [StepOut.of(step) for step in kept.timeline]
    return {"version": kept.version, "traceparent": kept.traceparent, "timeline": timeline}
