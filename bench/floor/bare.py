"""What every bare program is made of: aiokafka, PyMongo, the product's durability and its shapes; nothing else.

It takes a batch, of each subject the newest event, sixteen keys side by side, saves state and outbox with one
write by the version, publishes, takes what was acknowledged out of the outbox in bulk, and commits beside, so
often as the product does. It waits for nothing but events. It seals, judges, checks, traces and repairs nothing.
"""

import asyncio
import json
import os
import traceback
import zlib
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from pymongo import ASCENDING, AsyncMongoClient, IndexModel, UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from service_kit.commits import EVERY_SECONDS as COMMIT_EVERY
from service_kit.listener import AT_ONCE, BATCH_MOST, FETCH_BYTES_PER_PARTITION
from service_kit.producer import LARGEST_REQUEST_BYTES
from service_kit.recent import MOST as REMEMBERED
from service_kit.relay import MARK_EVERY_SECONDS
from shared_schemas.topics import CONTRACTS_DIR

Document = dict[str, Any]
Collection = AsyncCollection[Document]
Take = Callable[[str, Document], Awaitable[None]]
"""Does what one event asks for (topic, body)."""

OF_FLOOR = 0.6
"""The goal: how much of a bare program's pace is ours at least."""

PREFIX, PRODUCT = "floor.", "product"
PARTITIONS = 6
WAITS_MS = 1_000
"""How long it waits for events before it asks anew; what comes is taken at once."""

SAID_BY = {
    "call.received": "intake",
    "call.updated": "triage",
    "ticket.opened": "triage",
    "ticket.escalated": "triage",
    "task.assigned": "dispatch",
    "notification.updated": "agency-notifier",
}


@cache
def example(topic: str) -> Document:
    """Return a realistic body of a topic: the first of the contracts' examples."""
    file = min((CONTRACTS_DIR / "examples" / topic / "v1").glob("*.json"))
    body: Document = json.loads(file.read_text(encoding="utf-8"))["data"]
    return body


class Bare:
    """One bare program: its store, its producer, its documents as it saved them last."""

    def __init__(self, service: str) -> None:
        """Do the work of a service, under another name where BENCH_NAME gives one."""
        self.service, self.name = service, os.environ.get("BENCH_NAME") or service
        self._bootstrap = os.environ["KAFKA_BOOTSTRAP"]
        self._client: AsyncMongoClient[Document] = AsyncMongoClient(
            os.environ["MONGO_URL"], tz_aware=True, retryWrites=False, maxPoolSize=32
        )
        self._producer = AIOKafkaProducer(
            bootstrap_servers=self._bootstrap,
            acks="all",
            enable_idempotence=True,
            linger_ms=3,
            max_request_size=LARGEST_REQUEST_BYTES,
        )
        self._saved: dict[str, OrderedDict[str, Document]] = defaultdict(OrderedDict)
        self._sent: dict[Collection, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._done: dict[TopicPartition, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect."""
        await self._producer.start()
        self.background(self._mark_for_ever())

    @staticmethod
    def say_ready() -> None:
        """Tell who started this program that it has begun."""
        Path(os.environ["BENCH_READY"]).touch()

    def background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside; its failure ends the program, so that no figure comes of half the work."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            traceback.print_exception(error)
            os._exit(1)

    async def collection(self, name: str, *indexes: Sequence[str]) -> Collection:
        """Return a collection with the product's durability and indexes."""
        kept = self._client[f"floor_{self.name.replace('-', '_')}"].get_collection(
            name, write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
        )
        if indexes:
            await kept.create_indexes(
                [IndexModel([(one, ASCENDING) for one in fields]) for fields in indexes]
            )
        return kept

    async def look(self, kept: Collection, id_: str) -> Document | None:
        """Return a document: as it was one of the last to be saved here, or as the store has it."""
        known = self._saved[kept.name].get(id_)
        return known if known is not None else await kept.find_one({"_id": id_})

    async def save(
        self, kept: Collection, id_: str, state: Document, topics: Sequence[str], fields: Mapping[str, Any]
    ) -> None:
        """Write state and outbox at once, by the version, then publish."""
        old = await self.look(kept, id_)
        version = 1 if old is None else old["version"] + 1
        events = [(f"{version}:{topic}", topic, _event(topic, id_, state)) for topic in topics]
        new = _document(id_, version, old, state, events, fields)
        if old is None:
            await kept.insert_one(new)
        else:
            await kept.replace_one({"_id": id_, "version": old["version"]}, new)
        self._remember(kept.name, {**new, "outbox": []})
        for entry, topic, body in events:
            self.background(self._publish(kept, id_, version, entry, topic, body))

    def _remember(self, name: str, document: Document) -> None:
        """Keep what was saved last, as much of it as the product keeps."""
        saved = self._saved[name]
        saved[document["_id"]] = document
        saved.move_to_end(document["_id"])
        if len(saved) > REMEMBERED:
            saved.popitem(last=False)

    async def _publish(
        self, kept: Collection, id_: str, version: int, entry: str, topic: str, body: bytes
    ) -> None:
        key = _key(body)
        partition = zlib.crc32(key) % PARTITIONS
        headers = _headers(topic, f"{self.service}/{id_}", version)
        sent = await self._producer.send(PREFIX + topic, body, key=key, partition=partition, headers=headers)
        await sent
        self._sent[kept][id_].append(entry)

    async def _mark_for_ever(self) -> None:
        while True:
            await asyncio.sleep(MARK_EVERY_SECONDS)
            sent, self._sent = self._sent, defaultdict(lambda: defaultdict(list))
            for kept, entries in sent.items():
                pulls = [
                    UpdateOne({"_id": id_}, {"$pull": {"outbox": {"id": {"$in": names}}}})
                    for id_, names in entries.items()
                ]
                await kept.bulk_write(pulls, ordered=False)

    async def hear(self, topics: Sequence[str], take: Take, *, gather_seconds: float = 0.0) -> None:
        """Take events for ever; who is in no hurry lets some gather after a batch that was not full.

        BENCH_HEARS=product has the product's own topics heard instead of the floor's.
        """
        prefix = "" if os.environ.get("BENCH_HEARS") == PRODUCT else PREFIX
        consumer = AIOKafkaConsumer(
            *(prefix + topic for topic in topics),
            bootstrap_servers=self._bootstrap,
            group_id=f"floor-{self.name}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES_PER_PARTITION,
        )
        await consumer.start()
        self.background(self._commit_for_ever(consumer))
        self.say_ready()
        while True:
            found = await consumer.getmany(timeout_ms=WAITS_MS, max_records=BATCH_MOST)
            records = [record for some in found.values() for record in some]
            await take_batch(records, take)
            self._done |= {place: some[-1].offset + 1 for place, some in found.items()}
            if gather_seconds and 0 < len(records) < BATCH_MOST:
                await asyncio.sleep(gather_seconds)

    async def _commit_for_ever(self, consumer: AIOKafkaConsumer) -> None:
        while True:
            await asyncio.sleep(COMMIT_EVERY)
            done, self._done = self._done, {}
            try:
                await consumer.commit(done) if done else None
            except KafkaError:
                self._done = done | self._done  # what could not be committed goes along the next time


async def take_batch(records: Sequence[ConsumerRecord], take: Take) -> None:
    """Take the newest event of each subject; one key's events in their order, some keys at once."""
    lanes = newest(records)
    gate = asyncio.Semaphore(AT_ONCE)

    async def run(lane: list[ConsumerRecord]) -> None:
        async with gate:
            for record in lane:
                await take(record.topic.removeprefix(PREFIX), json.loads(record.value))

    await asyncio.gather(*map(run, lanes.values()))


def newest(records: Sequence[ConsumerRecord]) -> dict[bytes, list[ConsumerRecord]]:
    """Return the newest event of each subject, by key."""
    lanes: dict[bytes, dict[tuple[bytes, bytes], ConsumerRecord]] = defaultdict(dict)
    for record in records:
        told, lane = dict(record.headers), lanes[record.key]
        about = (told["ce_source"], told["ce_subject"])
        lane.pop(about, None)  # so that it stands where its newest came
        lane[about] = record
    return {key: list(lane.values()) for key, lane in lanes.items()}


def _event(topic: str, id_: str, state: Document) -> bytes:
    names = {name: state[name] for name in ("call_id", "ticket_id", "key", "agencies") if name in state}
    return json.dumps({**example(topic), **names, "id": id_}).encode()


def _key(body: bytes) -> bytes:
    said = json.loads(body)
    return str(said.get("ticket_id") or said["call_id"]).encode()


def _headers(topic: str, subject: str, version: int) -> list[tuple[str, bytes]]:
    told = {
        "ce_specversion": "1.0",
        "ce_id": f"{subject}/{version}",
        "ce_source": SAID_BY[topic],
        "ce_type": f"id.siaga112.{topic}.v1",
        "ce_time": datetime.now(UTC).isoformat(),
        "ce_subject": subject,
        "ce_tenantid": "53.03",
        "ce_sequence": str(version),
        "ce_traceparent": f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
        "content-type": "application/json",
    }
    return [(name, value.encode()) for name, value in told.items()]


def _document(
    id_: str,
    version: int,
    old: Document | None,
    state: Document,
    events: Sequence[tuple[str, str, bytes]],
    fields: Mapping[str, Any],
) -> Document:
    """Return a document of the product's fields and about its size."""
    now, earlier = datetime.now(UTC), [] if old is None else old["timeline"]
    step = {
        "version": version,
        "at": now,
        "what": "state.saved",
        "by": "bench",
        "why": "",
        "trace_id": "0" * 32,
    }
    outbox = [
        {"id": entry, "topic": topic, "body": body, "at": now, "traceparent": "0" * 55, "sequence": version}
        for entry, topic, body in events
    ]
    return {
        "_id": id_,
        "tenant": "53.03",
        "version": version,
        "state": state,
        "outbox": outbox,
        "said": events[0][1] if events else None,
        "finished": False,
        "next_due_at": None,
        "traceparent": "0" * 55,
        "heard": [{"about": f"intake/{id_}", "sequence": version}],
        "commands": [],
        "timeline": [*earlier, step],
        **fields,
    }


DUE, OUTBOX = ("next_due_at",), ("outbox.at",)
