"""What a second process of one service gave and cost. Pure."""

from collections.abc import Sequence
from operator import attrgetter
from statistics import median

from bench.figures import Figure, Section, milliseconds, spread
from bench.flow import Flow
from bench.percentiles import percentile
from bench.plot import bars
from bench.two import BACKLOG_CALLS, Beside


def two_section(beside: Beside) -> Section:
    """Tell the pace of one and of two, what an event cost, what was held, and what a call waited."""
    one, two = beside.paces(1), beside.paces(2)
    ratios = [both / alone for alone, both in zip(one, two, strict=True)]
    figures = (
        Figure("one triage process catching up", _pace(one), reason=_costs(beside, 1)),
        Figure("two triage processes catching up", _pace(two), reason=_costs(beside, 2)),
        Figure(
            "two ÷ one",
            spread(ratios, ".2f"),
            reason="broker, store and both processes share this machine's cores",
        ),
        *(_waits(beside.flows[processes], processes) for processes in (1, 2)),
    )
    notes = (
        f"{len(one)} turns each, alternating, on {2 * BACKLOG_CALLS:,} events written beforehand; median (least–most).",
        "Counted from when every process of the turn was ready: what one took alone before is left out.",
        "Each process has half of the topic's partitions; a call's events stay with one of them.",
    )
    drawn = bars("Catching up", {"one process": median(one), "two processes": median(two)}, unit="events/s")
    return Section("Two processes of one service beside one", figures, notes, {"two": drawn})


def _pace(paces: Sequence[float]) -> str:
    return f"{spread(paces, '.0f')} events/s"


def _costs(beside: Beside, processes: int) -> str:
    turns = [turn for turn in beside.turns if turn.processes == processes]
    own = median(turn.pace.spent.own for turn in turns) * 1000
    servers = median(turn.pace.spent.servers for turn in turns) * 1000
    held = median(turn.megabytes for turn in turns)
    return f"an event: {own:.2f} ms own processor time, {servers:.2f} ms broker and store; {held:.0f} MB held"


def _waits(flows: Sequence[Flow], processes: int) -> Figure:
    named = {"on the desk": "on_desk", "ticket opened": "opened", "agency asked": "asked"}
    parts = {name: [attrgetter(attribute)(flow) for flow in flows] for name, attribute in named.items()}
    value = "; ".join(
        f"{name} {milliseconds(percentile(seconds, 0.5))} (most {milliseconds(max(seconds))})"
        for name, seconds in parts.items()
    )
    return Figure(f"one call, {'one process' if processes == 1 else 'two processes'} of triage", value)
