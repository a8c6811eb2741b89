"""What a process does by the clock: shipped marks, the sweep and deadlines, without a poll that finds nothing."""

import asyncio
import random
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from pymongo.errors import PyMongoError

from service_kit.due import DueWorker
from service_kit.relay import SWEEP_AFTER, Relay
from service_kit.transient import Away, is_transient
from tests.simulation.documents import Documents
from tests.simulation.process import Life

LONGEST_SECONDS = 60.0
JUST_AFTER_SECONDS = 0.01
POLL_MOST_SECONDS = 2.0
"""A poll comes this much later than it could at most; a real one comes every quarter of a second."""


class Clockwork:
    """Runs the kit's own mark, sweep and polls at the moments at which they would find something."""

    def __init__(
        self,
        life: Life,
        relay: Relay,
        workers: Sequence[DueWorker],
        disk: Sequence[Documents],
        news: asyncio.Event,
        chance: random.Random,
    ) -> None:
        self._life, self._relay, self._workers, self._disk = life, relay, workers, disk
        self._news, self._chance = news, chance

    async def run(self) -> None:
        """Wait, act, and wait again; survive a store and a bus that are away."""
        while True:
            await self._until_due()
            await asyncio.sleep(self._chance.uniform(0.01, POLL_MOST_SECONDS))
            await self._relay.mark()
            with suppress(PyMongoError, Away):
                if self._seconds_until("outbox.at", SWEEP_AFTER) <= 0:
                    await self._relay.sweep()
            for worker in self._workers:
                await self._poll(worker)

    async def _poll(self, worker: DueWorker) -> None:
        try:
            await worker.run_once()
        except Exception as error:
            if not is_transient(error):
                raise

    async def _until_due(self) -> None:
        loop = asyncio.get_running_loop()
        while (seconds := self._due_in()) > 0:
            self._news.clear()
            alarm = loop.call_later(seconds + JUST_AFTER_SECONDS, self._news.set)
            await self._news.wait()
            alarm.cancel()

    def _due_in(self) -> float:
        if self._relay._shipped:
            return 0.0
        by_worker = self._seconds_until("next_due_at", timedelta(0)) if self._workers else LONGEST_SECONDS
        return min(LONGEST_SECONDS, by_worker, self._seconds_until("outbox.at", SWEEP_AFTER))

    def _seconds_until(self, field: str, later: timedelta) -> float:
        times = [time for one in self._disk if (time := one.earliest(field)) is not None]
        if not times:
            return LONGEST_SECONDS
        return (min(times) + later - self._life.clock()).total_seconds()
