"""Options that several commands have, described once; made when a command is registered, in one language."""

from typing import Any

import typer

from siaga_cli.wording import text


def tenant_option() -> Any:
    """Return `--tenant`, for one tenant or (not given) all."""
    return typer.Option(
        "--tenant", metavar=text("CODE"), help=text("Code of the regency, such as 53.03; all if not given.")
    )


def json_option() -> Any:
    """Return `--json`."""
    return typer.Option("--json", help=text("Print JSON for programs; times in UTC."))


def personal_option() -> Any:
    """Return `--personal`."""
    return typer.Option(
        "--personal", help=text("Open names, numbers and stories, if allowed; each opening is recorded.")
    )


def limit_option(explanation: str | None = None) -> Any:
    """Return `--limit`; of each regency, unless explained otherwise."""
    said = explanation or text("At most so many of each regency.")
    return typer.Option("--limit", min=1, max=5000, metavar=text("COUNT"), help=said)


def name_argument(metavar: str, explanation: str) -> Any:
    """Return a required argument."""
    return typer.Argument(metavar=metavar, help=explanation, show_default=False)
