"""Figures that are not what was counted: by the callers themselves, and again from the log."""

from collections import Counter
from collections.abc import Iterator

from tests.faults.history import History
from tests.faults.recount import COUNTED, recount


def figures_differ(history: History) -> Iterator[str]:
    """Name every figure of a recap that differs from a recount."""
    yield from _calls(history)
    yield from _log(history)


def _calls(history: History) -> Iterator[str]:
    calls = {(told.tenant, told.call_id) for told in history.inputs.told}
    for tenant, count in Counter(tenant for tenant, _ in calls).items():
        shown = history.states.figures.get(tenant, {}).get(("calls_received", ""), 0)
        if shown != count:
            yield f"{tenant}: {count} calls were acknowledged and the recap counts {shown}"


def _log(history: History) -> Iterator[str]:
    counted = recount(history.log)
    for tenant, shown in sorted(history.states.figures.items()):
        ours = counted.get(tenant, {})
        wanted = {name for name in (*shown, *ours) if name[0] in COUNTED}
        for name, part in sorted(wanted):
            left, right = shown.get((name, part), 0), ours.get((name, part), 0)
            if left != right:
                whole = f"{name}/{part}" if part else name
                yield f"{tenant}: the recap tells {whole} = {left}, the log {right}"
