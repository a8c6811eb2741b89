"""What the whole flow costs beside the bare programs. Pure."""

from collections.abc import Sequence
from statistics import median

from bench.figures import Figure, Section, spread
from bench.floor.bare import OF_FLOOR
from bench.whole_flow import AGENCIES, AT_ONCE, Turn


def whole_flow_section(turns: Sequence[tuple[Turn, Turn]]) -> Section:
    """Tell both paces, what a call costs on each side, and ours in parts of the floor."""
    ours, bare = [one for one, _ in turns], [other for _, other in turns]
    paces = [one.calls_per_second / other.calls_per_second for one, other in turns]
    costs = [other.milliseconds_of_call / one.milliseconds_of_call for one, other in turns]
    ratio = median(paces)
    figures = (
        Figure("calls to agencies, ours", _pace(ours), reason=_where(ours)),
        Figure("calls to agencies, bare programs", _pace(bare), reason=_where(bare)),
        Figure(
            "ours ÷ floor, whole flow",
            spread(paces, ".2f"),
            f"≥ {OF_FLOOR}",
            ratio >= OF_FLOOR,
            _why(ours, bare),
        ),
        Figure(
            "the same by processor time of a call", spread(costs, ".2f"), reason="without the load generator"
        ),
    )
    notes = (
        f"{ours[0].calls} typed reports a turn, {AT_ONCE} at a time, each opened, escalated to {len(AGENCIES)} agencies.",
        f"From the first report until every webhook came and no service is behind; {len(turns)} turns each.",
        "Both sides on the same broker and store, in turns; median (least–most).",
    )
    return Section("The whole flow beside the floor", figures, notes)


def _pace(turns: Sequence[Turn]) -> str:
    return f"{spread([turn.calls_per_second for turn in turns], '.1f')} calls/s"


def _where(turns: Sequence[Turn]) -> str:
    names = sorted(turns[0].spent, key=lambda name: _of_call(turns, name), reverse=True)
    each = ", ".join(f"{name} {_of_call(turns, name):.1f}" for name in names)
    return f"processor milliseconds of a call: {each}"


def _of_call(turns: Sequence[Turn], name: str) -> float:
    return median(1000 * turn.spent[name] / turn.calls for turn in turns)


def _why(ours: Sequence[Turn], bare: Sequence[Turn]) -> str:
    more = median(one.milliseconds_of_call for one in ours) - median(one.milliseconds_of_call for one in bare)
    return f"{more:.0f} ms more processor time a call: HTTP doors, signatures, seals, contracts, domain, traces, logs"
