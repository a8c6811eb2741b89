"""`siaga calls`: the calls on the desk, of one regency or of all."""

from typing import Annotated, Literal

import typer

from siaga_cli.client import Answer, Services, Tenant, TenantBook, segment
from siaga_cli.client.services import PAGE
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.everywhere import of_tenants
from siaga_cli.commands.options import json_option, limit_option, personal_option, tenant_option
from siaga_cli.commands.shown.tables import personal as shown_personal
from siaga_cli.commands.shown.tables import say, show_json, show_table
from siaga_cli.commands.shown.times import lasting, local
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import text

View = Literal["waiting", "current", "unclassified", "all"]
Row = tuple[Tenant, Answer]


def register(app: typer.Typer) -> None:
    """Offer `calls`."""

    @app.command("calls", help=text("List calls on the desk."))
    @doorway
    def calls(
        context: typer.Context,
        tenant: Annotated[str | None, tenant_option()] = None,
        view: Annotated[View, typer.Option("--view", help=text("Which calls."))] = "all",
        limit: Annotated[int, limit_option()] = 50,
        personal: Annotated[bool, personal_option()] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context) as services:
            found = _found(services, tenant, view, limit, personal=personal)
        if as_json:
            show_json({"items": [{"tenant": where.code, **call} for where, call in found]})
        else:
            _show(found, personal=personal)


def _found(services: Services, tenant: str | None, view: View, limit: int, *, personal: bool) -> list[Row]:
    query = {"view": view, **({"personal": "true"} if personal else {})}

    def of_one(code: str) -> list[Answer]:
        found = services.items("triage", f"/v1/tenants/{code}/calls", query, most=limit)
        numbers = _numbers(services, code, found)
        return [{**call, "ticket_number": numbers.get(str(call.get("ticket_id")))} for call in found]

    return of_tenants(TenantBook(services), tenant, of_one)


def _numbers(services: Services, code: str, calls: list[Answer]) -> dict[str, str]:
    """Return the numbers of the calls' tickets by id: from the newest tickets; an older one is asked for alone."""
    wanted = {str(call["ticket_id"]) for call in calls if call.get("ticket_id")}
    if not wanted:
        return {}
    path = f"/v1/tenants/{code}/tickets"
    newest = services.items("triage", path, most=max(len(calls), PAGE))
    older = wanted - {str(one.get("ticket_id")) for one in newest}
    asked = [services.find("triage", f"{path}/{segment(ticket)}") for ticket in sorted(older)]
    known = [*newest, *(one for one in asked if one is not None)]
    return {str(one.get("ticket_id")): str(one.get("number")) for one in known if one.get("number")}


def _show(found: list[Row], *, personal: bool) -> None:
    if not found:
        say(text("No calls."))
        return
    headings = [
        text("Began"),
        text("Regency"),
        text("Channel"),
        text("Outcome"),
        text("Waited"),
        text("Spoke"),
        text("Class"),
        text("Ticket"),
        text("Call"),
    ]
    rows = [_row(*one) for one in found]
    if personal:
        headings.append(text("Caller"))
        for row, (_, call) in zip(rows, found, strict=True):
            row.append(shown_personal(call.get("caller"), opened=True))
    show_table(headings, rows)


def _row(tenant: Tenant, call: Answer) -> list[object]:
    outcome = call.get("outcome") or call.get("stage")
    overdue = call.get("overdue_since")
    named = word(call.get("classification"))
    return [
        local(call.get("started_at"), tenant.zone),
        tenant.abbreviation,
        word(call.get("channel")),
        word(outcome),
        lasting(call.get("waiting_seconds")),
        lasting(call.get("talking_seconds")),
        text("overdue") if overdue and call.get("classification") is None else named,
        call.get("ticket_number") or call.get("ticket_id") or "-",
        call.get("call_id", "-"),
    ]
