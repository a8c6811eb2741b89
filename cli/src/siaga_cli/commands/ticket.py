"""`siaga ticket`: one ticket's whole story, put together from every service that knows a part of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from siaga_cli.client import Answer, BadInput, CommandRefused, Refused, Services, Tenant, TenantBook, segment
from siaga_cli.client.tenants import ticket_number
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option, name_argument, personal_option
from siaga_cli.commands.shown.story import show_story
from siaga_cli.commands.shown.tables import show_json
from siaga_cli.commands.shown.timeline import DISPATCH, INTAKE, NOTIFIER, TRIAGE, Step, Told, merge
from siaga_cli.wording import text

MOST_DELIVERIES = 500
CALLS, HELP, MESSAGES = "calls", "help", "messages"
_PART = {TRIAGE: CALLS, INTAKE: CALLS, DISPATCH: HELP, NOTIFIER: MESSAGES}


@dataclass(frozen=True, slots=True)
class Story:
    """All that the services tell of one ticket; what is not told, or not to this account, is left out and named.

    Attributes:
        missing: services that do not answer now.
        may_not_read: kinds of things (`calls`, `help`, `messages`) that this account has no right to see.
    """

    tenant: Tenant
    ticket: Answer
    calls: tuple[Answer, ...]
    response: Answer | None
    deliveries: tuple[Answer, ...]
    steps: tuple[Step, ...]
    missing: tuple[str, ...]
    may_not_read: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the story for programs."""
        return {
            "tenant": self.tenant.code,
            "ticket": self.ticket,
            "calls": [call for call in self.calls if call],
            "response": self.response,
            "deliveries": list(self.deliveries),
            "timeline": [step.as_json() for step in self.steps],
            "missing": list(self.missing),
            "may_not_read": list(self.may_not_read),
        }


def register(app: typer.Typer) -> None:
    """Offer `ticket`."""

    @app.command("ticket", help=text("Show one ticket's whole story: every step, when, who, why, trace."))
    @doorway
    def ticket(
        context: typer.Context,
        number: Annotated[
            str, name_argument(text("NUMBER"), text("The ticket's number, such as TTU-20261122-0017."))
        ],
        personal: Annotated[bool, personal_option()] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        written, abbreviation = ticket_number(number)
        with reception(context) as services:
            tenant = TenantBook(services).of_abbreviation(abbreviation)
            story = _read(services, tenant, written, personal=personal)
        if as_json:
            show_json(story.as_json())
        else:
            show_story(
                story.tenant,
                story.ticket,
                story.calls,
                story.response,
                story.deliveries,
                story.steps,
                opened=personal,
            )
        _name_missing(story)


def _name_missing(story: Story) -> None:
    if story.may_not_read:
        said = {CALLS: text("calls"), HELP: text("help"), MESSAGES: text("messages")}
        what = ", ".join(said[one] for one in story.may_not_read)
        typer.echo(text("Left out, because this account may not read it: {what}", what=what), err=True)
    if story.missing:
        names = ", ".join(story.missing)
        typer.echo(text("Incomplete: not told by {names}; see: siaga status", names=names), err=True)


def _read(services: Services, tenant: Tenant, number: str, *, personal: bool) -> Story:
    query = {"personal": "true"} if personal else {}
    home = f"/v1/tenants/{tenant.code}"
    ticket = services.find("triage", f"{home}/tickets/{segment(number)}", query)
    if ticket is None:
        raise BadInput(text("There is no ticket {number}.", number=number))
    ticket_id = segment(str(ticket.get("ticket_id", "")))
    parts = _Parts(services, home, query)
    desk = [parts.one("triage", f"/calls/{segment(str(one))}") for one in ticket.get("calls") or ()]
    facts = [parts.one("intake", f"/calls/{segment(str(one))}") for one in ticket.get("calls") or ()]
    response = parts.one("dispatch", f"/responses/{ticket_id}")
    deliveries = tuple(parts.deliveries(ticket_id))
    tellings = [Told(TRIAGE, text("ticket"), ticket)]
    tellings += _of_calls(INTAKE, facts) + _of_calls(TRIAGE, desk)
    tellings += [Told(DISPATCH, text("help"), response)] if response else []
    tellings += [Told(NOTIFIER, _contact(one), one) for one in deliveries]
    known = tuple({**(told or {}), **(seen or {})} for told, seen in zip(facts, desk, strict=True))
    steps = merge(tellings)
    return Story(tenant, ticket, known, response, deliveries, steps, parts.missing, parts.may_not_read)


def _of_calls(service: str, calls: list[Answer | None]) -> list[Told]:
    return [
        Told(service, text("call {number}", number=index), call)
        for index, call in enumerate(calls, start=1)
        if call is not None
    ]


def _contact(delivery: Mapping[str, Any]) -> str:
    return f"{delivery.get('agency', '?')}/{delivery.get('contact', '?')}"


class _Parts:
    """Asks the other services for their part; what one refuses or cannot tell now is noted, not fatal."""

    def __init__(self, services: Services, home: str, query: Mapping[str, str]) -> None:
        self._services, self._home, self._query = services, home, query
        self._missing: dict[str, None] = {}
        self._forbidden: dict[str, None] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(self._missing)

    @property
    def may_not_read(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_PART[service] for service in self._forbidden))

    def one(self, service: str, path: str) -> Answer | None:
        """Return one part; None where the service has nothing (yet), does not tell, or not to this account."""
        if service in self._missing or service in self._forbidden:
            return None  # who was away or closed a moment ago is not asked again
        try:
            return self._asked(service, path)
        except CommandRefused as refused:
            self._note(service, refused)
            return None

    def _asked(self, service: str, path: str) -> Answer | None:
        """Ask; who may not open personal data may see the rest."""
        try:
            return self._services.find(service, f"{self._home}{path}", self._query)
        except Refused as refused:
            if not self._query or refused.kind != "forbidden":
                raise
            return self._services.find(service, f"{self._home}{path}")

    def _note(self, service: str, refused: CommandRefused) -> None:
        is_forbidden = isinstance(refused, Refused) and refused.kind == "forbidden"
        (self._forbidden if is_forbidden else self._missing)[service] = None

    def deliveries(self, ticket_id: str) -> Iterator[Answer]:
        """Yield each message about the ticket with its own timeline."""
        query = {"ticket_id": ticket_id}
        try:
            listed = self._services.items(NOTIFIER, f"{self._home}/deliveries", query, most=MOST_DELIVERIES)
        except CommandRefused as refused:
            self._note(NOTIFIER, refused)
            return
        for line in listed:
            yield self.one(NOTIFIER, f"/deliveries/{segment(str(line.get('delivery_id', '')))}") or line
