"""Clocks that differ are told: how far this process's clock is ahead of others', and who those are.

Every service asks the store, which all of them share, for its time; so of several processes the one whose
clock lies stands out, and where the store's own lies all of them say so. Nothing is corrected: times are
kept as they were told, and a person mends the clock.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from bson.codec_options import CodecOptions

from service_kit import metrics
from service_kit.clock import Clock
from service_kit.documents import Client
from service_kit.telemetry import logger
from service_kit.transient import is_transient

LOG = logger(__name__)

STORE = "store"
FLAGGED = timedelta(seconds=2)
"""Less than this a network and a busy machine can make of right clocks."""
UNDER_WAY = timedelta(seconds=5)
"""A message that came in may have been sent so long ago, the second that its time was cut to included."""
LOOK_EVERY_SECONDS = 5.0

TimeOf = Callable[[], Awaitable[datetime | None]]
"""Asks another machine for its time; None where it tells none."""


class Skews:
    """How far our clock is ahead of each other one, as it was last seen."""

    def __init__(self, clock: Clock) -> None:
        """Know nothing yet."""
        self._clock = clock
        self._ahead: dict[str, timedelta] = {}

    def note(self, source: str, ahead: timedelta) -> None:
        """Keep how far we are ahead of a source; say once that it is too far, and once that it is not."""
        was, now = self._is_flagged(source), abs(ahead) >= FLAGGED
        self._ahead[source] = ahead
        metrics.CLOCK_SKEW.labels(source).set(ahead.total_seconds())
        if now != was:
            level = LOG.error if now else LOG.info
            level("clock.differs" if now else "clock.agrees", source=source, ahead_seconds=_seconds(ahead))

    def hear(self, source: str, told: datetime) -> None:
        """Take the time that a source told of itself in a message; it was under way, and tells whole seconds."""
        ahead = self._clock() - told
        self.note(source, timedelta() if timedelta() <= ahead <= UNDER_WAY else ahead)

    async def ask(self, source: str, time_of: TimeOf) -> None:
        """Ask a source for its time; what the way there and back may have cost is not counted against it."""
        before = self._clock()
        told = await time_of()
        after = self._clock()
        if told is None:
            return
        slack = (after - before) / 2
        ahead = before + slack - told
        self.note(source, ahead if abs(ahead) > abs(slack) else timedelta())

    def _is_flagged(self, source: str) -> bool:
        return abs(self._ahead.get(source, timedelta())) >= FLAGGED

    async def report(self) -> dict[str, float]:
        """Tell how many seconds we are ahead of each source; less than zero is behind."""
        return {source: _seconds(ahead) for source, ahead in sorted(self._ahead.items())}


async def compare_for_ever(skews: Skews, client: Client) -> None:
    """Compare our clock with the store's, again and again, whenever it can be asked."""

    async def time_of() -> datetime | None:
        hello: Mapping[str, object] = await client.admin.command(
            "hello", codec_options=CodecOptions(tz_aware=True)
        )
        told = hello.get("localTime")
        return told if isinstance(told, datetime) else None

    while True:
        try:
            await skews.ask(STORE, time_of)
        except Exception as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(LOOK_EVERY_SECONDS)


def _seconds(ahead: timedelta) -> float:
    return round(ahead.total_seconds(), 3)
