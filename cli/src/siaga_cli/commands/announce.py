"""`siaga announce`: the owners tell their present state again, after the broker lost what it had."""

from typing import Annotated

import typer

from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option
from siaga_cli.commands.shown.tables import say, show_json
from siaga_cli.wording import text

OWNERS = ("directory", "intake", "triage", "dispatch", "agency-notifier")
"""Who owns aggregates; statistics only listens."""


def register(app: typer.Typer) -> None:
    """Offer `announce`."""

    @app.command(
        "announce",
        help=text("Tell every present state again, after the broker lost its log. A repeat is harmless."),
    )
    @doorway
    def announce(
        context: typer.Context,
        unfinished: Annotated[
            bool, typer.Option("--unfinished", help=text("Only what is not finished."))
        ] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        query = "?unfinished_only=true" if unfinished else ""
        told: dict[str, object] = {}
        with reception(context, administrator=True) as services:
            for service in OWNERS:
                answer = services.change("POST", service, f"/v1/announcements{query}")
                told[service] = answer.get("told")
                if not as_json:
                    say(text("{service}: {count} states told again", service=service, count=told[service]))
        if as_json:
            show_json(told)
