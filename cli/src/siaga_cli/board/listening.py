"""Hears every topic from its beginning, without a group: the board is a guest that leaves no trace."""

import asyncio
from collections.abc import AsyncIterator

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from service_kit.event import Event, EventUnreadable, read_event
from shared_schemas.events import EventData
from shared_schemas.topics import TOPICS

CLIENT = "siaga-board"
WAIT_MS = 200
MOST_RECORDS = 500
TRY_AGAIN_AFTER = 1.0


async def hear(bootstrap: str) -> AsyncIterator[list[Event[EventData]]]:
    """Yield what was said since the last time, oldest first, for ever; an empty list means no news.

    What is not a valid event is the services' trouble, not the board's: it is passed over. After the
    broker was away everything is heard again, which changes nothing.
    """
    while True:
        consumer = AIOKafkaConsumer(
            *TOPICS,
            bootstrap_servers=bootstrap,
            client_id=CLIENT,
            group_id=None,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
        )
        try:
            await consumer.start()
            while True:
                batches = await consumer.getmany(timeout_ms=WAIT_MS, max_records=MOST_RECORDS)
                records = [record for batch in batches.values() for record in batch]
                records.sort(key=lambda record: record.timestamp)
                yield [event for record in records for event in _read(record)]
        except (KafkaError, OSError, TimeoutError):
            await asyncio.sleep(TRY_AGAIN_AFTER)
        finally:
            await consumer.stop()


def _read(record: object) -> list[Event[EventData]]:
    try:
        return [read_event(record)]
    except EventUnreadable:
        return []
