"""Records that could not be handled: sealed, listed, taken again or discarded by a person.

The topic `<service>.dlq` is the record of them; a collection in the service's own database shows
each one's state. Raw bytes are sealed under the tenant's quarantine key (decision 14).
"""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError, PyMongoError

from service_kit.clock import Clock
from service_kit.documents import Database, Document
from service_kit.producer import Producer
from service_kit.telemetry import logger
from service_kit.transient import backoff, is_transient
from service_kit.vault import Quarantine
from shared_schemas.envelope import TENANT_CODE
from shared_schemas.identifiers import derived_id

LOG = logger(__name__)

AGAIN_AFTER_SECONDS = 2.0
NO_TENANT = "00.00"
"""Whose quarantine key seals a record that names no tenant."""
TENANT_UNKNOWN = "tenant_unknown"
WAITING, REDRIVEN, DISCARDED = "waiting", "redriven", "discarded"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One record that waits for a person; never its content."""

    id: str
    tenant: str
    topic: str
    partition: int
    offset: int
    reason: str
    status: str
    buried_at: datetime
    decided_at: datetime | None = None
    decided_by: str = ""


class DeadLetters:
    """The dead letters of one service."""

    def __init__(
        self, service: str, *, producer: Producer, database: Database, quarantine: Quarantine, clock: Clock
    ) -> None:
        """Bury into `<service>.dlq`, list in the service's database."""
        self.topic = f"{service}.dlq"
        self._producer = producer
        self._letters = database.get_collection("dead_letters")
        self._quarantine = quarantine
        self._clock = clock
        self._tell_parked: Callable[[str], None] = lambda _: None
        self._anew = asyncio.Event()

    async def prepare(self) -> None:
        """Create the index of the list."""
        await self._letters.create_indexes([IndexModel([("status", ASCENDING), ("_id", ASCENDING)])])

    def on_parked(self, tell: Callable[[str], None]) -> None:
        """Call `tell` with the tenant of each letter that is listed because its tenant was unknown."""
        self._tell_parked = tell

    async def bury(self, record: ConsumerRecord, reason: str) -> None:
        """Write a record to the dead-letter topic, sealed.

        Raises:
            Away: it was not acknowledged; the record is not done.
        """
        tenant = _tenant_of(record)
        LOG.warning(
            "event.buried",
            topic=record.topic,
            partition=record.partition,
            offset=record.offset,
            tenant=tenant,
            reason=reason,
        )
        headers = {
            "origin_topic": record.topic,
            "origin_partition": str(record.partition),
            "origin_offset": str(record.offset),
            "tenant": tenant,
            "reason": reason[:500],
            "buried_at": self._clock().isoformat(),
        }
        await self._producer.send(
            self.topic,
            partition=0,
            key=letter_id(record).encode(),
            value=self._quarantine.seal(tenant, _packed(record)),
            headers=[(name, value.encode()) for name, value in headers.items()],
        )

    def read_anew(self) -> None:
        """Begin the topic again: it is another broker's, and a place in the old one means nothing there."""
        self._anew.set()

    async def read_for_ever(self, bootstrap: str, *, client: str) -> None:
        """Follow the topic from its beginning and keep the list; a letter that is listed is not listed again."""
        async for _ in backoff():
            consumer = AIOKafkaConsumer(
                bootstrap_servers=bootstrap,
                client_id=client,
                group_id=None,
                enable_auto_commit=False,
                auto_offset_reset="earliest",
            )
            try:
                await consumer.start()
                await self._read(consumer)
            except (KafkaError, OSError, PyMongoError) as error:
                LOG.warning("dead_letters.waiting", error=type(error).__name__)
            finally:
                await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        partition = TopicPartition(self.topic, 0)
        consumer.assign([partition])
        self._anew.clear()
        await consumer.seek_to_beginning(partition)
        while not self._anew.is_set():
            found = await consumer.getmany(partition, timeout_ms=500)
            for record in found.get(partition, []):
                await self._note_if_ours(record)

    async def _note_if_ours(self, record: ConsumerRecord) -> None:
        """List a letter; what somebody else wrote into the topic is said and passed over."""
        try:
            await self._note(record)
        except (KeyError, ValueError) as error:
            LOG.error("dead_letter.not_ours", offset=record.offset, error=type(error).__name__)  # noqa: TRY400 - no content

    async def _note(self, record: ConsumerRecord) -> None:
        """List a letter; one that is listed already keeps its state."""
        headers = {name: (value or b"").decode("utf-8", "replace") for name, value in record.headers}
        try:
            await self._letters.insert_one(
                {
                    "_id": (record.key or b"").decode(),
                    "tenant": headers["tenant"],
                    "topic": headers["origin_topic"],
                    "partition": int(headers["origin_partition"]),
                    "offset": int(headers["origin_offset"]),
                    "reason": headers["reason"],
                    "status": WAITING,
                    "buried_at": datetime.fromisoformat(headers["buried_at"]),
                    "sealed": record.value,
                }
            )
        except DuplicateKeyError:
            LOG.debug("dead_letter.known", letter=(record.key or b"").decode())
            return
        if headers["reason"] == TENANT_UNKNOWN:
            self._tell_parked(headers["tenant"])

    async def list(
        self, *, status: str = WAITING, limit: int = 100, tenants: Sequence[str] | None = None
    ) -> "list[DeadLetter]":
        """Return letters of one state, of these tenants or of all, without their content."""
        query: Document = {"status": status}
        if tenants is not None:
            query["tenant"] = {"$in": [*tenants]}
        cursor = self._letters.find(query, {"sealed": 0}).sort("_id", ASCENDING)
        return [_letter(raw) async for raw in cursor.limit(limit)]

    async def waiting(self) -> int:
        """Count the letters that wait for a person."""
        return await self._letters.count_documents({"status": WAITING})

    async def get(self, letter: str) -> DeadLetter | None:
        """Return one letter, without its content."""
        raw = await self._letters.find_one({"_id": letter}, {"sealed": 0})
        return None if raw is None else _letter(raw)

    async def redrive(
        self, letter: str, handle: Callable[[ConsumerRecord], Awaitable[None]], *, by: str
    ) -> DeadLetter | None:
        """Handle a letter again; a second time is dull. None: there is no such letter.

        Raises:
            EventUnreadable: the record itself is broken and always will be.
            Exception: whatever the handler raises; the letter goes on waiting.
        """
        raw = await self._letters.find_one({"_id": letter})
        if raw is None:
            return None
        if raw["status"] == WAITING:
            await handle(_unpacked(self._quarantine.open(raw["tenant"], bytes(raw["sealed"]))))
            await self._decide(letter, REDRIVEN, by)
        return await self.get(letter)

    async def discard(self, letter: str, *, by: str) -> DeadLetter | None:
        """Take a letter off the list; its record stays in the topic until its retention ends."""
        await self._decide(letter, DISCARDED, by)
        return await self.get(letter)

    async def _decide(self, letter: str, status: str, by: str) -> None:
        await self._letters.update_one(
            {"_id": letter, "status": WAITING},
            {"$set": {"status": status, "decided_at": self._clock(), "decided_by": by}},
        )

    async def redrive_for_tenant(
        self, tenant: str, handle: Callable[[ConsumerRecord], Awaitable[None]]
    ) -> int:
        """Take again what waited for this tenant's configuration; returns how many were tried."""
        query = {"status": WAITING, "tenant": tenant, "reason": TENANT_UNKNOWN}
        found = [raw["_id"] async for raw in self._letters.find(query, {"_id": 1})]
        for letter in found:
            try:
                await self.redrive(letter, handle, by="clock")
            except Exception as error:
                if is_transient(error):
                    raise
                LOG.exception("dead_letter.failed_again", letter=letter)
        return len(found)


def letter_id(record: ConsumerRecord) -> str:
    """Return the letter's id: the same record is the same letter, and its time tells logs apart."""
    place = (record.topic, str(record.partition), str(record.offset), str(record.timestamp))
    letter: str = derived_id(NO_TENANT, "dead_letter", *place)
    return letter


def _tenant_of(record: ConsumerRecord) -> str:
    for name, value in record.headers:
        if name == "ce_tenantid" and value is not None:
            text = str(value.decode("ascii", "replace"))
            if TENANT_CODE.match(text):
                return text
    return NO_TENANT


def _packed(record: ConsumerRecord) -> bytes:
    def text(value: bytes | None) -> str | None:
        return None if value is None else base64.b64encode(value).decode()

    return json.dumps(
        {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "timestamp": record.timestamp,
            "key": text(record.key),
            "value": text(record.value),
            "headers": [[name, text(value)] for name, value in record.headers],
        }
    ).encode()


def _unpacked(raw: bytes) -> ConsumerRecord:
    packed = json.loads(raw)

    def plain(value: str | None) -> bytes | None:
        return None if value is None else base64.b64decode(value)

    value = plain(packed["value"])
    return ConsumerRecord(
        topic=packed["topic"],
        partition=packed["partition"],
        offset=packed["offset"],
        timestamp=packed["timestamp"],
        timestamp_type=0,
        key=plain(packed["key"]),
        value=value,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=len(value or b""),
        headers=tuple((name, plain(text)) for name, text in packed["headers"]),
    )


def _letter(raw: Document) -> DeadLetter:
    return DeadLetter(
        id=raw["_id"],
        tenant=raw["tenant"],
        topic=raw["topic"],
        partition=raw["partition"],
        offset=raw["offset"],
        reason=raw["reason"],
        status=raw["status"],
        buried_at=raw["buried_at"],
        decided_at=raw.get("decided_at"),
        decided_by=raw.get("decided_by", ""),
    )


async def watch_tenants(
    letters: DeadLetters, news: "asyncio.Queue[str]", handle: Callable[[ConsumerRecord], Awaitable[None]]
) -> None:
    """Take parked letters again as soon as their tenant is configured."""
    while True:
        tenant = await news.get()
        try:
            count = await letters.redrive_for_tenant(tenant, handle)
        except Exception as error:
            if not is_transient(error):
                raise
            LOG.warning("dead_letters.not_redriven", tenant=tenant, error=type(error).__name__)
            await asyncio.sleep(AGAIN_AFTER_SECONDS)
            news.put_nowait(tenant)
        else:
            if count:
                LOG.info("dead_letters.redriven", tenant=tenant, count=count)
