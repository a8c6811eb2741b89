"""A recorded hour of a telephone exchange, and the same hour at another time.

All times of a replay are the recorded ones plus ONE constant, whole seconds, so every duration stays
true at any speed. At true pace the recorded hour begins now; written faster it ends now, so that nothing
lies in the future, however fast the lines are written. The epoch in the exchange's call ids moves with
it, so another hour has other ids, in the same form.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

CALL_ID = re.compile(rb"(\d{9,11})\.(\d+)\Z")
SEPARATOR = b"|"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as recorded, without its newline."""

    at: int
    raw: bytes

    def shifted(self, seconds: int) -> bytes:
        """Return the line as the exchange would have written it so many seconds later."""
        _, *others = self.raw.split(SEPARATOR)
        moved = [_moved(field, seconds) for field in others]
        return SEPARATOR.join([str(self.at + seconds).encode(), *moved])


@dataclass(frozen=True, slots=True)
class Recording:
    """All lines of a recording in their order."""

    lines: tuple[Line, ...]

    @property
    def first_at(self) -> int:
        """When the first line was written, epoch seconds."""
        return min(line.at for line in self.lines)

    @property
    def last_at(self) -> int:
        """When the last line was written, epoch seconds."""
        return max(line.at for line in self.lines)

    @property
    def call_ids(self) -> frozenset[tuple[int, str]]:
        """Every id that the exchange gave: the epoch and the number after the dot."""
        found: set[tuple[int, str]] = set()
        for line in self.lines:
            ids = (CALL_ID.fullmatch(field) for field in line.raw.split(SEPARATOR)[1:])
            found |= {(int(one[1]), one[2].decode()) for one in ids if one}
        return frozenset(found)


def read_recording(path: Path) -> Recording:
    """Read a `queue_log`; the demo's own recordings hold nothing that is not a line."""
    rows = [row for row in path.read_bytes().splitlines() if row.strip()]
    return Recording(tuple(Line(int(row.partition(SEPARATOR)[0]), row) for row in rows))


def shift_for(recording: Recording, now: float, *, live: bool, earlier: Collection[int]) -> int:
    """Return the constant for a new hour: it begins (live) or ends now, and none of its ids was ever used.

    The number after the dot begins at 0 again when an exchange restarts; so two hours that overlap
    could give one id twice. Then the new hour lies a second earlier, until all ids are new.
    """
    clashing = _clashes(recording.call_ids)
    shift = int(now) - (recording.first_at if live else recording.last_at)
    while any(shift - other in clashing for other in earlier):
        shift -= 1
    return shift


def _clashes(ids: Iterable[tuple[int, str]]) -> frozenset[int]:
    """Return the distances between two hours at which some id would be given twice."""
    epochs: dict[str, list[int]] = {}
    for epoch, number in ids:
        epochs.setdefault(number, []).append(epoch)
    return frozenset(one - other for same in epochs.values() for one in same for other in same)


def _moved(field: bytes, seconds: int) -> bytes:
    found = CALL_ID.fullmatch(field)
    return b"%d.%s" % (int(found[1]) + seconds, found[2]) if found else field
