"""The board where there is no terminal: one plain line when something changed, every few seconds."""

from siaga_cli.board.projection import Projection
from siaga_cli.board.screen import sums_line
from siaga_cli.board.words import word


def line(known: Projection) -> str:
    """Return all counts in one line."""
    tasks = _counted(known.task_states())
    deliveries = _counted(known.delivery_states())
    sums = sums_line(known.sums()).plain.strip()
    return " | ".join(part for part in (sums, tasks, deliveries) if part)


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{word(name)} {count}" for name, count in sorted(counts.items()))
