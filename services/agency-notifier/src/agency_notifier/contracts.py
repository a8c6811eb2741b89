"""What the notifier hears and says: the one room with wire models."""

from datetime import datetime
from typing import Any

from agency_notifier.domain import delivery as deliveries
from agency_notifier.domain import reply as replies
from agency_notifier.domain import response as responses
from service_kit.event import Event
from shared_schemas import events
from shared_schemas.vocabulary import GapStatus, ResponseStatus

SOURCE = "agency-notifier"
HEARS: frozenset[str] = frozenset({"task.assigned", "task.updated"})
SAYS: frozenset[str] = frozenset({deliveries.TOLD_BY, replies.TOLD_BY})


def response_of(event: Event[Any]) -> responses.Response:
    """Read the state of a response from the event that tells it."""
    data: events.ResponseState = event.data
    return responses.Response(
        tenant=data.tenant,
        ticket_id=data.ticket_id,
        brief=_brief(data.brief),
        tasks=tuple(_task(one) for one in data.tasks),
        needs_supervisor=data.status == ResponseStatus.NEEDS_SUPERVISOR,
        supervisor_calls=tuple(map(_offer, data.supervisor_calls)),
    )


def _brief(said: events.Brief) -> responses.Brief:
    return responses.Brief(
        number=said.number,
        incident_type=said.incident_type,
        priority=str(said.priority),
        district=said.place.district,
        place=said.place.description,
        point=said.place.point,
        story=said.story,
        caller=said.caller,
    )


def _task(said: events.TaskState) -> responses.Task:
    return responses.Task(
        task_id=said.task_id,
        agency=said.agency,
        status=str(said.status),
        offers=tuple(map(_offer, said.offers)),
        gap_is_open=said.gap == GapStatus.OPEN,
        stands_in_for=said.stands_in_for,
    )


def _offer(said: events.Offer) -> responses.Offer:
    return responses.Offer(said.step, said.contact, said.at, said.due_at)


def delivery_state(delivery: deliveries.Delivery, at: datetime) -> events.DeliveryState:
    """Return the event that tells a delivery's state."""
    return events.DeliveryState(
        tenant=delivery.tenant,
        recorded_at=at,
        configuration_version=delivery.configuration_version,
        delivery_id=delivery.delivery_id,
        ticket_id=delivery.ticket_id,
        task_id=delivery.task_id,
        step=delivery.step,
        agency=delivery.agency,
        contact=delivery.contact,
        status=delivery.status,
        channel=delivery.channel,
        attempts=tuple(_attempt(one) for one in delivery.attempts),
        next_attempt_at=delivery.next_attempt_at,
        delivered_at=delivery.delivered_at,
    )


def _attempt(attempt: deliveries.Attempt) -> events.Attempt:
    return events.Attempt(
        number=attempt.number,
        channel=attempt.channel,
        at=attempt.at,
        succeeded=attempt.succeeded,
        answer=attempt.answer,
        took_ms=attempt.took_ms,
    )


def agency_replied(reply: replies.AgencyReply, at: datetime) -> events.AgencyReplied:
    """Return the event that tells a reply."""
    return events.AgencyReplied(
        tenant=reply.tenant,
        recorded_at=at,
        configuration_version=reply.configuration_version,
        reply_id=reply.reply_id,
        ticket_id=reply.ticket_id,
        task_id=reply.task_id,
        agency=reply.agency,
        reply=reply.reply,
        reason=reply.reason,
        by=reply.by,
        channel=reply.channel,
        occurred_at=reply.occurred_at,
    )
