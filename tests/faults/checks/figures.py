"""Figures that are not what was counted: by the callers themselves, and again from the log."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from tests.faults.history import Figure, Figures, History, Said
from tests.faults.recount import recount

NOTHING = Figure(0)
"""What a part is that a recap shows though nothing of it was counted, or leaves out."""


def figures_differ(history: History) -> Iterator[str]:
    """Name every figure of a recap that differs from a recount, and every sum that does not hold."""
    yield from _calls(history)
    yield from recount_differs(history.log, history.states.figures)
    yield from history.states.wrong_sums


def _calls(history: History) -> Iterator[str]:
    calls = {(told.tenant, told.call_id) for told in history.inputs.heard}
    for tenant, count in Counter(tenant for tenant, _ in calls).items():
        figures = history.states.figures.get(tenant, {})
        shown = sum(int(one.value or 0) for (_, name, _), one in figures.items() if name == "calls_received")
        if shown != count:
            yield f"{tenant}: {count} calls were acknowledged and the recap counts {shown}"


def recount_differs(log: Iterable[Said], figures: Mapping[str, Figures]) -> Iterator[str]:
    """Name every figure that is shown and is not exactly what the log gives, or is not shown at all."""
    counted = recount(log)
    for tenant, shown in sorted(figures.items()):
        ours = counted.get(tenant, {})
        for name in sorted({*shown, *ours}):
            left, right = shown.get(name, NOTHING), ours.get(name, NOTHING)
            if left != right:
                whole = "/".join(part for part in name if part)
                yield f"{tenant}: the recap tells {whole} = {_told(left)}, the log {_told(right)}"


def _told(figure: Figure) -> str:
    sides = {name: side for name, side in figure._asdict().items() if side is not None and name != "value"}
    return f"{figure.value}" + (f" {sides}" if sides else "")
