"""What the steps of the search for C say. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.capacity_file import Capacity
from bench.figures import Figure, Section, milliseconds
from bench.limits import ACKNOWLEDGED_WITHIN, ASKED_WITHIN, acknowledgement_p99, asked_p99, broken_limits
from bench.load import GENERATOR, NEIGHBOURS, Loaded
from bench.load_figures import ways_of
from bench.plot import lines

GOALS = {"secantusd-py": 15.0, "secantusd-rs": 40.0}
"""Calls a second that each embedded store is hoped to carry."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rate that was tried, for so many seconds."""

    rate: float
    seconds: float
    loaded: Loaded

    @property
    def broken(self) -> tuple[str, ...]:
        """The limits that were broken."""
        return broken_limits(self.loaded)

    @property
    def held(self) -> bool:
        """Whether every limit held."""
        return not self.broken

    @property
    def is_measured(self) -> bool:
        """Whether anything was acknowledged, and any agency asked."""
        return bool(self.loaded.acknowledged and ways_of(self.loaded))

    @property
    def name(self) -> str:
        """How fast, how long."""
        return f"{self.rate:g} calls/s for {self.seconds:g} s"

    @property
    def verdict(self) -> str:
        """Whether it was held, and by how much."""
        said = "held" if self.held else f"not held ({', '.join(self.broken)})"
        if not self.is_measured:
            return said
        acknowledged, asked = acknowledgement_p99(self.loaded), asked_p99(self.loaded)
        return (
            f"{said}: acknowledged p99 {milliseconds(acknowledged)}, agency asked p99 {milliseconds(asked)}"
        )

    def __str__(self) -> str:
        return f"{self.name} {self.verdict}; {processors(self.loaded)}"


def processors(loaded: Loaded) -> str:
    """Return what each program used of a core, the largest first."""
    ours = {name: share for name, share in loaded.cores.items() if name != NEIGHBOURS}
    largest_first = sorted(ours.items(), key=lambda one: one[1], reverse=True)
    each = ", ".join(f"{name} {share:.0%}" for name, share in largest_first)
    beside = loaded.cores.get(NEIGHBOURS, 0.0)
    return f"{sum(ours.values()):.0%} of a core: {each}; {NEIGHBOURS} {beside:.0%}"


def capacity_section(steps: Sequence[Step], found: Sequence[Figure], more: Sequence[str] = ()) -> Section:
    """Tell C, then every step that led to it and what the machine was doing meanwhile."""
    tried = (Figure(step.name, step.verdict, reason=processors(step.loaded)) for step in steps)
    limits = (
        f"0 lost, acknowledged p99 ≤ {milliseconds(ACKNOWLEDGED_WITHIN)}",
        f"agency asked p99 ≤ {milliseconds(ASKED_WITHIN)} after the escalation",
    )
    notes = (
        f"Held: {', '.join(limits)}.",
        "Arrivals are random and planned beforehand; latencies count from the intended moment.",
        f"“{GENERATOR}” is the exchange, the takers and the agencies, on the same cores as everything else.",
        *more,
    )
    return Section("Calls a second", (*found, *tried), notes, {"capacity": _drawn(steps)})


def _drawn(steps: Sequence[Step]) -> str:
    """Draw what was waited for at each rate that was tried."""
    tried = sorted((step for step in steps if step.is_measured), key=lambda step: step.rate)
    waited = {"intake acknowledges, p99": acknowledgement_p99, "agency asked, p99": asked_p99}
    series = {name: [(step.rate, 1000 * of(step.loaded)) for step in tried] for name, of in waited.items()}
    return lines("What was waited for at each rate", series, x="calls a second", y="milliseconds")


def nearest(steps: Sequence[Step]) -> str:
    """Tell the lowest rate that was too much, and by what; nothing where all were held."""
    over = min((step for step in steps if not step.held), key=lambda step: step.rate, default=None)
    return "" if over is None else f"{over.name}: {', '.join(over.broken)}"


def goal_figures(known: Sequence[Capacity]) -> tuple[Figure, ...]:
    """Tell C of each store that has a goal, measured here or not, and of every other that was."""
    found = {one.store: one for one in known}
    return tuple(
        capacity_figure(found[store]) if store in found else Figure("C", "not measured here", _goal(store))
        for store in dict.fromkeys([*GOALS, *found])
    )


def capacity_figure(found: Capacity) -> Figure:
    """Tell C beside its store's goal."""
    goal = GOALS.get(found.store)
    return Figure(
        "C",
        f"{found.calls_per_second:g} calls/s, held for {found.seconds:g} s",
        _goal(found.store),
        None if goal is None else found.calls_per_second >= goal,
        f"one call of {found.ticket_every} becomes a ticket; {found.store}, commit {found.commit}, {found.date}"
        + (f"; too much: {found.too_much}" if found.too_much else ""),
    )


def _goal(store: str) -> str:
    return f"≥ {GOALS[store]:g} calls/s on {store}" if store in GOALS else ""
