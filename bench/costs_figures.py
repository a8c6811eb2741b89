"""What one call costs, as lines of the report. Pure."""

from collections import defaultdict
from collections.abc import Iterator

from bench.costs import Costs, Counts
from bench.figures import Figure, Section
from bench.load import GENERATOR
from bench.observed import SAMPLE_SECONDS
from bench.plot import bars

QUIET = 0.05
"""Milliseconds or times a call below which a part is not named."""


def costs_sections(costs: Costs) -> list[Section]:
    """Tell where one call's processor time goes, and what the call makes services do."""
    return [_times(costs), _stages(costs), _deeds(costs)]


def _times(costs: Costs) -> Section:
    figures = tuple(
        Figure(name, f"{1000 * seconds:.1f} ms a call", reason=_idling(costs, name))
        for name, seconds in sorted(costs.seconds.items(), key=lambda one: one[1], reverse=True)
    )
    system = 1000 * sum(seconds for name, seconds in costs.seconds.items() if name != GENERATOR)
    ticket = f"every second one a ticket with {_agencies(costs):.1f} agencies, which accept and finish"
    notes = (
        f"{costs.loaded.calls} calls at {costs.loaded.calls_per_second:g}/s, {ticket}.",
        f"All but the {GENERATOR}: {system:.1f} ms of processor time a call.",
        "Here and below: less what is used and done without any call.",
    )
    spent = {name: 1000 * seconds for name, seconds in costs.seconds.items()}
    drawn = bars("Processor time of one call, by process", spent, unit="ms")
    return Section("Processor time of one call, by process", figures, notes, {"costs": drawn})


def _idling(costs: Costs, name: str) -> str:
    return f"and {costs.idle.get(name, 0.0):.1%} of a core without any call"


def _agencies(costs: Costs) -> float:
    escalated = costs.loaded.escalated
    return sum(len(one.agencies) for one in escalated) / len(escalated) if escalated else 0.0


def _stages(costs: Costs) -> Section:
    figures = tuple(
        Figure(service, _named(_grouped(samples, 0)), reason=_named(_grouped(samples, 1)))
        for service, samples in costs.samples.items()
    )
    notes = (
        "Milliseconds a call, by samples: left what the service was at, right whose code ran.",
        f"A sample is taken after every {1000 * SAMPLE_SECONDS:.0f} ms of processor time.",
    )
    return Section("Processor time of one call, by stage", figures, notes)


def _deeds(costs: Costs) -> Section:
    figures = tuple(
        Figure(
            service,
            f"{sum(commands.values()):.1f} commands: {_named(commands)}",
            reason=_named(_short(costs.counted[service])),
        )
        for service, commands in costs.commands.items()
    )
    total = sum(sum(commands.values()) for commands in costs.commands.values())
    return Section(
        "What one call makes services do", figures, (f"All together: {total:.1f} commands to the store.",)
    )


def _short(counted: Counts) -> dict[str, float]:
    return {
        what.removeprefix("siaga_").replace("events_", "").replace("_total", ""): count
        for what, count in counted.items()
    }


def _grouped(samples: Counts, part: int) -> Counts:
    """Sum milliseconds by the stage (0) or the library (1) of their samples."""
    grouped: dict[str, float] = defaultdict(float)
    for what, count in samples.items():
        grouped[what.split("|")[part]] += 1000 * SAMPLE_SECONDS * count
    return grouped


def _named(parts: Counts) -> str:
    return "; ".join(_parts(parts)) or "–"


def _parts(parts: Counts) -> Iterator[str]:
    largest_first = sorted(parts.items(), key=lambda part: part[1], reverse=True)
    return (f"{name} {amount:.2f}" for name, amount in largest_first if amount >= QUIET)
