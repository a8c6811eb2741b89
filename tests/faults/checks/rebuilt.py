"""Figures that do not come out of the log again exactly as they are shown."""

from collections.abc import Iterator

from tests.faults.history import History

NOTED = "rebuilt"


def not_rebuilt(history: History) -> Iterator[str]:
    """Name each way of building the rows again that does not give the same bytes, and each told month that changed."""
    noted = history.noted.get(NOTED)
    if noted is None:
        yield "nobody built statistics again"
        return
    (name, shown), *others = noted["made"].items()
    if not shown["aggregates"]:
        yield "there were no rows to build again"
    for way, made in others:
        for what in ("aggregates", "rows", "recaps"):
            if what in made and made[what] != shown[what]:
                yield f"{way}: the {what} are {made[what]}, {name} they are {shown[what]}"
    for said in noted["said"]:
        if not said["equal"] or not said["read"]:
            yield f"the command read {said['read']} events and says that {said['differing']} aggregates differ"
