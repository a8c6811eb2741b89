"""What statistics hears: every event becomes the rows that the figures need, and nothing more."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from service_kit.event import Event
from shared_schemas.events import CallState, ResponseState, TaskState, TenantConfigured, TicketState
from shared_schemas.topics import TOPICS
from statistics_service.domain.months import month_of
from statistics_service.domain.profiles import profile_named
from statistics_service.domain.recap import Profile, Threshold
from statistics_service.domain.rows import CallRow, DeskRow, TaskRow, TicketRow

HEARS: frozenset[str] = frozenset(TOPICS)
SAYS: frozenset[str] = frozenset()

CALL, DESK, TICKET, RESPONSE = "call", "desk", "ticket", "response"
FACTS_OWNER, DESK_OWNER = "intake", "triage"

Row = CallRow | DeskRow | TicketRow | TaskRow
ROWS: dict[str, TypeAdapter[Any]] = {
    CALL: TypeAdapter(CallRow),
    DESK: TypeAdapter(DeskRow),
    TICKET: TypeAdapter(TicketRow),
    RESPONSE: TypeAdapter(TaskRow),
}


@dataclass(frozen=True, slots=True)
class Projected:
    """The rows of one aggregate at one sequence.

    Attributes:
        month: the local month that the rows belong to; empty for tasks, which belong to their ticket's.
        about: the ticket's or call's id.
        rows: as JSON has them: the store's own times know no microseconds, and a figure from the log does.
    """

    tenant: str
    kind: str
    source: str
    subject: str
    sequence: int
    month: str
    about: str
    rows: tuple[dict[str, Any], ...]


def project(event: Event[Any], tenant: TenantConfigured) -> Projected | None:
    """Return the rows of an event; None where no figure needs it (yet)."""
    data = event.data
    if isinstance(data, CallState):
        return _call(event, data, tenant)
    if isinstance(data, TicketState):
        row = _ticket_row(data)
        return _projected(event, TICKET, _month(data.opened_at, tenant), data.ticket_id, row)
    if isinstance(data, ResponseState):
        rows = [_task_row(data.ticket_id, task) for task in data.tasks]
        return _projected(event, RESPONSE, "", data.ticket_id, *rows)
    return None


def _call(event: Event[Any], data: CallState, tenant: TenantConfigured) -> Projected | None:
    month = _month(data.started_at, tenant)
    if event.envelope.source == FACTS_OWNER:
        return _projected(event, CALL, month, data.call_id, _call_row(data))
    if event.envelope.source == DESK_OWNER and data.desk is not None:
        return _projected(event, DESK, month, data.call_id, _desk_row(data))
    return None


def _projected(event: Event[Any], kind: str, month: str, about: str, *rows: Row) -> Projected:
    one = event.envelope
    return Projected(
        tenant=one.tenant,
        kind=kind,
        source=one.source,
        subject=one.subject,
        sequence=one.sequence,
        month=month,
        about=about,
        rows=tuple(ROWS[kind].dump_python(row, mode="json") for row in rows),
    )


def _month(moment: datetime, tenant: TenantConfigured) -> str:
    return month_of(moment, tenant.configuration.zone)


def _call_row(data: CallState) -> CallRow:
    return CallRow(
        call_id=data.call_id,
        started_at=data.started_at,
        outcome=None if data.outcome is None else str(data.outcome),
        detail=data.detail,
        waiting_seconds=data.waiting_seconds,
        talking_seconds=data.talking_seconds,
        witnesses=data.witnesses,
    )


def _desk_row(data: CallState) -> DeskRow:
    desk = data.desk
    if desk is None:
        return DeskRow(data.call_id, None)
    return DeskRow(
        call_id=data.call_id,
        classification=None if desk.classification is None else str(desk.classification),
        ticket_id=desk.ticket_id,
        reclassified=desk.reclassified,
    )


def _ticket_row(data: TicketState) -> TicketRow:
    return TicketRow(
        ticket_id=data.ticket_id,
        opened_at=data.opened_at,
        incident_type=data.incident_type,
        common_type=data.common_type,
        priority=str(data.priority),
        lane=str(data.lane),
        status=str(data.status),
        disposition=None if data.disposition is None else str(data.disposition),
        reopened=data.reopened,
        calls=len(data.calls),
    )


def _task_row(ticket_id: str, task: TaskState) -> TaskRow:
    return TaskRow(
        ticket_id=ticket_id,
        task_id=task.task_id,
        agency=task.agency,
        status=str(task.status),
        offered_at=min((offer.at for offer in task.offers), default=None),
        accepted_at=task.accepted_at,
        acceptance_recorded_at=task.acceptance_recorded_at,
        on_scene_at=task.on_scene_at,
    )


def profile_of(tenant: TenantConfigured) -> Profile:
    """Return the answering thresholds of a tenant."""
    configuration = tenant.configuration
    own = tuple(Threshold(one.within_seconds, one.share) for one in configuration.own_thresholds)
    return profile_named(str(configuration.profile), own)
