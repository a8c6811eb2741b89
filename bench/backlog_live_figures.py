"""What catching up beside live calls showed. Pure."""

from collections.abc import Sequence
from statistics import median

from bench.backlog_live import CaughtUp
from bench.figures import Figure, Section, milliseconds, spread
from bench.limits import ACKNOWLEDGED_WITHIN, ASKED_WITHIN, acknowledgement_p99, asked_p99
from bench.load_figures import lost_of
from bench.plot import lines

SAME_WORK = "triage"
"""Whose work on such an event the bare loop does too; another service's has no floor here."""


def live_catch_up_section(turns: Sequence[CaughtUp]) -> Section:
    """Tell each service's pace, triage's in parts of the floor, and what people waited for meanwhile."""
    first = turns[0]
    floor = [one.floor.events_per_second for one in turns]
    ratios = [one.paces[SAME_WORK].events_per_second / one.floor.events_per_second for one in turns]
    figures = (
        *(_pace(service, turns) for service in first.paces),
        Figure("bare loop alone on such events", f"{spread(floor, '.0f')} events/s"),
        Figure(f"{SAME_WORK} beside live calls ÷ bare loop alone", spread(ratios, ".2f")),
        *_waited(turns),
    )
    notes = (
        f"{first.events} events waited for each of {len(first.paces)} services; both caught up at once, one process each.",
        f"Meanwhile {first.live.calls} calls came at {first.live.calls_per_second:g}/s; {len(turns)} times, median (least–most).",
        "The floor has the machine for itself and hears no live call. It does triage's work: statistics does another.",
    )
    drawn = lines("Catching up while calls come", _way(first), x="seconds", y="events done")
    return Section("Catching up while calls come", figures, notes, {"catching-up": drawn})


def _pace(service: str, turns: Sequence[CaughtUp]) -> Figure:
    paces = [one.paces[service] for one in turns]
    own = 1000 * median(pace.spent.own for pace in paces)
    return Figure(
        f"{service} catching up beside live calls",
        f"{spread([pace.events_per_second for pace in paces], '.0f')} events/s",
        reason=f"{own:.2f} ms own processor time an event",
    )


def _way(caught: CaughtUp) -> dict[str, list[tuple[float, float]]]:
    begun = min(looks[0].at for looks in caught.looks.values())
    return {
        service: [(seen.at - begun, float(seen.done - looks[0].done)) for seen in looks]
        for service, looks in caught.looks.items()
    }


def _waited(turns: Sequence[CaughtUp]) -> tuple[Figure, ...]:
    lives = [one.live for one in turns]
    if not all(live.acknowledged and live.received for live in lives):
        return (Figure("live calls meanwhile", "nothing measured", "inside the limits", met=False),)
    lost = sum(map(lost_of, lives))
    return (
        Figure("live calls meanwhile: lost", str(lost), "0", lost == 0),
        _within("acknowledgement", [acknowledgement_p99(live) for live in lives], ACKNOWLEDGED_WITHIN),
        _within("escalation accepted → agency asked", [asked_p99(live) for live in lives], ASKED_WITHIN),
    )


def _within(name: str, p99s: Sequence[float], most: float) -> Figure:
    """Judge every turn: one outside the limit is one too many."""
    value = f"p99 {milliseconds(median(p99s))} ({milliseconds(min(p99s))}–{milliseconds(max(p99s))})"
    return Figure(f"live calls meanwhile: {name}", value, f"p99 ≤ {milliseconds(most)}", max(p99s) <= most)
