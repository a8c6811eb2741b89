"""Pages of a long list, looked for near where they were last time: an index is then read in part, not to its end.

SecantusDB's Python server reads every match before it cuts a page off: 250 ms with 10,000 matches, 4 ms
where the search has an upper end (measured). To MongoDB an upper end changes nothing. The ends are guesses
from the keys' times: a page that is not full by them is filled from beyond, so no guess can hide anything.
"""

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

WIDER = 8
"""How much wider each further guess is: three of them cover five hundred pages."""

GUESSES = 3
LISTS_KEPT = 10_000
_COUNTED = re.compile(r"\d{14}(?=\|)")
_DATED = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+[+]00:00(?=[|/])")
_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the last first page of a list showed: its first key, and how many milliseconds it spanned."""

    first: str
    spans: int


class Pages:
    """Remembers of each list how wide its page was; the memory may be wrong or empty."""

    def __init__(self) -> None:
        self._looks: dict[Hashable, _Look] = {}

    def ends(self, name: Hashable, after: str | None) -> Iterator[str | None]:
        """Give upper ends at which to stop looking, each farther off; None, no end at all, comes last."""
        look = self._looks.get(name)
        if look is not None:
            begin = after or look.first
            for guess in range(GUESSES):
                yield _later(begin, 2 * look.spans * WIDER**guess)
        yield None

    def note(self, name: Hashable, keys: Sequence[str], *, limit: int) -> None:
        """Remember a first page; one that was not full was the whole list: then no guess is needed."""
        self._looks.pop(name, None)
        if not len(keys) == limit > 1:
            return
        first, last = _moment(keys[0]), _moment(keys[-1])
        if first is not None and last is not None:
            self._looks[name] = _Look(keys[0], max(1, last - first))
        if len(self._looks) > LISTS_KEPT:
            del self._looks[next(iter(self._looks))]


def _moment(key: str) -> int | None:
    """Return the milliseconds with which a key begins; None where it begins with something else."""
    if counted := _COUNTED.match(key):
        return int(counted[0])
    if dated := _DATED.match(key):
        return (datetime.fromisoformat(dated[0]) - _EPOCH) // _MILLISECOND
    return None


def _later(key: str, milliseconds: int) -> str | None:
    """Return the beginning of a key that is later by so much; None where this key tells no time."""
    moment = _moment(key)
    if moment is None:
        return None
    if _COUNTED.match(key):
        return f"{moment + milliseconds:014d}"
    return (_EPOCH + (moment + milliseconds) * _MILLISECOND).isoformat()
