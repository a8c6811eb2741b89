"""`siaga tickets`: the tickets of one regency or of all."""

from typing import Annotated, Any, Literal

import typer

from siaga_cli.client import Answer, Services, Tenant, TenantBook
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.everywhere import of_tenants
from siaga_cli.commands.options import json_option, limit_option, tenant_option
from siaga_cli.commands.shown.tables import say, show_json, show_table
from siaga_cli.commands.shown.times import local
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import text

Status = Literal["open", "escalated", "closed", "all"]
Row = tuple[Tenant, Answer]


def register(app: typer.Typer) -> None:
    """Offer `tickets`."""

    @app.command("tickets", help=text("List tickets, newest first."))
    @doorway
    def tickets(
        context: typer.Context,
        tenant: Annotated[str | None, tenant_option()] = None,
        status: Annotated[Status, typer.Option("--status", help=text("Only tickets in this state."))] = "all",
        limit: Annotated[int, limit_option()] = 50,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context) as services:
            found = _found(services, tenant, status, limit)
        if as_json:
            show_json({"items": [{"tenant": where.code, **ticket} for where, ticket in found]})
        else:
            _show(found)


def _found(services: Services, tenant: str | None, status: Status, limit: int) -> list[Row]:
    book = TenantBook(services)

    def of_one(code: str) -> list[Answer]:
        query = {"status": status}
        return services.items("triage", f"/v1/tenants/{code}/tickets", query, most=limit)

    found = of_tenants(book, tenant, of_one)
    return sorted(found, key=lambda row: str(row[1].get("opened_at", "")), reverse=True)


def _show(found: list[Row]) -> None:
    if not found:
        say(text("No tickets."))
        return
    headings = [
        text("Number"),
        text("State"),
        text("Priority"),
        text("Incident"),
        text("Calls"),
        text("Agencies"),
        text("Opened"),
    ]
    show_table(headings, [_row(*one) for one in found])


def _row(tenant: Tenant, ticket: Answer) -> list[object]:
    closing = ticket.get("disposition")
    status = word(ticket.get("status"))
    return [
        ticket.get("number", "-"),
        f"{status} ({word(closing)})" if closing else status,
        ticket.get("priority", "-"),
        tenant.incident_type(str(ticket.get("incident_type", "-"))),
        len(_list(ticket, "calls")),
        ", ".join(agencies_of(ticket)) or "-",
        local(ticket.get("opened_at"), tenant.zone),
    ]


def agencies_of(ticket: Answer) -> list[str]:
    """Return the agencies that a ticket was escalated to, each once, in order."""
    named = [str(agency) for one in _list(ticket, "escalations") for agency in _list(one, "agencies")]
    return list(dict.fromkeys(named))


def _list(answer: Any, name: str) -> list[Any]:
    value = answer.get(name) if isinstance(answer, dict) else None
    return value if isinstance(value, list) else []
