"""The board on a terminal (Rich)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from shared_schemas.vocabulary import CallOutcome, Classification, DeliveryStatus, TaskStatus, TicketStatus
from siaga_cli.board.clocks import clock
from siaga_cli.board.projection import ONGOING, Projection, SumCheck
from siaga_cli.board.words import word
from siaga_cli.wording import text

MOST_TASKS = 10
CALL_COLUMNS = (*(outcome.value for outcome in CallOutcome), ONGOING)


def board(known: Projection, news: Sequence[str], *, now: datetime, heading: str) -> RenderableType:
    """Return the whole board as it is now."""
    counts = Table.grid(expand=True, padding=(0, 1))
    for ratio in (3, 2, 2, 2):
        counts.add_column(ratio=ratio)
    counts.add_row(
        Panel(_calls(known), title=text("Calls")),
        Panel(_counted(known.classes(), Classification), title=text("Classes")),
        Panel(_counted(known.ticket_states(), TicketStatus), title=text("Tickets")),
        Panel(_counted(known.delivery_states(), DeliveryStatus), title=text("Deliveries")),
    )
    below = Table.grid(expand=True, padding=(0, 1))
    below.add_column(ratio=1)
    below.add_column(ratio=1)
    below.add_row(
        Panel(_tasks(known, now), title=text("Agency tasks")),
        Panel("\n".join(news) or "–", title=text("Latest")),
    )
    return Group(Text(heading, style="bold"), sums_line(known.sums()), counts, below)


def sums_line(sums: Iterable[SumCheck]) -> Text:
    """Return the one line of sums that must add up, each with its verdict."""
    line = Text()
    for check in sums:
        parts = " + ".join(f"{word(name)} {count}" for name, count in check.parts)
        line.append(f"{word(check.name)} {check.whole} = {parts} ")
        line.append(verdict(check), style="bold green" if check.holds else "bold white on red")
        line.append("   ")
    return line


def verdict(check: SumCheck) -> str:
    """Return OK, or the word for a difference."""
    return "OK" if check.holds else text("DIFFERS")


def _calls(known: Projection) -> Table:
    table = Table(box=None, expand=True)
    table.add_column()
    for tenant in sorted(known.tenants):
        table.add_column(known.abbreviation(tenant), justify="right")
    table.add_column("Σ", justify="right", style="bold")
    each = [known.outcomes_of(tenant) for tenant in sorted(known.tenants)]
    whole = known.outcomes()
    for name in CALL_COLUMNS:
        table.add_row(word(name), *(str(one[name]) for one in each), str(whole[name]))
    return table


def _counted(counts: dict[str, int], values: Iterable[str]) -> Table:
    table = Table(box=None, expand=True, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for value in values:
        table.add_row(word(str(value)), str(counts.get(str(value), 0)))
    return table


def _tasks(known: Projection, now: datetime) -> Table:
    table = Table(box=None, expand=True, show_header=False)
    for justify in ("left", "left", "left", "right"):
        table.add_column(justify=justify)
    lines = known.open_tasks()
    for line in lines[:MOST_TASKS]:
        left = clock(line.due_at, now)
        style = "bold red" if left.startswith("-") else ""
        table.add_row(line.number, line.agency, word(line.status), Text(left, style=style))
    counts = known.task_states()
    ended = ", ".join(f"{word(status)} {counts[status]}" for status in TaskStatus if counts[status])
    if len(lines) > MOST_TASKS:
        table.add_row(text("{count} more", count=len(lines) - MOST_TASKS))
    return _with_footer(table, ended)


def _with_footer(table: Table, footer: str) -> Table:
    whole = Table.grid(expand=True)
    whole.add_row(table)
    whole.add_row(Text(footer, style="dim"))
    return whole
