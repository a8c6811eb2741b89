"""`siaga deadletter`: what no service could take in, looked at, taken again or discarded."""

from datetime import UTC
from http import HTTPStatus
from typing import Annotated, Literal

import typer

from siaga_cli.client import Answer, Away, BadInput, Refused, Services, segment
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option, limit_option, name_argument
from siaga_cli.commands.shown.tables import say, show_json, show_pairs, show_table
from siaga_cli.commands.shown.times import local
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import text

Status = Literal["waiting", "redriven", "discarded"]
PATH = "/v1/deadletters"


def register(app: typer.Typer) -> None:
    """Offer `deadletter`."""
    group = typer.Typer(help=text("Events that no service could take in."), no_args_is_help=True)
    _add_list(group)
    _add_show(group)
    _add_decisions(group)
    app.add_typer(group, name="deadletter")


def service_option() -> typer.models.OptionInfo:
    """Return `--service`."""
    found: typer.models.OptionInfo = typer.Option(
        "--service", metavar=text("SERVICE"), help=text("Only this service; all if not given.")
    )
    return found


def _add_list(group: typer.Typer) -> None:
    @group.command("list", help=text("List dead letters, without their content."))
    @doorway
    def list_letters(
        context: typer.Context,
        service: Annotated[str | None, service_option()] = None,
        status: Annotated[
            Status, typer.Option("--status", help=text("Only letters in this state."))
        ] = "waiting",
        limit: Annotated[int, limit_option(text("At most so many of each service."))] = 100,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context, administrator=True) as services:
            found, away = _listed(services, service, status, limit)
        if as_json:
            show_json({"items": found})
        else:
            _show_list(found)
        if away:
            raise Away(text("Not asked, because away: {services}", services=", ".join(away)))


def _add_show(group: typer.Typer) -> None:
    @group.command("show", help=text("Show where a dead letter came from and why it is here."))
    @doorway
    def show(
        context: typer.Context,
        letter: Annotated[str, name_argument(text("LETTER"), text("The letter's id."))],
        service: Annotated[str | None, service_option()] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        with reception(context, administrator=True) as services:
            found = _keepers(services, letter, service)
        if as_json:
            show_json({"items": found})
            return
        for one in found:
            _show_letter(one)


def _add_decisions(group: typer.Typer) -> None:
    @group.command("redrive", help=text("Let the service take letters again; a repeat changes nothing."))
    @doorway
    def redrive(
        context: typer.Context,
        letters: Annotated[list[str], name_argument(text("LETTER…"), text("The letters' ids."))],
        service: Annotated[str | None, service_option()] = None,
    ) -> None:
        with reception(context, administrator=True) as services:
            _decide(services, letters, service, "redrive")

    @group.command(
        "discard", help=text("Take letters off the list; the topic keeps their records for a while.")
    )
    @doorway
    def discard(
        context: typer.Context,
        letters: Annotated[list[str], name_argument(text("LETTER…"), text("The letters' ids."))],
        service: Annotated[str | None, service_option()] = None,
    ) -> None:
        with reception(context, administrator=True) as services:
            _decide(services, letters, service, "discard")


def _decide(services: Services, letters: list[str], service: str | None, deed: str) -> None:
    """Decide about each letter at each service that keeps it; what one refuses does not stop the others."""
    undone = False
    for letter in letters:
        for kept in _keepers(services, letter, service):
            where = str(kept["service"])
            try:
                decided = services.change("POST", where, f"{PATH}/{segment(letter)}/{deed}")
            except Refused as refused:
                typer.echo(f"{letter} ({where}): {refused}", err=True)
                undone = True
            else:
                say(f"{letter} ({where}): {word(decided.get('status'))}")
    if undone:
        raise typer.Exit(Refused.exit_code)


def _chosen(services: Services, service: str | None) -> list[str]:
    if service is None:
        return sorted(services.addresses)
    if service not in services.addresses:
        known = ", ".join(sorted(services.addresses))
        raise BadInput(text("There is no service {name}. Known: {known}.", name=service[:40], known=known))
    return [service]


def _listed(
    services: Services, service: str | None, status: Status, limit: int
) -> tuple[list[Answer], list[str]]:
    """Return the letters of all services that keep some, and the services that could not be asked."""
    found: list[Answer] = []
    away: list[str] = []
    for name in _chosen(services, service):
        try:
            letters = services.items(name, PATH, {"status": status}, most=limit)
        except Away:
            away.append(name)
        except Refused as refused:
            if refused.status != HTTPStatus.NOT_FOUND:
                raise
        else:
            found += [{"service": name, **letter} for letter in letters]
    return found, away


def _keepers(services: Services, letter: str, service: str | None) -> list[Answer]:
    """Return the letter at each service that keeps it: one record may be unreadable to several.

    Raises:
        BadInput: no service keeps it.
    """
    path = f"{PATH}/{segment(letter)}"
    asked = [(name, services.find(name, path)) for name in _chosen(services, service)]
    found = [{"service": name, **kept} for name, kept in asked if kept is not None]
    if not found:
        raise BadInput(text("There is no dead letter {letter}.", letter=letter))
    return found


def _show_list(found: list[Answer]) -> None:
    if not found:
        say(text("No dead letters."))
        return
    headings = [
        text("Service"),
        text("Regency"),
        text("Topic"),
        text("Buried (UTC)"),
        text("Why"),
        text("Letter"),
    ]
    show_table(headings, [_row(one) for one in found])


def _row(letter: Answer) -> list[object]:
    return [
        letter.get("service", "-"),
        letter.get("tenant", "-"),
        letter.get("topic", "-"),
        local(letter.get("buried_at"), UTC),
        letter.get("reason", "-"),
        letter.get("id", "-"),
    ]


def _show_letter(letter: Answer) -> None:
    place = f"{letter.get('topic', '-')}/{letter.get('partition', '-')}/{letter.get('offset', '-')}"
    show_pairs(
        [
            (text("Letter"), letter.get("id")),
            (text("Service"), letter.get("service")),
            (text("Regency"), letter.get("tenant")),
            (text("Came from"), place),
            (text("Why"), letter.get("reason")),
            (text("State"), word(letter.get("status"))),
            (text("Buried (UTC)"), local(letter.get("buried_at"), UTC)),
            (text("Decided (UTC)"), local(letter.get("decided_at"), UTC)),
            (text("Decided by"), letter.get("decided_by")),
        ]
    )
