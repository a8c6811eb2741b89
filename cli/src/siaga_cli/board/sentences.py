"""What an event tells, in plain words; never a number, a name or a story of a person."""

from collections.abc import Iterator, Mapping

from service_kit.event import Event
from shared_schemas.events import CallState, DeliveryState, EventData, ResponseState, TicketState
from shared_schemas.vocabulary import CallOutcome, CallStage, DeliveryStatus
from siaga_cli.board.projection import INTAKE, Projection
from siaga_cli.board.words import word
from siaga_cli.wording import text


def told_by(before: Projection, event: Event[EventData]) -> Iterator[str]:
    """Yield what is new in an event, compared with what the board knew before it."""
    data = event.data
    place = before.abbreviation(event.tenant)
    match data:
        case CallState() if event.envelope.source == INTAKE:
            yield from _of_call(data, place)
        case CallState() if data.desk is not None and data.desk.classification is not None:
            label = word(str(data.desk.classification))
            yield text("{place}: call classified as {label}", place=place, label=label)
        case TicketState():
            yield from _of_ticket(data, event.envelope.topic, before)
        case ResponseState():
            yield from _of_response(data, before.responses.get(data.ticket_id))
        case DeliveryState() if data.status == DeliveryStatus.FAILED:
            yield text(
                "{place}: {agency} could not be reached ({contact})",
                place=place,
                agency=data.agency,
                contact=data.contact,
            )
        case _:
            return


def _of_call(call: CallState, place: str) -> Iterator[str]:
    if call.stage == CallStage.ANSWERED:
        waited = round(call.waiting_seconds or 0)
        yield text(
            "{place}: {agent} answers after {seconds} s", place=place, agent=call.agent, seconds=waited
        )
    elif call.stage in {CallStage.QUEUED, CallStage.RINGING}:
        yield text("{place}: a call comes in", place=place)
    elif call.outcome is not None and call.outcome != CallOutcome.ANSWERED:
        yield text("{place}: call {outcome}", place=place, outcome=word(str(call.outcome)))


def _of_ticket(ticket: TicketState, topic: str, before: Projection) -> Iterator[str]:
    number = ticket.number
    if topic == "ticket.opened":
        kind = type_name(before, ticket.tenant, ticket.incident_type)
        yield text("{number} opened: {priority} {kind}", number=number, priority=ticket.priority, kind=kind)
    elif topic == "ticket.escalated" and ticket.escalations:
        agencies = ", ".join(ticket.escalations[-1].agencies)
        yield text("{number} handed to {agencies}", number=number, agencies=agencies)
    elif ticket.closed_at is not None:
        result = word(str(ticket.disposition))
        yield text("{number} closed: {result}", number=number, result=result)


def _of_response(response: ResponseState, known: ResponseState | None) -> Iterator[str]:
    before: Mapping[str, str] = {task.task_id: str(task.status) for task in known.tasks} if known else {}
    for task in response.tasks:
        if before.get(task.task_id) not in {None, str(task.status)}:
            said = {"number": response.brief.number, "agency": task.agency, "state": word(str(task.status))}
            yield text("{number}: {agency} {state}", **said) + (f" ({task.reason})" if task.reason else "")
    if response.supervisor_called_at and not (
        known and known.supervisor_called_at == response.supervisor_called_at
    ):
        yield text("{number}: the supervisor is called", number=response.brief.number)


def type_name(known: Projection, tenant: str, code: str) -> str:
    """Return the tenant's own word for a kind of trouble, in the person's language."""
    from siaga_cli.wording import language

    configured = known.tenants.get(tenant)
    kinds = configured.configuration.incident_types if configured else ()
    names = {kind.code: getattr(kind.name, language()) for kind in kinds}
    return str(names.get(code, code))
