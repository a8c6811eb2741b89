"""Reads the log from its beginning, without a group, so that a projection can be built again."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from service_kit.transient import Away

Ends = Mapping[TopicPartition, int]
"""The next offset of each partition."""

POLL_MS = 500


async def ends_of(bootstrap: str, topics: Iterable[str], *, client: str) -> Ends:
    """Return where each partition of these topics ends now.

    Raises:
        Away: the broker cannot be asked.
    """
    consumer = _consumer(bootstrap, client)
    try:
        await _start(consumer)
        return dict(await consumer.end_offsets(await _partitions(bootstrap, topics, client)))
    except (KafkaError, OSError) as error:
        raise Away("the log cannot be read now") from error
    finally:
        await consumer.stop()


async def read_log(
    bootstrap: str, *, until: Ends, after: Ends | None = None, client: str
) -> AsyncIterator[ConsumerRecord]:
    """Give every record from `after` (default: the beginning) up to `until`.

    Records of one partition come in order; partitions come in any order.

    Raises:
        Away: the broker went away; begin again.
    """
    consumer = _consumer(bootstrap, client)
    try:
        await _start(consumer)
        waiting = await _place(consumer, until, after or {})
        while waiting:
            found = await consumer.getmany(timeout_ms=POLL_MS)
            for records in found.values():
                for record in records:
                    if record.offset < until[TopicPartition(record.topic, record.partition)]:
                        yield record
            waiting = {place for place in waiting if await consumer.position(place) < until[place]}
    except (KafkaError, OSError) as error:
        raise Away("the log cannot be read now") from error
    finally:
        await consumer.stop()


async def _start(consumer: AIOKafkaConsumer) -> None:
    """Start, and let aiokafka's own tasks begin: one stopped before it began raises CancelledError."""
    await consumer.start()
    await asyncio.sleep(0)


async def _place(consumer: AIOKafkaConsumer, until: Ends, after: Ends) -> set[TopicPartition]:
    """Assign the partitions that have something to read and go to where reading begins."""
    beginnings = await consumer.beginning_offsets(list(until))
    begin = {place: max(after.get(place, 0), beginnings[place]) for place in until}
    waiting = {place for place in until if begin[place] < until[place]}
    consumer.assign(sorted(waiting))
    for place in waiting:
        consumer.seek(place, begin[place])
    return waiting


async def _partitions(bootstrap: str, topics: Iterable[str], client: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=client)
    try:
        await admin.start()
        found = await admin.describe_topics(list(topics))
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], partition["partition"])
        for topic in found
        for partition in topic["partitions"]
    ]


def _consumer(bootstrap: str, client: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=client,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
