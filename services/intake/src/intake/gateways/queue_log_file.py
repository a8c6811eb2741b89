"""Follows an exchange's queue_log as it grows: nothing is skipped, and nothing is said twice.

The place in the file moves in the same write that keeps the facts of the lines before it; so a crash,
a full disk or a rotation at any moment costs a repeat at most, and a repeat is dull.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from intake.application.ports import Arrival, Clock, Place, Refused, SpoolUnwritable, TrunkDirectory
from intake.domain.exchange_memory import Memory
from intake.domain.facts import Told
from intake.domain.queue_log import LONGEST_LINE_BYTES, Exchange, Unreadable, read
from intake.gateways.rotating_file import FilePlace, Piece, RotatingFile
from service_kit.telemetry import logger

LOG = logger(__name__)

MOST_BYTES = 4 * LONGEST_LINE_BYTES
MOST_LINES = 500
MOST_PASSED_BYTES = 1024 * 1024 * 1024
"""So much of what is no log is passed over before the place is saved."""

LONGEST_PAUSE_SECONDS = 5.0

Take = Callable[[Arrival], Awaitable[None]]
LoadPlace = Callable[[str], Awaitable[Mapping[str, Any] | None]]
Wait = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Followed:
    """One file to follow: whose log it is, and how often to look."""

    exchange_id: str
    path: Path
    poll_seconds: float = 0.2

    @property
    def source(self) -> str:
        """What this file is called in counts and places."""
        return f"queue_log/{self.exchange_id}"


@dataclass(slots=True)
class _Batch:
    """What some lines gave."""

    memory: Memory
    told: list[Told] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)


class QueueLogFollower:
    """Reads one file to its end, again and again, and hands on what it says."""

    def __init__(
        self,
        followed: Followed,
        *,
        trunks: TrunkDirectory,
        take: Take,
        load_place: LoadPlace,
        clock: Clock,
        wait: Wait = asyncio.sleep,
        patience: timedelta = timedelta(),
    ) -> None:
        """Hand facts to `take` (TakeFacts) and find the saved place by `load_place` (Spool.place).

        A queue that no tenant names keeps its place for as long as `patience`, once: its tenant's
        configuration may be on its way. After that its lines are kept raw and the others go on.
        """
        self._followed = followed
        self._file = RotatingFile(followed.path)
        self._trunks = trunks
        self._take = take
        self._load_place = load_place
        self._clock = clock
        self._wait = wait
        self._place: FilePlace | None = None
        self._memory = Memory()
        self._loaded = False
        self._said_nobodys = False
        self._patience = patience
        self._unknown_since: dict[bytes, datetime] = {}

    async def run(self) -> None:
        """Follow for ever; where the spool cannot be written keep the place and try again."""
        pause = self._followed.poll_seconds
        try:
            while True:
                try:
                    moved = await self.step()
                    pause = self._followed.poll_seconds
                except (SpoolUnwritable, OSError) as error:
                    LOG.warning("queue_log.waits", exchange=self._followed.exchange_id, error=str(error))
                    pause, moved = min(2 * pause, LONGEST_PAUSE_SECONDS), False
                if not moved:
                    await self._wait(pause)
        finally:
            self._file.close()

    async def step(self) -> bool:
        """Take the next lines, at most a few hundred; tell whether there were any.

        Raises:
            SpoolUnwritable: nothing was kept and the place is what it was.
            OSError: the file cannot be read.
        """
        await self._load()
        exchange = self._trunks.exchange(self._followed.exchange_id)
        if not exchange.is_named:
            self._say_that_it_is_nobodys()
            return False  # its tenants are not known yet: wait (A11)
        piece = await asyncio.to_thread(self._file.read, self._place, MOST_BYTES)
        if piece is None:
            return False
        if _is_rubbish(piece):
            await self._pass_over(exchange, piece)
            return True
        lines, consumed = _whole_lines(piece)
        place = self._place_after(piece, consumed)
        if place == self._place:
            return False
        batch = self._read_lines(exchange, lines)
        if self._waits_for_a_tenant(batch):
            return False
        await self._keep(exchange, piece, batch, place)
        return True

    def _say_that_it_is_nobodys(self) -> None:
        if not self._said_nobodys:
            LOG.info("queue_log.unread_until_a_tenant_names_it", exchange=self._followed.exchange_id)
        self._said_nobodys = True

    def _waits_for_a_tenant(self, batch: _Batch) -> bool:
        """Whether a queue in these lines may still get its tenant."""
        now = self._clock()
        queues = {_queue_of(one.raw) for one in batch.refused if one.reason == Unreadable.UNKNOWN_QUEUE}
        return any(now - self._unknown_since.setdefault(queue, now) < self._patience for queue in queues)

    async def _load(self) -> None:
        if self._loaded:
            return
        plain = await self._load_place(self._followed.source)
        if plain is not None:
            self._place = FilePlace.from_plain(plain["file"])
            self._memory = Memory.from_plain(plain["memory"])
        self._loaded = True

    async def _pass_over(self, exchange: Exchange, piece: Piece) -> None:
        """Go on behind NULs or a line without an end: it is counted once, and the line's beginning kept."""
        place = await asyncio.to_thread(self._file.passed_over, piece, MOST_PASSED_BYTES)
        batch = _Batch(self._memory)
        if piece.place.passing is None:
            begins = piece.data[:LONGEST_LINE_BYTES].partition(b"\0")[0]
            if begins:
                batch.refused.append(Refused(self._followed.source, Unreadable.TOO_LONG, begins))
            else:
                batch.counted["FILE_NULS"] += 1
            LOG.warning(
                "queue_log.passed_over", exchange=exchange.id, bytes=place.offset - piece.place.offset
            )
        await self._keep(exchange, piece, batch, place)

    def _place_after(self, piece: Piece, consumed: int) -> FilePlace:
        if piece.finished and consumed == len(piece.data):
            following = self._file.successor(piece.place)
            if following is not None:
                return following
        return self._file.advanced(piece, consumed)

    async def _keep(self, exchange: Exchange, piece: Piece, batch: _Batch, place: FilePlace) -> None:
        if piece.broken is not None:
            batch.counted[f"FILE_{piece.broken.upper()}"] += 1
            LOG.warning("queue_log.broken", exchange=exchange.id, how=piece.broken)
        content = {"file": place.to_plain(), "memory": batch.memory.to_plain()}
        source = self._followed.source
        await self._take(
            Arrival(
                source=source,
                told=batch.told,
                refused=batch.refused,
                counted=batch.counted,
                place=Place(source, content),
            )
        )
        self._place, self._memory = place, batch.memory

    def _read_lines(self, exchange: Exchange, lines: list[bytes]) -> _Batch:
        batch, now = _Batch(self._memory), self._clock()
        for line in lines:
            batch.memory, reading = read(batch.memory, line, exchange=exchange, recorded_at=now)
            batch.told += reading.told
            if reading.unreadable is not None:
                source = self._followed.source
                batch.refused.append(Refused(source, reading.unreadable, line, reading.tenant))
            if reading.counted is not None:
                batch.counted[reading.counted] += 1
        return batch


def _queue_of(line: bytes) -> bytes:
    """Return the queue that a line names; it is read only to tell one unknown queue from another."""
    return b"|".join(line.split(b"|", 3)[2:3])


def _is_rubbish(piece: Piece) -> bool:
    """Whether a piece begins with what can be no line: NULs or letters without an end."""
    if piece.place.passing is not None:
        return bool(piece.data)
    return len(piece.data) > LONGEST_LINE_BYTES and b"\n" not in piece.data


def _whole_lines(piece: Piece) -> tuple[list[bytes], int]:
    """Split off whole lines; a last one without its newline waits, unless nothing can follow it."""
    lines = piece.data.split(b"\n")
    rest = lines.pop()
    if len(lines) > MOST_LINES:
        lines, rest = lines[:MOST_LINES], b""
    elif rest and piece.finished and len(rest) <= LONGEST_LINE_BYTES:
        return _without_nuls([*lines, rest]), len(piece.data)
    return _without_nuls(lines), sum(len(line) + 1 for line in lines)


def _without_nuls(lines: list[bytes]) -> list[bytes]:
    """Take off what a crash or a truncation wrote before a line; it must not cost the call in it."""
    return [line.lstrip(b"\0") for line in lines]
