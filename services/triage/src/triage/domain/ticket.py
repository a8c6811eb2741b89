"""A ticket for its whole life: opened, changed, escalated, closed, re-opened; born of one or more calls."""

from dataclasses import dataclass, replace
from datetime import datetime

from service_kit.decisions import Changed, NotPossible, Unknown
from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Disposition, Lane, Priority, TicketStatus
from triage.domain.catalogue import IncidentType
from triage.domain.place import NOWHERE, Place

OPENED, UPDATED, ESCALATED, CLOSED = "ticket.opened", "ticket.updated", "ticket.escalated", "ticket.closed"
CLOSINGS_BY_DESK = (Disposition.NO_AGENCY_NEEDED, Disposition.CANCELLED, Disposition.DUPLICATE)
"""How the desk itself may close a ticket: help, or its lack, is for the agencies to say."""

Decision = Changed["Ticket"] | NotPossible | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedCall:
    """A call that belongs, or once belonged, to the ticket.

    Attributes:
        ordinal: the newest of the call's links that the ticket has followed.
        belongs: whether that link joined the call or separated it.
    """

    call_id: str
    ordinal: int
    belongs: bool = True
    caller: Sealed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One hand-over to agencies."""

    escalation_id: str
    round: int
    agencies: tuple[str, ...]
    at: datetime
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """How, when and by whom a ticket was closed.

    Attributes:
        by_desk: triage closed it; else dispatch did, when the agencies' help had ended.
    """

    disposition: Disposition | str
    at: datetime
    by: str
    reason: str = ""
    by_desk: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What is tracked to its end.

    Attributes:
        born_of: the call it was opened from; personal data written later are sealed for this contact
            when no call is left.
        linked: every call that ever belonged to it, in the order of joining.
        round: raised by each escalation and each re-opening; a closing names the round that it ends.
        priority_chosen: a person named the priority; a new type does not change it.
    """

    tenant: str
    ticket_id: str
    number: str
    incident_type: str
    common_type: str
    priority: Priority
    lane: Lane
    born_of: str
    opened_at: datetime
    opened_by: str
    status: TicketStatus = TicketStatus.OPEN
    round: int = 0
    priority_chosen: bool = False
    place: Place = NOWHERE
    story: Sealed | None = None
    linked: tuple[LinkedCall, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    closing: Closing | None = None
    reopened: int = 0
    configuration_version: int = 0

    @property
    def calls(self) -> tuple[str, ...]:
        """The calls that belong to it now."""
        return tuple(one.call_id for one in self.linked if one.belongs)

    @property
    def caller(self) -> Sealed | None:
        """The first caller of those that belong to it, for an agency's call-back."""
        return next((one.caller for one in self.linked if one.belongs and one.caller), None)

    @property
    def contact(self) -> str:
        """The contact for whom new personal data are sealed."""
        return next(iter(self.calls), self.born_of)

    @property
    def allowed(self) -> tuple[str, ...]:
        """What a person can do with it now."""
        match self.status:
            case TicketStatus.OPEN:
                return ("change", "escalate", "close")
            case TicketStatus.ESCALATED:
                return ("change", "escalate")
            case TicketStatus.CLOSED:
                return ("reopen",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketChange:
    """What a person corrects; None leaves a thing as it is."""

    kind: IncidentType | None = None
    priority: Priority | None = None
    district: str | None = None
    description: Sealed | None = None
    point: Sealed | None = None
    story: Sealed | None = None
    configuration_version: int = 0


def change(ticket: Ticket | None, wanted: TicketChange) -> Decision:
    """Correct a ticket; a new type brings its own default priority unless a person had named one."""
    if ticket is None:
        return Unknown()
    if ticket.status is TicketStatus.CLOSED:
        return NotPossible("closed", ticket.allowed)
    typed = _typed(ticket, wanted.kind, wanted.configuration_version)
    place = Place(
        district=typed.place.district if wanted.district is None else wanted.district,
        description=wanted.description or typed.place.description,
        point=wanted.point or typed.place.point,
    )
    state = replace(
        typed,
        priority=wanted.priority or typed.priority,
        priority_chosen=typed.priority_chosen or wanted.priority is not None,
        place=place,
        story=wanted.story or typed.story,
    )
    return Changed(state, "ticket.changed", UPDATED)


def _typed(ticket: Ticket, kind: IncidentType | None, configuration_version: int) -> Ticket:
    if kind is None:
        return ticket
    return replace(
        ticket,
        incident_type=kind.code,
        common_type=kind.common,
        lane=kind.lane,
        priority=ticket.priority if ticket.priority_chosen else kind.priority,
        configuration_version=configuration_version,
    )


def escalate(
    ticket: Ticket | None,
    agencies: tuple[str, ...],
    *,
    by: str,
    at: datetime,
    reason: str,
    configuration_version: int,
) -> Decision:
    """Hand a ticket to agencies, the first time or once more; each time is a round of its own."""
    if ticket is None:
        return Unknown()
    if ticket.status is TicketStatus.CLOSED:
        return NotPossible("closed", ticket.allowed)
    if not agencies:
        return NotPossible("no_agency_named", ("agencies",))
    round_ = ticket.round + 1
    escalation = Escalation(
        escalation_id=derived_id(ticket.tenant, "escalation", ticket.ticket_id, str(round_)),
        round=round_,
        agencies=agencies,
        at=at,
        by=by,
        reason=reason,
    )
    state = replace(
        ticket,
        status=TicketStatus.ESCALATED,
        round=round_,
        escalations=(*ticket.escalations, escalation),
        configuration_version=configuration_version,
    )
    return Changed(state, "ticket.escalated", ESCALATED, why=reason)


def reopen(ticket: Ticket | None, *, reason: str) -> Decision:
    """Take up a closed ticket again; whatever still ends the rounds before is stale from now on."""
    if ticket is None:
        return Unknown()
    if ticket.status is not TicketStatus.CLOSED:
        return NotPossible("not_closed", ticket.allowed)
    state = replace(
        ticket,
        status=TicketStatus.OPEN,
        round=ticket.round + 1,
        closing=None,
        reopened=ticket.reopened + 1,
    )
    return Changed(state, "ticket.reopened", UPDATED, why=reason)


def close_without_agency(
    ticket: Ticket | None, disposition: Disposition, *, by: str, at: datetime, reason: str
) -> Decision:
    """Close what needs no agency; once a round is with agencies, only dispatch ends it (A5)."""
    if ticket is None:
        return Unknown()
    if ticket.status is not TicketStatus.OPEN:
        return NotPossible(ticket.status.value, ticket.allowed)
    if disposition not in CLOSINGS_BY_DESK:
        return NotPossible("disposition", tuple(one.value for one in CLOSINGS_BY_DESK))
    closing = Closing(disposition=disposition, at=at, by=by, reason=reason, by_desk=True)
    state = replace(ticket, status=TicketStatus.CLOSED, closing=closing)
    return Changed(state, "ticket.closed", UPDATED, why=reason, also=(CLOSED,))


def hear_closing(ticket: Ticket | None, round_: int, closing: Closing) -> Changed[Ticket] | Unknown:
    """Let dispatch end the round that is with agencies; an older round changes nothing."""
    if ticket is None:
        return Unknown()
    if ticket.status is not TicketStatus.ESCALATED or ticket.round != round_:
        return Changed(ticket, "closing.stale", None)
    state = replace(ticket, status=TicketStatus.CLOSED, closing=closing)
    return Changed(state, "ticket.closed", UPDATED, why=closing.reason)
