"""Reads the whole log without a group: nobody's place in it moves."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from service_kit.event import EventUnreadable, read_json
from shared_schemas.envelope import EnvelopeUnreadable, read_envelope
from shared_schemas.topics import TOPICS
from tests.faults.history import Letter, Said

LETTERS = ".dlq"
WAIT_MS = 500


@dataclass(frozen=True, slots=True)
class Log:
    """Everything that was said, and every dead letter's origin and reason."""

    said: tuple[Said, ...]
    buried: tuple[Letter, ...]


async def read_log(bootstrap: str) -> Log:
    """Read every topic and every dead letter topic from its beginning to where it ends now."""
    records = await read_records(bootstrap, lambda name: name in TOPICS or name.endswith(LETTERS))
    events = [record for record in records if record.topic in TOPICS]
    letters = [record for record in records if record.topic.endswith(LETTERS)]
    return Log(tuple(map(_said, events)), tuple(map(letter_of, letters)))


async def read_letters(bootstrap: str) -> list[ConsumerRecord]:
    """Read every dead letter as it lies in its topic."""
    return await read_records(bootstrap, lambda name: name.endswith(LETTERS))


async def read_records(bootstrap: str, wanted: Callable[[str], bool]) -> list[ConsumerRecord]:
    """Read some topics from their beginning to where they end now."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id="faults",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    try:
        await consumer.start()
        await asyncio.sleep(0)  # aiokafka's own tasks begin: one that is stopped before it began is cancelled
        return await _to_the_end(consumer, await _places(bootstrap, wanted))
    finally:
        await consumer.stop()


async def _places(bootstrap: str, wanted: Callable[[str], bool]) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="faults")
    try:
        await admin.start()
        names = [name for name in await admin.list_topics() if wanted(name)]
        described = await admin.describe_topics(sorted(names))
    finally:
        await admin.close()
    return [
        TopicPartition(topic["topic"], one["partition"]) for topic in described for one in topic["partitions"]
    ]


async def _to_the_end(consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> list[ConsumerRecord]:
    consumer.assign(places)
    left = {place: end for place, end in (await consumer.end_offsets(places)).items() if end}
    found: list[ConsumerRecord] = []
    while left:
        for batch in (await consumer.getmany(*left, timeout_ms=WAIT_MS)).values():
            found += batch
        for place, end in list(left.items()):
            if await consumer.position(place) >= end:
                del left[place]
    return found


def _said(record: ConsumerRecord) -> Said:
    """Read an event; what cannot be read is told as such, under its place."""
    place, at = f"{record.partition}/{record.offset}", record.timestamp / 1000
    try:
        one = read_envelope(record.headers)
        body = read_json(record.value or b"")
    except (EnvelopeUnreadable, EventUnreadable) as error:
        return Said(record.topic, place, "", "?", f"unreadable/{place}", 0, {"why": str(error)}, at)
    assert isinstance(body, dict)
    return Said(record.topic, place, one.tenant, one.source, one.subject, one.sequence, body, at)


def headers_of(letter: ConsumerRecord) -> dict[str, str]:
    """Return what a dead letter says of itself."""
    return {name: (value or b"").decode("utf-8", "replace") for name, value in letter.headers}


def letter_of(record: ConsumerRecord) -> Letter:
    """Read whose dead letter it is, which record it holds, and why."""
    told = headers_of(record)
    place = f"{told.get('origin_partition', '?')}/{told.get('origin_offset', '?')}"
    service = record.topic.removesuffix(LETTERS)
    return Letter(service, told.get("origin_topic", "?"), place, told.get("reason", "?"))
