"""`siaga call`: report a call of one's own, as a radio message or a walk-in would be."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

import typer

from siaga_cli.client import Answer, BadInput, NotUnderstood, Refused, Services, TenantBook, segment
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option
from siaga_cli.commands.shown.tables import say, show_json
from siaga_cli.commands.shown.words import word
from siaga_cli.wording import text

Channel = Literal["phone", "sms", "whatsapp", "app", "radio", "walk_in", "partner"]
ON_DESK_WITHIN = timedelta(seconds=10)
LOOK_EVERY_SECONDS = 0.25
_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{1,30}", re.ASCII)
_LONGEST_STORY, _LONGEST_NAME = 4_000, 200


def register(app: typer.Typer) -> None:
    """Offer `call`."""

    @app.command("call", help=text("Report a call, and see it reach the call takers' desk."))
    @doorway
    def call(
        context: typer.Context,
        tenant: Annotated[
            str,
            typer.Option("--tenant", metavar=text("CODE"), help=text("Code of the regency, such as 53.03.")),
        ],
        number: Annotated[
            str, typer.Option("--from", metavar=text("NUMBER"), help=text("The caller's telephone number."))
        ],
        story: Annotated[
            str,
            typer.Option(
                "--story", metavar=text("TEXT"), help=text("What the caller says, in one sentence.")
            ),
        ],
        name: Annotated[
            str | None, typer.Option("--name", metavar=text("NAME"), help=text("The caller's name."))
        ] = None,
        channel: Annotated[Channel, typer.Option("--channel", help=text("How the report came."))] = "phone",
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        report = _report(number, story, name, channel)
        with reception(context) as services:
            code = TenantBook(services).of(tenant).code
            call_id = _send(services, code, report)
            seen = _until_on_desk(services, code, call_id)
        if as_json:
            show_json({"tenant": code, "call_id": call_id, "on_desk": seen is not None, "call": seen})
        else:
            _tell(code, call_id, seen)


def _report(number: str, story: str, name: str | None, channel: Channel) -> dict[str, str]:
    """Return the report's body. Raises BadInput."""
    if not _NUMBER.fullmatch(number.strip()):
        raise BadInput(text("--from must be a telephone number, such as 081200000042."))
    if not 0 < len(story.strip()) <= _LONGEST_STORY:
        raise BadInput(text("--story must hold 1 to {most} characters.", most=_LONGEST_STORY))
    if name is not None and not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise BadInput(text("--name must hold 1 to {most} characters.", most=_LONGEST_NAME))
    body = {"number": re.sub(r"[ ().-]", "", number), "story": story.strip(), "channel": channel}
    return {**body, **({"name": name.strip()} if name else {})}


def _send(services: Services, code: str, report: Mapping[str, Any]) -> str:
    taken = services.change("POST", "intake", f"/v1/tenants/{code}/calls", report)
    call_id = taken.get("call_id")
    if not isinstance(call_id, str):
        raise NotUnderstood("intake")
    return call_id


def _until_on_desk(services: Services, code: str, call_id: str) -> Answer | None:
    """Wait until triage lists the call; None where it does not within the bound or may not be looked at."""
    until = services.world.clock() + ON_DESK_WITHIN
    while True:
        try:
            seen = services.find("triage", f"/v1/tenants/{code}/calls/{segment(call_id)}")
        except Refused:
            return None
        if seen is not None or services.world.clock() >= until:
            return seen
        services.world.wait(LOOK_EVERY_SECONDS)


def _tell(code: str, call_id: str, seen: Answer | None) -> None:
    say(text("Taken for good: call {call_id}.", call_id=call_id))
    if seen is None:
        seconds = int(ON_DESK_WITHIN.total_seconds())
        say(text("The desk does not list it after {seconds} s yet; see: siaga status", seconds=seconds))
        return
    say(
        text(
            "It lies on the desk now ({view}); a call taker says what it is and opens a ticket.",
            view=word(seen.get("view")),
        )
    )
    say(text("Follow it: siaga calls --tenant {code} · siaga tickets --tenant {code}", code=code))
