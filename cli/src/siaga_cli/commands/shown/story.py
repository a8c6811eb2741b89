"""One ticket's story on the screen: what it is, who helps, and every step in server time."""

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from siaga_cli.client import Answer, Tenant
from siaga_cli.commands.shown.tables import personal, say, show_pairs, show_table
from siaga_cli.commands.shown.timeline import CLOCK, DISPATCH, INTAKE, Step
from siaga_cli.commands.shown.times import lasting, local, on_the_wall
from siaga_cli.commands.shown.words import details, happening, news, word
from siaga_cli.wording import text

SHORT_TRACE = 8
TIME_COLUMNS = 2
_OWN_NEWS = frozenset(("ticket.heard", "closing.heard", "reply.heard", "deadline.passed", "delivery.failed"))
"""Steps of dispatch whose reason dispatch itself wrote; the others carry a person's words."""


def show_story(
    tenant: Tenant,
    ticket: Answer,
    calls: Sequence[Answer],
    response: Answer | None,
    deliveries: Sequence[Answer],
    steps: Sequence[Step],
    *,
    opened: bool,
) -> None:
    """Print a ticket, its calls, tasks, messages and timeline; `opened`: personal data were asked for."""
    _show_ticket(tenant, ticket, opened=opened)
    if any(calls):
        _show_calls(tenant, calls)
    if response is not None:
        _show_tasks(tenant, response)
    if deliveries:
        _show_deliveries(tenant, deliveries)
    show_steps(steps, tenant.zone)


def _show_ticket(tenant: Tenant, ticket: Answer, *, opened: bool) -> None:
    place = _mapping(ticket.get("place"))
    say(f"{ticket.get('number', '-')}  {tenant.incident_type(str(ticket.get('incident_type', '-')))}")
    closing = word(ticket.get("disposition"))
    status = word(ticket.get("status"))
    show_pairs(
        [
            (text("Regency"), f"{tenant.name} ({tenant.code})"),
            (text("State"), f"{status} ({closing})" if closing != "-" else status),
            (text("Priority"), ticket.get("priority")),
            (text("Caller"), personal(ticket.get("caller"), opened=opened)),
            (text("Story"), personal(ticket.get("story"), opened=opened)),
            (text("Place"), personal(place.get("description"), opened=opened)),
            (text("District"), place.get("district")),
            (text("Point"), personal(place.get("point"), opened=opened)),
            (
                text("Opened"),
                f"{local(ticket.get('opened_at'), tenant.zone)} · {ticket.get('opened_by', '-')}",
            ),
            (text("Closed"), local(ticket.get("closed_at"), tenant.zone)),
        ]
    )


def _show_calls(tenant: Tenant, calls: Sequence[Answer]) -> None:
    say("")
    headings = [
        text("Call"),
        text("Began"),
        text("Outcome"),
        text("Waited"),
        text("Spoke"),
        text("Agent"),
        text("Class"),
    ]
    rows = [
        [
            number,
            local(call.get("started_at"), tenant.zone),
            word(call.get("outcome") or call.get("stage")),
            lasting(call.get("waiting_seconds")),
            lasting(call.get("talking_seconds")),
            call.get("agent") or "-",
            word(call.get("classification")),
        ]
        for number, call in enumerate(calls, start=1)
        if call
    ]
    show_table(headings, rows)


def _show_tasks(tenant: Tenant, response: Answer) -> None:
    tasks = [one for one in response.get("tasks") or () if isinstance(one, Mapping)]
    if not tasks:
        return
    say("")
    headings = [
        text("Agency"),
        text("State"),
        text("Clock"),
        text("Accepted"),
        text("On scene"),
        text("Ended"),
        text("Why"),
    ]
    zone = tenant.zone
    rows = [
        [
            tenant.agency(str(task.get("agency", "-"))),
            _task_state(task),
            lasting(task.get("seconds_left")),
            local(task.get("accepted_at"), zone, date=False),
            local(task.get("on_scene_at"), zone, date=False),
            local(task.get("ended_at"), zone, date=False),
            task.get("reason") or task.get("gap_reason") or "-",
        ]
        for task in tasks
    ]
    show_table(headings, rows)


def _task_state(task: Mapping[str, Any]) -> str:
    gap = task.get("gap")
    status = word(task.get("status"))
    return text("{status}, gap {gap}", status=status, gap=word(gap)) if gap else status


def _show_deliveries(tenant: Tenant, deliveries: Sequence[Answer]) -> None:
    say("")
    headings = [
        text("Message to"),
        text("State"),
        text("By"),
        text("Tries"),
        text("Delivered"),
        text("Answers"),
    ]
    show_table(headings, [_delivery(tenant, one) for one in deliveries])


def _delivery(tenant: Tenant, delivery: Answer) -> list[object]:
    attempts = [one for one in delivery.get("attempts") or () if isinstance(one, Mapping)]
    return [
        f"{delivery.get('agency', '-')}/{delivery.get('contact', '-')}",
        word(delivery.get("status")),
        word(delivery.get("channel")),
        len(attempts),
        local(delivery.get("delivered_at"), tenant.zone, date=False),
        ", ".join(str(one.get("answer") or "-") for one in attempts) or "-",
    ]


def show_steps(steps: Sequence[Step], zone: tzinfo) -> None:
    """Print the timeline in server time, with the device's time beside it, and the traces in full below."""
    say("")
    say(text("Timeline (server time; beside it the time of the device that told it)"))
    known = (on_the_wall(step.at, zone) for step in steps if step.at is not None)
    label = next((f" ({at:%Z})" for at in known if at is not None), "")
    headings = [
        text("Server") + label,
        text("Device") + label,
        text("About"),
        text("What"),
        text("Who"),
        text("Why"),
        text("Trace"),
    ]
    show_table(headings, [_step(step, zone) for step in steps], unbroken=TIME_COLUMNS)
    traces = list(dict.fromkeys(step.trace_id for step in steps if step.trace_id))
    if traces:
        say(text("Traces: {traces}", traces=" ".join(traces)))


def _step(step: Step, zone: tzinfo) -> list[object]:
    return [
        _clock(step.at, zone),
        _clock(step.occurred_at, zone),
        step.about,
        happening(step.what),
        _who(step),
        _why(step),
        step.trace_id[:SHORT_TRACE] or "-",
    ]


def _clock(moment: datetime | None, zone: tzinfo) -> str:
    """Say a moment to the tenth of a second: steps of one ticket lie close together."""
    here = None if moment is None else on_the_wall(moment, zone)
    return "-" if here is None else f"{here:%m-%d %H:%M:%S}.{here.microsecond // 100_000}"


def _who(step: Step) -> str:
    """Say who did it: a service whose clock acted goes by its own name."""
    if step.by == CLOCK:
        return step.service
    return word(step.by) if step.service == INTAKE else step.by or "-"


def _why(step: Step) -> str:
    if step.service == DISPATCH and step.what in _OWN_NEWS:
        return news(step.why)
    return details(step.why) if step.service == INTAKE else step.why


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
