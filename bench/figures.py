"""A figure of the report: its value beside its goal, and why it is what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report.

    Attributes:
        goal: in words; empty where the figure is only told.
        met: None where there is no goal, or nothing could be measured.
        reason: where the time, or the memory, goes.
    """

    name: str
    value: str
    goal: str = ""
    met: bool | None = None
    reason: str = ""

    @property
    def verdict(self) -> str:
        """The goal's fate in one word."""
        if self.met is None:
            return "–"
        return "met" if self.met else "missed"


@dataclass(frozen=True, slots=True)
class Section:
    """Some figures and what has to be known to read them.

    Attributes:
        plots: SVG pictures by the names of their files.
    """

    title: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    plots: Mapping[str, str] = field(default_factory=dict)


def milliseconds(seconds: float) -> str:
    """Write a time in milliseconds, finer where it is short."""
    value = seconds * 1000
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def spread(values: Sequence[float], written: str) -> str:
    """Write the median, the least and the most."""
    return f"{median(values):{written}} ({min(values):{written}}–{max(values):{written}})"


def where_time_goes(stages: Mapping[str, float]) -> str:
    """Say each stage's share of their sum, the largest first; empty where nothing is known."""
    total = sum(stages.values())
    if total <= 0:
        return ""
    largest_first = sorted(stages.items(), key=lambda stage: stage[1], reverse=True)
    return "; ".join(f"{name} {spent / total:.0%}" for name, spent in largest_first)
