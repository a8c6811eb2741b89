"""What hearing everything again has changed, though it should be dull."""

from collections.abc import Iterator

from tests.faults.history import History

NOTED = "heard again"


def moved(history: History) -> Iterator[str]:
    """Name what happened when nobody called and every group heard the whole log once more."""
    noted = history.noted.get(NOTED)
    if noted is None:
        yield "no group was turned back"
        return
    for when, heard in noted["turned back"].items():
        for group, count in heard.items():
            if count == 0:
                yield f"{group} was turned back {when} and had heard nothing"
    before, after = noted["before"], noted["after"]
    for what, there in before.items():
        if after[what] != there:
            yield f"hearing everything again changed {what}: {_short(there)} before, {_short(after[what])} after"


def _short(what: object) -> str:
    return str(what)[:80]
