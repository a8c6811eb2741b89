"""What programs did, as store and broker count it themselves: commands by kind, and events on topics."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.backlog import PARTITIONS
from service_kit.documents import connect
from siaga_embedded.servers import Servers

KINDS: Mapping[str, str] = {"query": "reads", "insert": "inserts", "update": "updates", "delete": "deletes"}
"""What the store calls a kind of command, and what the report calls it."""


@dataclass(frozen=True, slots=True)
class Deeds:
    """Commands that the store took, by kind, and events that lie on the topics."""

    commands: Mapping[str, int]
    told: int

    def since(self, before: "Deeds") -> "Deeds":
        """Return what came after an earlier moment."""
        more = {kind: count - before.commands[kind] for kind, count in self.commands.items()}
        return Deeds(more, self.told - before.told)


async def deeds_so_far(servers: Servers, topics: Sequence[str]) -> Deeds:
    """Ask the store and the broker what was done so far; topics that are not there have nothing."""
    async with connect(servers.mongo_url, service="bench") as store:
        counted = (await store.admin.command("serverStatus"))["opcounters"]
    return Deeds(
        {kind: int(counted[name]) for name, kind in KINDS.items()},
        await _told(servers.kafka_bootstrap, topics),
    )


async def _told(bootstrap: str, topics: Sequence[str]) -> int:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id="bench-deeds",
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        there = set(topics) & await consumer.topics()
        places = [TopicPartition(topic, place) for topic in there for place in range(PARTITIONS)]
        return sum((await consumer.end_offsets(places)).values()) if places else 0
    finally:
        await consumer.stop()
