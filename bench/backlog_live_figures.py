"""What catching up beside live calls showed. Pure."""

from bench.backlog_live import CaughtUp
from bench.figures import Figure, Section, milliseconds
from bench.limits import ACKNOWLEDGED_WITHIN, ASKED_WITHIN, acknowledgement_p99, asked_p99
from bench.load_figures import lost_of
from bench.plot import lines


def live_catch_up_section(caught: CaughtUp) -> Section:
    """Tell each service's pace in parts of the floor, and what people waited for meanwhile."""
    floor = caught.floor.events_per_second
    figures = [
        Figure(
            f"{service} catching up beside live calls",
            f"{pace.events_per_second:.0f} events/s",
            reason=f"÷ floor {pace.events_per_second / floor:.2f}; {1000 * pace.spent.own:.2f} ms own processor time an event",
        )
        for service, pace in caught.paces.items()
    ]
    bare = Figure("bare loop alone on the same backlog", f"{floor:.0f} events/s")
    notes = (
        f"{caught.events} events waited for each of {len(caught.paces)} services; both caught up at once, one process each.",
        f"Meanwhile {caught.live.calls} calls came at {caught.live.calls_per_second:g}/s.",
        "The floor has the machine for itself and hears no live call.",
    )
    drawn = lines("Catching up while calls come", _way(caught), x="seconds", y="events done")
    told = (*figures, bare, *_waited(caught))
    return Section("Catching up while calls come", told, notes, {"catching-up": drawn})


def _way(caught: CaughtUp) -> dict[str, list[tuple[float, float]]]:
    begun = min(looks[0].at for looks in caught.looks.values())
    return {
        service: [(seen.at - begun, float(seen.done - looks[1].done)) for seen in looks[1:]]
        for service, looks in caught.looks.items()
    }


def _waited(caught: CaughtUp) -> tuple[Figure, ...]:
    live = caught.live
    if not live.acknowledged or not live.received:
        return (Figure("live calls meanwhile", "nothing measured", "inside the limits", met=False),)
    acknowledged, asked, lost = acknowledgement_p99(live), asked_p99(live), lost_of(live)
    return (
        Figure("live calls meanwhile: lost", str(lost), "0", lost == 0),
        _within("acknowledgement", acknowledged, ACKNOWLEDGED_WITHIN),
        _within("escalation accepted → agency asked", asked, ASKED_WITHIN),
    )


def _within(name: str, seconds: float, most: float) -> Figure:
    value, goal = f"p99 {milliseconds(seconds)}", f"p99 ≤ {milliseconds(most)}"
    return Figure(f"live calls meanwhile: {name}", value, goal, seconds <= most)
