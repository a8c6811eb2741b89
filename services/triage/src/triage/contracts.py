"""What triage hears and says: wire models here, the domain behind."""

from datetime import datetime, timedelta
from types import MappingProxyType

from shared_schemas import events
from shared_schemas.vocabulary import CallOutcome, CallStage
from triage.domain.catalogue import Catalogue, IncidentType
from triage.domain.desk_call import CallFacts, DeskCall
from triage.domain.place import Place
from triage.domain.ticket import CLOSED, ESCALATED, OPENED, UPDATED, Closing, Escalation, Ticket

SOURCE = "triage"
CALL_RECEIVED, CALL_UPDATED, TICKET_CLOSED = "call.received", "call.updated", CLOSED
FROM_INTAKE, FROM_DISPATCH = "intake", "dispatch"

HEARS: frozenset[str] = frozenset({CALL_RECEIVED, CALL_UPDATED, TICKET_CLOSED})
SAYS: frozenset[str] = frozenset({OPENED, UPDATED, ESCALATED, CLOSED, CALL_UPDATED})

_MOST_CALLS, _MOST_ESCALATIONS = 10_000, 1_000
"""What one event can carry; a ticket that outgrows it is still told."""


def facts_heard(said: events.CallState) -> CallFacts:
    """Read what intake says of a call; a word of a newer version is read from the times instead."""
    return CallFacts(
        stage=_stage(said),
        outcome=_outcome(said),
        detail=said.detail,
        trunk=said.trunk,
        exchange_call_id=said.exchange_call_id,
        channel=str(said.channel),
        queue=said.queue,
        agent=said.agent,
        started_at=said.started_at,
        queued_at=said.queued_at,
        answered_at=said.answered_at,
        ended_at=said.ended_at,
        waiting_seconds=said.waiting_seconds,
        ringing_seconds=said.ringing_seconds,
        talking_seconds=said.talking_seconds,
        transfers=said.transfers,
        caller=said.caller,
        caller_ref=said.caller_ref,
        story=said.story,
    )


def _stage(said: events.CallState) -> CallStage:
    if isinstance(said.stage, CallStage):
        return said.stage
    if said.ended_at is not None:
        return CallStage.ENDED
    return CallStage.RINGING if said.answered_at is None else CallStage.ANSWERED


def _outcome(said: events.CallState) -> CallOutcome | None:
    if isinstance(said.outcome, CallOutcome) or said.outcome is None:
        return said.outcome
    return None if said.answered_at is None else CallOutcome.ANSWERED


def closing_heard(said: events.TicketClosed) -> tuple[int, Closing]:
    """Read which round dispatch has ended, and how."""
    closing = Closing(
        disposition=said.disposition,
        at=said.closed_at,
        by=said.closed_by,
        reason=said.reason,
    )
    return said.round, closing


def catalogue(configured: events.TenantConfigured) -> Catalogue:
    """Read a tenant's configuration, as far as the desk needs it."""
    file = configured.configuration
    kinds = {
        kind.code: IncidentType(kind.code, kind.common, kind.priority, kind.lane, kind.agencies)
        for kind in file.incident_types
    }
    return Catalogue(
        version=configured.version,
        abbreviation=file.abbreviation,
        zone=file.zone,
        classify_within=timedelta(seconds=file.clocks.classification_seconds),
        incident_types=MappingProxyType(kinds),
        agencies=tuple(agency.id for agency in file.agencies),
    )


def call_said(call: DeskCall, recorded_at: datetime) -> events.CallState:
    """Tell what the desk made of a call, beside the facts as triage knows them."""
    facts = call.facts
    return events.CallState(
        tenant=call.tenant,
        recorded_at=recorded_at,
        configuration_version=call.configuration_version,
        call_id=call.call_id,
        trunk=facts.trunk,
        exchange_call_id=facts.exchange_call_id,
        channel=facts.channel,
        stage=facts.stage,
        outcome=facts.outcome,
        detail=facts.detail,
        queue=facts.queue,
        agent=facts.agent,
        started_at=facts.started_at,
        queued_at=facts.queued_at,
        answered_at=facts.answered_at,
        ended_at=facts.ended_at,
        waiting_seconds=facts.waiting_seconds,
        ringing_seconds=facts.ringing_seconds,
        talking_seconds=facts.talking_seconds,
        transfers=facts.transfers,
        caller=facts.caller,
        caller_ref=facts.caller_ref,
        story=facts.story,
        desk=_desk(call),
    )


def _desk(call: DeskCall) -> events.Desk:
    return events.Desk(
        classification=call.classification,
        classified_at=call.classified_at,
        classified_by=call.classified_by,
        reclassified=call.reclassified,
        ticket_id=call.ticket_id,
    )


def ticket_said(ticket: Ticket, recorded_at: datetime) -> events.TicketState:
    """Tell a ticket's whole public state."""
    closing = ticket.closing
    return events.TicketState(
        tenant=ticket.tenant,
        recorded_at=recorded_at,
        configuration_version=ticket.configuration_version,
        ticket_id=ticket.ticket_id,
        number=ticket.number,
        status=ticket.status,
        round=ticket.round,
        incident_type=ticket.incident_type,
        common_type=ticket.common_type,
        priority=ticket.priority,
        lane=ticket.lane,
        place=_place(ticket.place),
        story=ticket.story,
        caller=ticket.caller,
        calls=ticket.calls[:_MOST_CALLS],
        escalations=tuple(map(_escalation, ticket.escalations[-_MOST_ESCALATIONS:])),
        opened_at=ticket.opened_at,
        opened_by=ticket.opened_by,
        closed_at=closing.at if closing else None,
        closed_by=closing.by if closing else "",
        disposition=closing.disposition if closing else None,
        reopened=ticket.reopened,
    )


def _place(place: Place) -> events.Place:
    return events.Place(district=place.district, description=place.description, point=place.point)


def _escalation(one: Escalation) -> events.Escalation:
    return events.Escalation(
        escalation_id=one.escalation_id,
        round=one.round,
        agencies=one.agencies,
        at=one.at,
        by=one.by,
        reason=one.reason,
    )


def closing_said(ticket: Ticket, recorded_at: datetime) -> events.TicketClosed | None:
    """Tell that the desk itself has closed a ticket; None where it has not."""
    if ticket.closing is None or not ticket.closing.by_desk:
        return None
    return events.TicketClosed(
        tenant=ticket.tenant,
        recorded_at=recorded_at,
        configuration_version=ticket.configuration_version,
        ticket_id=ticket.ticket_id,
        round=ticket.round,
        disposition=ticket.closing.disposition,
        closed_at=ticket.closing.at,
        closed_by=ticket.closing.by,
        reason=ticket.closing.reason,
    )
