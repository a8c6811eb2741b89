"""What the load's measurements say beside their goals. Pure."""

from collections.abc import Mapping, Sequence

from bench.exchange import Acknowledged
from bench.figures import Figure, Section, milliseconds, where_time_goes
from bench.load import NEIGHBOURS, Loaded
from bench.percentiles import percentile, summary
from bench.plot import lines
from bench.stages import Span, Way, medians, stages_of

ACKNOWLEDGED_WITHIN = 0.050
ASKED_WITHIN = 1.0
GOALS_HOLD_AT = 1.0
"""Calls a second for which the goals were set; at a higher rate the times are told, not judged."""

SERVERS_MEGABYTES: Mapping[str, int] = {"kafka": 250, "store": 150}
SERVICE_MEGABYTES = 110


def load_section(loaded: Loaded, spans: Sequence[Span]) -> Section:
    """Tell what the load showed: nothing lost first, then how fast."""
    ways = ways_of(loaded)
    stages = stages_of(ways, spans)
    figures = (
        _taken(loaded),
        _asked(loaded, ways),
        _acknowledgement(loaded),
        _escalation(loaded, ways, medians(stages)),
        *_stages(stages),
    )
    notes = (
        f"{loaded.calls} calls at {loaded.calls_per_second:g}/s, at random moments, over the tenants in turn.",
        "Latencies count from the moment at which something should have been sent.",
        f"The generator itself was late by {milliseconds(_late(loaded.acknowledged))} (p99), included above.",
        *(f"Not taken: {why}" for why in sorted(set(loaded.not_taken))[:5]),
    )
    drawn = lines("What people wait for", _shares(loaded, ways), x="percent of all", y="milliseconds")
    return Section("Calls at a steady rate", figures, notes, {"steady-rate": drawn})


def _shares(loaded: Loaded, ways: Sequence[Way]) -> dict[str, list[tuple[float, float]]]:
    """Return what so many percent of all waited for at most."""
    waited = {
        "intake's acknowledgement": sorted(one.seconds for one in loaded.acknowledged),
        "escalation accepted → agency asked": sorted(way.ended - way.began for way in ways),
    }
    return {
        name: [(100 * (place + 1) / len(found), 1000 * seconds) for place, seconds in enumerate(found)]
        for name, found in waited.items()
    }


def memory_section(loaded: Loaded) -> Section:
    """Tell each process's resident memory at the end of the load, and what it used of a core."""
    figures = [_memory(name, used, loaded.cores.get(name, 0.0)) for name, used in loaded.megabytes.items()]
    beside = loaded.cores.get(NEIGHBOURS, 0.0)
    total = sum(loaded.cores.values()) - beside
    note = f"All together used {total:.0%} of one core during the load, {NEIGHBOURS} {beside:.0%}."
    return Section("Resident memory", tuple(figures), (note,))


def ways_of(loaded: Loaded) -> tuple[Way, ...]:
    """Return the way of each request that reached an agency of an escalated ticket."""
    began = {one.ticket_id: one.at for one in loaded.escalated}
    return tuple(
        Way(one.ticket_id, one.delivery_id, began[one.ticket_id], one.at)
        for one in loaded.received
        if one.ticket_id in began
    )


def lost_of(loaded: Loaded) -> int:
    """Count what was sent and is not where it belongs."""
    wrong = sum(not one.taken for one in loaded.acknowledged)
    return wrong + len(loaded.not_taken) + loaded.refused_replies + loaded.lag + loaded.forgotten


def _taken(loaded: Loaded) -> Figure:
    wrong, lost = sum(not one.taken for one in loaded.acknowledged), lost_of(loaded)
    value = (
        f"{len(loaded.acknowledged)} events, {wrong} not acknowledged, {len(loaded.not_taken)} calls not taken, "
        f"{loaded.refused_replies} replies not taken, {loaded.lag} events behind at the end, "
        f"{loaded.forgotten} calls acknowledged as ended and not shown so"
    )
    return Figure("nothing lost", value, "none", lost == 0)


def _asked(loaded: Loaded, ways: Sequence[Way]) -> Figure:
    wanted = sum(len(one.agencies) for one in loaded.escalated)
    value = f"{len(ways)} of {wanted} requests for {len(loaded.escalated)} tickets"
    return Figure("agencies asked", value, "every one, once", len(ways) == wanted)


def _acknowledgement(loaded: Loaded) -> Figure:
    seconds = [one.seconds for one in loaded.acknowledged]
    late = sum(one.late for one in loaded.acknowledged)
    inside = loaded.served.seconds
    shares = {
        "intake's doorway and spool": inside,
        "HTTP there and back": max(0.0, sum(seconds) - late - inside),
        "generator late": late,
    }
    reason = f"{where_time_goes(shares)}; one commit on this disk: {milliseconds(loaded.commit_seconds)}"
    return _timed("intake's acknowledgement", seconds, ACKNOWLEDGED_WITHIN, loaded, reason)


def _escalation(loaded: Loaded, ways: Sequence[Way], stages: Mapping[str, float]) -> Figure:
    seconds = [way.ended - way.began for way in ways]
    reason = where_time_goes(stages)
    return _timed("escalation accepted → agency asked", seconds, ASKED_WITHIN, loaded, reason)


def _timed(name: str, seconds: Sequence[float], within: float, loaded: Loaded, reason: str) -> Figure:
    """Judge the 99th percentile where the goal holds for this rate; nothing measured meets no goal."""
    goal = f"p99 ≤ {milliseconds(within)} at {GOALS_HOLD_AT:g} call/s"
    if not seconds:
        return Figure(name, "nothing measured", goal, met=False)
    met = summary(seconds).p99 <= within if loaded.calls_per_second <= GOALS_HOLD_AT else None
    return Figure(name, _short(seconds), goal, met, reason)


def _stages(stages: Mapping[str, Sequence[float]]) -> list[Figure]:
    return [Figure(f"… {name}", _short(seconds)) for name, seconds in stages.items() if seconds]


def _memory(name: str, used: float, core: float) -> Figure:
    most = SERVERS_MEGABYTES.get(name, SERVICE_MEGABYTES)
    return Figure(
        name, f"{used:.0f} MB", f"≤ {most} MB", used <= most, f"{core:.0%} of a core during the load"
    )


def _short(seconds: Sequence[float]) -> str:
    seen = summary(seconds)
    return (
        f"p50 {milliseconds(seen.p50)}, p99 {milliseconds(seen.p99)}, most {milliseconds(seen.most)} "
        f"({seen.size} measured)"
    )


def _late(acknowledged: Sequence[Acknowledged]) -> float:
    return percentile([one.late for one in acknowledged], 0.99) if acknowledged else 0.0
