"""What a reader of an exchange's log must remember between lines, so that a restart can be understood.

`core restart now` writes false ABANDON and COMPLETE lines for everyone who is there, then stops; a
kill writes nothing. The first sign of either is the QUEUESTART of the exchange that comes up again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

FALSE_END = timedelta(seconds=2)
"""Ends this close before a restart were written by the exchange that went down."""

SLOW_START = timedelta(seconds=60)
"""An exchange may need this long to come up; then only a whole burst of ends betrays the fall."""

BURST = timedelta(seconds=1)
BURST_CALLS = 3
LONGEST_STAY = timedelta(hours=24)
MOST_OPEN_CALLS = 2_000
MOST_LAST_ENDS = 200


@dataclass(frozen=True, slots=True)
class Stay:
    """A call in a queue or with its agent: since when, or until when."""

    call_id: str
    queue: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Memory:
    """The open calls, the last ends, and the last second that was heard; bounded, plain data."""

    open: Mapping[str, Stay] = field(default_factory=dict)
    last_ends: tuple[Stay, ...] = ()
    last_at: datetime | None = None
    lines: int = 0

    def counted(self) -> Self:
        """One more line was read; its number tells lines within one second apart."""
        return replace(self, lines=self.lines + 1)

    def at(self, moment: datetime) -> Self:
        """A sign of life of the exchange."""
        return replace(self, last_at=moment)

    def entered(self, stay: Stay) -> Self:
        """A call is in a queue, or with an agent."""
        kept = {**self.open, stay.call_id: stay}
        if len(kept) > MOST_OPEN_CALLS:
            del kept[min(kept, key=lambda call_id: kept[call_id].at)]
        return replace(self, open=kept)

    def gone(self, call_id: str) -> Self:
        """A call left in a way that no restart can have written."""
        return replace(self, open=_without(self.open, call_id))

    def left(self, end: Stay) -> Self:
        """A call ended, or so the exchange says."""
        recent = [one for one in self.last_ends if end.at - one.at <= SLOW_START]
        return replace(
            self, open=_without(self.open, end.call_id), last_ends=(*recent, end)[-MOST_LAST_ENDS:]
        )

    def restarted(self, at: datetime) -> tuple[tuple[Stay, ...], Self]:
        """The exchange came up again: say whom it cut, and begin anew."""
        alive = [stay for stay in self.open.values() if at - stay.at <= LONGEST_STAY]
        return (*alive, *self._false_ends(at)), replace(self, open={}, last_ends=())

    def cut_at(self, restart: datetime) -> datetime:
        """When a restart cut its calls: with it, if it was quick; else at the last sign of life.

        In the recorded hour the callers were held about 1.5 s longer than the false lines say.
        """
        if self.last_at is None or timedelta() <= restart - self.last_at <= FALSE_END:
            return restart
        return min(restart, self.last_at)

    def _false_ends(self, at: datetime) -> tuple[Stay, ...]:
        ended = [end for end in self.last_ends if end.call_id not in self.open]
        near = tuple(end for end in ended if abs(at - end.at) <= FALSE_END)
        if near or self.open or not ended:
            return near
        last = ended[-1].at
        burst = tuple(end for end in ended if last - end.at <= BURST)
        return burst if len(burst) >= BURST_CALLS and at - last <= SLOW_START else ()

    def to_plain(self) -> dict[str, Any]:
        """Write the memory as plain JSON values."""
        return {
            "open": [_stay_to_plain(stay) for stay in self.open.values()],
            "last_ends": [_stay_to_plain(stay) for stay in self.last_ends],
            "last_at": self.last_at.isoformat() if self.last_at else None,
            "lines": self.lines,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """Read what `to_plain` wrote; an empty mapping is a reader that has read nothing."""
        last_at = plain.get("last_at")
        stays = _stays(plain.get("open", ()))
        return cls(
            open={stay.call_id: stay for stay in stays},
            last_ends=_stays(plain.get("last_ends", ())),
            last_at=datetime.fromisoformat(last_at) if last_at else None,
            lines=int(plain.get("lines", 0)),
        )


def _without(stays: Mapping[str, Stay], call_id: str) -> Mapping[str, Stay]:
    return {key: stay for key, stay in stays.items() if key != call_id} if call_id in stays else stays


def _stay_to_plain(stay: Stay) -> list[str]:
    return [stay.call_id, stay.queue, stay.at.isoformat()]


def _stays(plain: Iterable[list[str]]) -> tuple[Stay, ...]:
    return tuple(Stay(call_id, queue, datetime.fromisoformat(at)) for call_id, queue, at in plain)
