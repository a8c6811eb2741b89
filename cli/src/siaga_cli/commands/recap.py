"""`siaga recap`: a month's figures with their definitions, the sums they must keep, and what no source could see."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from siaga_cli.client import Answer, BadInput, NotUnderstood, TenantBook
from siaga_cli.commands.doorway import doorway, reception
from siaga_cli.commands.options import json_option, name_argument
from siaga_cli.commands.shown.figures import show_recap
from siaga_cli.commands.shown.tables import show_json
from siaga_cli.wording import text

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
SUMS_DIFFER = 1


def register(app: typer.Typer) -> None:
    """Offer `recap`."""

    @app.command("recap", help=text("Print a regency's month: figures, definitions, sum checks."))
    @doorway
    def recap(
        context: typer.Context,
        tenant: Annotated[str, name_argument(text("CODE"), text("Code of the regency, such as 53.03."))],
        month: Annotated[
            str | None,
            typer.Option(
                "--month",
                metavar=text("MONTH"),
                help=text("The month, such as 2026-11; this one if not given."),
            ),
        ] = None,
        definitions: Annotated[
            bool, typer.Option("--definitions", help=text("Print every definition in full."))
        ] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        if month is not None and not _MONTH.fullmatch(month):
            raise BadInput(text("A month is written like 2026-11."))
        with reception(context) as services:
            where = TenantBook(services).of(tenant)
            chosen = month or services.world.clock().astimezone(where.zone).strftime("%Y-%m")
            told = services.get("statistics", f"/v1/tenants/{where.code}/recaps/{chosen}")
        figures = _checked(told)
        if as_json:
            show_json(told)
        else:
            show_recap(where, chosen, told, figures, definitions=definitions)
        if told.get("adds_up") is False:
            raise typer.Exit(SUMS_DIFFER)


def _checked(told: Answer) -> list[Mapping[str, Any]]:
    figures = told.get("figures")
    if not isinstance(figures, list) or not all(isinstance(one, Mapping) for one in figures):
        raise NotUnderstood("statistics")
    return figures
