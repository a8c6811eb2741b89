"""Tells the broker how far a group has come: once for all that was done in a moment, not for each message.

What was done and not yet told is heard again after a kill, which is dull.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaError
from aiokafka.protocol.commit import OffsetCommitRequest

from service_kit.telemetry import logger

LOG = logger(__name__)

EVERY_SECONDS = 0.25
ANSWER_SECONDS = 2.0
"""How long one commit may take: while the broker is away aiokafka asks it again without end."""

Offsets = Mapping[TopicPartition, int]
"""The next offset to read of each partition."""


class Commits:
    """Gathers what may be committed; it waits for a moment at most, or until the broker is there again."""

    def __init__(self, consumer: Callable[[], Any], *, group: str) -> None:
        """Commit through whatever consumer the group has just then."""
        self._consumer = consumer
        self._group = group
        self._waiting: dict[TopicPartition, int] = {}
        self._turn = asyncio.Lock()
        self._soon: asyncio.Task[None] | None = None

    def note(self, offsets: Offsets) -> None:
        """Have these committed soon; of each partition they are newer than those before."""
        self._waiting.update(offsets)
        if self._waiting and (self._soon is None or self._soon.done()):
            self._soon = asyncio.create_task(self._until_told())

    async def now(self) -> None:
        """Commit what waits. What the broker does not answer goes on waiting; what is others' does not."""
        async with self._turn:
            consumer = self._consumer()
            offsets = self._keep_only(set() if consumer is None else consumer.assignment())
            if not offsets:
                return
            if not _is_member(consumer):
                self._waiting.clear()
                return
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    await consumer.commit(offsets)
            except CommitFailedError:
                LOG.warning("listener.no_member_any_more", group=self._group)
                self._waiting.clear()
            except (KafkaError, OSError, TimeoutError) as error:
                LOG.warning("listener.not_committed", group=self._group, error=type(error).__name__)
            else:
                self._forget(offsets)

    async def give_up(self) -> None:
        """Commit what waits before others take the partitions; what still waits is theirs to hear again."""
        await self.now()
        self._waiting.clear()

    async def close(self) -> None:
        """Commit what waits, for the last time."""
        await self.give_up()
        if self._soon is not None:
            self._soon.cancel()
            await asyncio.wait([self._soon])

    def _keep_only(self, mine: set[TopicPartition]) -> dict[TopicPartition, int]:
        """Let go of what others have taken: it would set them back when the partition comes home."""
        self._waiting = {place: offset for place, offset in self._waiting.items() if place in mine}
        return dict(self._waiting)

    def _forget(self, told: Offsets) -> None:
        for place, offset in told.items():
            if self._waiting.get(place) == offset:
                del self._waiting[place]

    async def _until_told(self) -> None:
        while self._waiting:
            await asyncio.sleep(EVERY_SECONDS)
            await self.now()


def _is_member(consumer: Any) -> bool:
    """Whether the broker still counts the consumer to its group.

    To a group that the broker does not know it would take offsets from anybody, also after its disk was lost:
    then they are of a log that is no more, and as many new events would never be heard.
    """
    coordinator = consumer._coordinator  # noqa: SLF001 - aiokafka shows its generation nowhere else
    return bool(coordinator.generation != OffsetCommitRequest.DEFAULT_GENERATION_ID)
