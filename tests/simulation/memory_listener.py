"""The kit's own listener on the bus in memory: only where records come from and commits go is replaced."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, cast

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaMessage

from service_kit.blame import Blame
from service_kit.deadletters import DeadLetters
from service_kit.listener import DRAIN_SECONDS, Handle, Listener
from service_kit.tenancy import Tenants
from tests.simulation.faults import Faults
from tests.simulation.memory_bus import MemoryBus, Place
from tests.simulation.process import Life

BATCH_MOST = 40
FETCHED_WITHIN_SECONDS = 0.5


class MemoryListener(Listener):
    """One member of a group: fetches as Kafka gives, partitions in any order, each in its own order."""

    def __init__(
        self,
        bus: MemoryBus,
        life: Life,
        chance: random.Random,
        faults: Faults,
        *,
        group: str,
        topics: frozenset[str],
        handle: Handle,
        tenants: Tenants,
        dead_letters: DeadLetters,
        gather_seconds: float,
    ) -> None:
        super().__init__(
            "memory:0",
            group=group,
            topics=sorted(topics - {"tenant.configured"}),
            handle=bus.progress.noting(group, handle),
            tenants=tenants,
            dead_letters=dead_letters,
            blame=Blame(_written),
            broken=self._break,
            gather_seconds=gather_seconds,
        )
        self._bus, self._life, self._chance, self._faults = bus, life, chance, faults
        self._committed = bus.committed[group]
        self._logs = {place: bus.logs[place] for place in bus.places(self.topics)}
        self._mine = {TopicPartition(*place) for place in self._logs}
        self._next = self._from_commits()
        self._failure: BaseException | None = None
        self._news = asyncio.Event()

    async def live(self) -> None:
        """Take batch after batch, for ever."""
        news = self._news
        if not self._life.fenced:
            self._bus.waiting[self.group] = (frozenset(self.topics), news)
        while True:
            news.clear()
            records = self._fetched()
            if not records:
                await news.wait()
            await asyncio.sleep(self._chance.random() * FETCHED_WITHIN_SECONDS)
            if not records:
                continue
            await self._take(cast("KafkaMessage", SimpleNamespace(raw_message=records)))
            if self._failure is not None:
                raise self._failure
            if self._faults.doubles():
                self.hear_again()

    def hear_again(self) -> None:
        """Go back to what is committed, as a member does whose group was shared out anew."""
        self._next = self._from_commits()
        self._news.set()

    def _from_commits(self) -> dict[Place, int]:
        return {place: self._committed.get(place, 0) for place in self._logs}

    def behind(self) -> int:
        """Count what the group has not committed yet: so far behind is it for whoever asks the broker."""
        return sum(len(log) - self._committed.get(place, 0) for place, log in self._logs.items())

    async def stop(self) -> None:
        """Let the batch in hand end, or be left where it waits, then commit."""
        self._stopping.set()
        await self._commits.now()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), DRAIN_SECONDS)
        await self._commits.close()

    def _fetched(self) -> tuple[ConsumerRecord, ...]:
        if self._life.fenced or self._stopping.is_set():
            return ()
        places = [place for place, log in self._logs.items() if len(log) > self._next[place]]
        self._chance.shuffle(places)
        found: list[ConsumerRecord] = []
        for place in places:
            begin = self._next[place]
            some = self._logs[place][begin : begin + BATCH_MOST - len(found)]
            self._next[place] = begin + len(some)
            found += some
            if len(found) >= BATCH_MOST:
                break
        return tuple(found)

    def _break(self, error: BaseException) -> None:
        self._failure = error

    def _consumer(self) -> Any:
        member = SimpleNamespace(generation=1)
        return SimpleNamespace(commit=self._commit_offsets, assignment=self._assigned, _coordinator=member)

    def _assigned(self) -> set[TopicPartition]:
        return self._mine

    async def _commit_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        def commit() -> None:
            if self._life.fenced:
                raise KafkaError("this member is fenced")
            for (topic, partition), offset in offsets.items():
                before = self._committed.get((topic, partition), 0)
                self._bus.progress.committed(self.group, self._logs[topic, partition][before:offset])
                self._committed[topic, partition] = offset

        await self._life.act("commit", commit, KafkaError)


async def _written() -> None:
    """The store in memory names what it cannot do, so nobody asks whether it writes anything else."""
