"""Plain output: tables and lines for people, JSON for programs, and nothing that a caller could make a terminal do."""

import json
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

import typer

from siaga_cli.commands.shown.times import in_utc
from siaga_cli.wording import text

PIPE_WIDTH = 220
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def plain(value: object) -> str:
    """Return a text without control characters: stories and names come from callers, not from friends."""
    return "".join(" " if unicodedata.category(one) in _UNSEEN else one for one in str(value))


def say(sentence: str) -> None:
    """Print a sentence."""
    typer.echo("\n".join(plain(line) for line in sentence.split("\n")))


def show_json(value: Any) -> None:
    """Print JSON with every moment in UTC."""
    typer.echo(json.dumps(in_utc(value), ensure_ascii=False, indent=2).encode(errors="replace").decode())


def show_table(headings: Sequence[str], rows: Sequence[Sequence[object]], *, unbroken: int = 1) -> None:
    """Print a table as wide as the terminal, or uncut where there is none.

    The first `unbroken` columns are never spread over several lines.
    """
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Cell

    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for place, heading in enumerate(headings):
        table.add_column(heading, overflow="fold", no_wrap=place < unbroken)
    for row in rows:
        table.add_row(*(Cell(plain(cell)) for cell in row))
    console.print(table)


def show_pairs(pairs: Sequence[tuple[str, object]]) -> None:
    """Print names and values, aligned; a pair without a value is left out."""
    shown = [(name, str(value)) for name, value in pairs if value not in (None, "", "-")]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        say(f"{name:<{width}}  {value}")


def personal(value: object, *, opened: bool) -> str:
    """Say a piece of personal data as far as it was opened; `opened`: the person asked for that."""
    if value is None:
        return "-"
    if isinstance(value, dict):
        if value.get("sealed") is True:
            sealed = text("(sealed; --personal opens it)")
            return text("(sealed; this account may not open it)") if opened else sealed
        return ", ".join(str(one) for one in value.values() if one not in (None, ""))
    return str(value)
