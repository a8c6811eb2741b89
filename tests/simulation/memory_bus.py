"""The broker's log in memory: partitions that only grow, and how far each group has committed."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from aiokafka import ConsumerRecord

from service_kit.producer import Headers
from service_kit.transient import Away
from shared_schemas.topics import TOPICS
from tests.simulation.process import Life
from tests.simulation.progress import Progress

PARTITIONS = 4
Place = tuple[str, int]
Told = Callable[[ConsumerRecord], None]


@dataclass
class MemoryBus:
    """Every topic's partitions, and every group's place in them.

    Attributes:
        told: called with each record that is appended.
        progress: follows what groups handle and commit.
    """

    told: Told
    progress: Progress
    logs: dict[Place, list[ConsumerRecord]] = field(default_factory=dict)
    committed: dict[str, dict[Place, int]] = field(default_factory=lambda: defaultdict(dict))
    waiting: dict[str, tuple[frozenset[str], asyncio.Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, topic in TOPICS.items():
            for number in range(1 if topic.partitions == "single" else PARTITIONS):
                self.logs[name, number] = []

    def append(self, topic: str, partition: int, key: bytes | None, value: bytes, headers: Headers) -> None:
        """Keep a record for good."""
        log = self.logs[topic, partition]
        record = ConsumerRecord(
            topic=topic,
            partition=partition,
            offset=len(log),
            timestamp=0,
            timestamp_type=0,
            key=key,
            value=value,
            checksum=None,
            serialized_key_size=0,
            serialized_value_size=len(value),
            headers=tuple(headers),
        )
        log.append(record)
        self.told(record)
        for topics, news in self.waiting.values():
            if topic in topics:
                news.set()

    def places(self, topics: Sequence[str]) -> list[Place]:
        """Return the partitions of these topics."""
        return [place for place in self.logs if place[0] in topics]

    def records(self) -> list[ConsumerRecord]:
        """Return everything ever told."""
        return [record for log in self.logs.values() for record in log]


class MemoryProducer:
    """The bus as one process writes to it: an acknowledgement may get lost."""

    def __init__(self, bus: MemoryBus, life: Life) -> None:
        self._bus = bus
        self._life = life

    async def send(
        self, topic: str, *, partition: int, key: bytes | None, value: bytes, headers: Headers
    ) -> None:
        """Append one record. Raises Away: it may be there all the same."""
        await self._life.act(
            f"tell {topic}", lambda: self._bus.append(topic, partition, key, value, headers), Away
        )
