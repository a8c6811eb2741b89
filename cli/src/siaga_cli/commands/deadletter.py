"""`siaga deadletter`: what no service could take in, looked at, taken again or discarded."""

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
        limit: Annotated[int, limit_option()] = 100,
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
            where, found = _found(services, letter, service)
        if as_json:
            show_json({"service": where, **found})
        else:
            _show_letter(where, found)


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
    """Decide about each letter; the first one that cannot be done ends it, the earlier ones stay done."""
    for letter in letters:
        where, _ = _found(services, letter, service)
        decided = services.change("POST", where, f"{PATH}/{segment(letter)}/{deed}")
        say(f"{letter}: {word(decided.get('status'))} ({where})")


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


def _found(services: Services, letter: str, service: str | None) -> tuple[str, Answer]:
    """Return the service that keeps a letter, and the letter. Raises BadInput where there is none."""
    for name in _chosen(services, service):
        found = services.find(name, f"{PATH}/{segment(letter)}")
        if found is not None:
            return name, found
    raise BadInput(text("There is no dead letter {letter}.", letter=letter))


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
    from datetime import UTC

    return [
        letter.get("service", "-"),
        letter.get("tenant", "-"),
        letter.get("topic", "-"),
        local(letter.get("buried_at"), UTC),
        letter.get("reason", "-"),
        letter.get("id", "-"),
    ]


def _show_letter(service: str, letter: Answer) -> None:
    from datetime import UTC

    place = f"{letter.get('topic', '-')}/{letter.get('partition', '-')}/{letter.get('offset', '-')}"
    show_pairs(
        [
            (text("Letter"), letter.get("id")),
            (text("Service"), service),
            (text("Regency"), letter.get("tenant")),
            (text("Came from"), place),
            (text("Why"), letter.get("reason")),
            (text("State"), word(letter.get("status"))),
            (text("Buried (UTC)"), local(letter.get("buried_at"), UTC)),
            (text("Decided (UTC)"), local(letter.get("decided_at"), UTC)),
            (text("Decided by"), letter.get("decided_by")),
        ]
    )
