"""Dispatch's ears and mouth: what it hears, what it says, and how both become plain values."""

from datetime import datetime, timedelta

from dispatch.domain.facts import Brief, Closing, Escalation, Fact, NotDelivered, Place, Reply, Ticket
from dispatch.domain.plan import Clocks, Ladder, Plan
from dispatch.domain.response import Offer, Response, Task
from service_kit.event import Event
from shared_schemas import events as wire
from shared_schemas.tenants import ByPriority
from shared_schemas.vocabulary import DeliveryStatus, Priority, ReplyKind, TicketStatus

SERVICE = "dispatch"

HEARS = frozenset(
    (
        "ticket.opened",
        "ticket.updated",
        "ticket.escalated",
        "ticket.closed",
        "agency.replied",
        "notification.updated",
    )
)
SAYS = frozenset(("task.assigned", "task.updated", "ticket.closed"))


def fact_of(event: Event[wire.EventData]) -> Fact | None:
    """Return what an event means here; None where it means nothing (our own word among them)."""
    if event.envelope.source == SERVICE:
        return None
    data = event.data
    if isinstance(data, wire.TicketState):
        return _ticket(data)
    if isinstance(data, wire.TicketClosed):
        return Closing(data.tenant, data.ticket_id, data.round)
    if isinstance(data, wire.AgencyReplied):
        return _reply(data)
    if isinstance(data, wire.DeliveryState) and data.status is DeliveryStatus.FAILED:
        return NotDelivered(data.tenant, data.ticket_id, data.task_id, data.step)
    return None


def _ticket(data: wire.TicketState) -> Ticket:
    return Ticket(
        tenant=data.tenant,
        ticket_id=data.ticket_id,
        round=data.round,
        closed=data.status is TicketStatus.CLOSED,
        brief=_brief(data),
        escalations=tuple(Escalation(one.escalation_id, one.round, one.agencies) for one in data.escalations),
    )


def _brief(data: wire.TicketState) -> Brief:
    return Brief(
        number=data.number,
        incident_type=data.incident_type,
        # A priority that only a newer program knows is answered as the most urgent one.
        priority=data.priority if isinstance(data.priority, Priority) else Priority.P1,
        place=Place(data.place.district, data.place.description, data.place.point),
        story=data.story,
        caller=data.caller,
        calls=len(data.calls),
    )


def _reply(data: wire.AgencyReplied) -> Reply | None:
    if not isinstance(data.reply, ReplyKind):
        return None
    return Reply(
        reply_id=data.reply_id,
        tenant=data.tenant,
        ticket_id=data.ticket_id,
        task_id=data.task_id,
        agency=data.agency,
        kind=data.reply,
        occurred_at=data.occurred_at,
        recorded_at=data.recorded_at,
        reason=data.reason,
    )


def plan_of(configured: wire.TenantConfigured) -> Plan:
    """Return what a tenant's configuration says about asking agencies."""
    clocks = configured.configuration.clocks
    return Plan(
        version=configured.version,
        ladders={
            agency.id: Ladder(tuple(contact.id for contact in agency.contacts), agency.substitutes)
            for agency in configured.configuration.agencies
        },
        clocks=Clocks(
            acceptance=_by_priority(clocks.acceptance_seconds),
            arrival=_by_priority(clocks.arrival_seconds),
            completion=_by_priority(clocks.completion_seconds),
        ),
        supervisors=tuple(contact.id for contact in configured.configuration.supervisor.contacts),
    )


def _by_priority(seconds: ByPriority) -> dict[Priority, timedelta]:
    return {priority: seconds.of(priority) for priority in Priority}


def response_state(response: Response, at: datetime) -> wire.ResponseState:
    """Return the response as the world may see it. It must know its ticket."""
    brief = response.brief
    assert brief is not None, "a response is told only once its ticket is known"
    return wire.ResponseState(
        tenant=response.tenant,
        recorded_at=at,
        configuration_version=response.configuration_version,
        ticket_id=response.ticket_id,
        round=response.round,
        status=response.status,
        brief=_told_brief(brief),
        tasks=tuple(map(_told_task, response.tasks)),
        supervisor_called_at=response.supervisor_called_at,
        supervisor_calls=tuple(map(_told_offer, response.supervisor_calls)),
        ended_at=response.ended_at,
    )


def _told_brief(brief: Brief) -> wire.Brief:
    place = brief.place
    return wire.Brief(
        number=brief.number,
        incident_type=brief.incident_type,
        priority=brief.priority,
        place=wire.Place(district=place.district, description=place.description, point=place.point),
        story=brief.story,
        caller=brief.caller,
        calls=brief.calls,
    )


def _told_task(task: Task) -> wire.TaskState:
    return wire.TaskState(
        task_id=task.task_id,
        escalation_id=task.escalation_id,
        round=task.round,
        agency=task.agency,
        status=task.status,
        stands_in_for=task.stands_in_for,
        offers=tuple(map(_told_offer, task.offers)),
        due_at=task.due_at,
        accepted_at=task.accepted_at,
        acceptance_recorded_at=task.acceptance_recorded_at,
        en_route_at=task.en_route_at,
        on_scene_at=task.on_scene_at,
        ended_at=task.ended_at,
        arrival_overdue_at=task.arrival_overdue_at,
        completion_overdue_at=task.completion_overdue_at,
        reason=task.reason,
        gap=task.gap,
        gap_reason=task.gap_reason,
    )


def _told_offer(offer: Offer) -> wire.Offer:
    return wire.Offer(
        step=offer.step,
        contact=offer.contact,
        at=offer.at,
        due_at=offer.due_at,
        undelivered=offer.undelivered,
    )


def ticket_closed(response: Response, at: datetime) -> wire.TicketClosed | None:
    """Return the word that help has ended, or None where dispatch did not end this round."""
    if not response.has_ended or response.disposition is None or response.ended_at is None:
        return None
    return wire.TicketClosed(
        tenant=response.tenant,
        recorded_at=at,
        configuration_version=response.configuration_version,
        ticket_id=response.ticket_id,
        round=response.round,
        disposition=response.disposition,
        closed_at=response.ended_at,
        closed_by=SERVICE,
    )
