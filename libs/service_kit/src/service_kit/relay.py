"""From the outbox to the bus: at once by who saved, later by the sweeper, again by announcing."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pymongo import ASCENDING, UpdateOne
from pymongo.errors import PyMongoError

from service_kit.clock import Clock
from service_kit.documents import BEFORE_EVERYTHING, Collection, Document
from service_kit.outgoing import Outgoing
from service_kit.producer import EventTooLarge, Producer, slot_of
from service_kit.store import AggregateStore
from service_kit.telemetry import logger
from service_kit.tenancy import Tenants
from service_kit.transient import Away
from shared_schemas.topics import TOPICS

LOG = logger(__name__)

MARK_EVERY_SECONDS = 0.2
SWEEP_EVERY_SECONDS = 1.0
SWEEP_AFTER = timedelta(seconds=5)
SWEEP_MOST = 200
IN_FLIGHT_MOST = 2_000
SENT_KEPT = 10_000
"""So many acknowledged entries are remembered: far more than are sent between a read and the save that follows."""
ANNOUNCED_AT_ONCE = 256
"""So many are told together: one after the other a large store would take hours."""


class TenantMissing(Away):
    """A tenant's configuration is not here yet, so nobody knows the partitions of its events."""


class Relay:
    """Sends saved events; marks what was acknowledged lazily and in bulk. Twice is harmless."""

    def __init__(self, producer: Producer, tenants: Tenants, clock: Clock) -> None:
        """Send through this producer, to the partitions of these tenants."""
        self._producer = producer
        self._tenants = tenants
        self._clock = clock
        self._sending: set[asyncio.Task[None]] = set()
        self._shipped: dict[Collection, list[tuple[str, str]]] = defaultdict(list)
        self._sent: dict[tuple[str, str, str], None] = {}
        self._missing: set[str] = set()
        self._unsendable: set[str] = set()
        self.stores: list[AggregateStore[Any]] = []

    def ship(self, collection: Collection, document_id: str, events: Sequence[Outgoing]) -> None:
        """Send these events in the background; past a bound they wait for the sweeper."""
        if len(self._sending) >= IN_FLIGHT_MOST:
            return
        task = asyncio.create_task(self._ship(collection, document_id, events))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _ship(self, collection: Collection, document_id: str, events: Sequence[Outgoing]) -> None:
        for event in events:
            try:
                await self.send(event)
            except Away:
                return
            except EventTooLarge:
                self._note_unsendable(event)
            else:
                self._note_sent(collection, document_id, event)

    def _note_sent(self, collection: Collection, document_id: str, event: Outgoing) -> None:
        self._shipped[collection].append((document_id, event.entry_id))
        self._sent[collection.name, document_id, event.entry_id] = None
        if len(self._sent) > SENT_KEPT:
            del self._sent[next(iter(self._sent))]

    def has_sent(self, collection: Collection, document_id: str, entry_id: str) -> bool:
        """Whether the broker is known to have an outbox's entry.

        A save that began before the entry was marked would else bring it back, to be swept a second time.
        """
        return (collection.name, document_id, entry_id) in self._sent

    def _note_unsendable(self, event: Outgoing) -> None:
        """Say once what no broker will ever take; it stays in its outbox, where `/status` counts it."""
        if event.envelope.id not in self._unsendable:
            self._unsendable.add(event.envelope.id)
            LOG.error("event.unsendable", topic=event.topic, event_id=event.envelope.id, tenant=event.tenant)

    async def send(self, event: Outgoing) -> None:
        """Send one event and wait for the acknowledgement.

        Raises:
            Away: the broker is not there; TenantMissing: the tenant's configuration is not.
            EventTooLarge: it can never be sent.
        """
        await self._producer.send(
            event.topic,
            partition=self._partition(event),
            key=f"{event.tenant}/{event.key}".encode(),
            value=event.body,
            headers=event.envelope.headers(),
        )

    def _partition(self, event: Outgoing) -> int:
        if TOPICS[event.topic].partitions == "single":
            return 0
        tenant = self._tenants.get(event.tenant)
        if tenant is None:
            raise TenantMissing(f"tenant {event.tenant} is not configured yet")
        return slot_of(event.key, tenant.slots)

    async def mark_for_ever(self) -> None:
        """Take acknowledged events out of the outboxes, in bulk, without changing any version."""
        while True:
            await asyncio.sleep(MARK_EVERY_SECONDS)
            await self.mark()

    async def mark(self) -> None:
        """Mark what was acknowledged so far."""
        shipped, self._shipped = self._shipped, defaultdict(list)
        for collection, entries in shipped.items():
            by_document: dict[str, list[str]] = defaultdict(list)
            for document_id, entry in entries:
                by_document[document_id].append(entry)
            updates = [
                UpdateOne({"_id": one}, {"$pull": {"outbox": {"id": {"$in": sent}}}})
                for one, sent in by_document.items()
            ]
            try:
                await collection.bulk_write(updates, ordered=False)
            except PyMongoError as error:
                LOG.warning("outbox.not_marked", collection=collection.name, error=type(error).__name__)

    async def sweep_for_ever(self) -> None:
        """Send again what has waited for longer than 5 s."""
        while True:
            await asyncio.sleep(SWEEP_EVERY_SECONDS)
            try:
                await self.sweep()
            except (PyMongoError, Away) as error:
                LOG.warning("outbox.not_swept", error=type(error).__name__)

    async def sweep(self, *, older_than: timedelta = SWEEP_AFTER) -> int:
        """Send what has waited; stop at the first event for which the broker is away.

        What cannot be sent for another reason keeps nobody else waiting.
        """
        sent = 0
        self._missing = {tenant for tenant in self._missing if self._tenants.get(tenant) is None}
        for store in self.stores:
            waiting = await self._waiting_longer(store, older_than)
            for raw in waiting:
                sent += await self._send_rest(store, raw)
        return sent

    async def _waiting_longer(self, store: AggregateStore[Any], older_than: timedelta) -> list[Document]:
        query: Document = {"outbox.at": {"$gt": BEFORE_EVERYTHING, "$lt": self._clock() - older_than}}
        if self._missing:
            query["tenant"] = {"$nin": sorted(self._missing)}
        found = store.collection.find(query).sort("outbox.at", ASCENDING).limit(SWEEP_MOST)
        return [raw async for raw in found]

    async def _send_rest(self, store: AggregateStore[Any], raw: Document) -> int:
        sent = 0
        for event in store.outbox_of(raw):
            try:
                await self.send(event)
            except TenantMissing:
                self._missing.add(event.tenant)
                LOG.warning("outbox.tenant_missing", tenant=event.tenant)
                break
            except EventTooLarge:
                self._note_unsendable(event)
            else:
                self._note_sent(store.collection, raw["_id"], event)
                sent += 1
        return sent

    async def announce(self, *, unfinished_only: bool = False) -> int:
        """Tell the present state of every aggregate again; returns how many were told.

        Raises:
            Away: the broker does not take them; announce again later.
        """
        told, together = 0, list[Outgoing]()
        for store in self.stores:
            async for kept in store.everything(unfinished_only=unfinished_only):
                together += store.present(kept)
                if len(together) >= ANNOUNCED_AT_ONCE:
                    told += await self._send_all(together)
                    together = []
        return told + await self._send_all(together)

    async def _send_all(self, events: Sequence[Outgoing]) -> int:
        """Send events side by side; returns how many the broker took."""
        ends = await asyncio.gather(*map(self._send_if_possible, events), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException):
                raise end
        return sum(end is True for end in ends)

    async def _send_if_possible(self, event: Outgoing) -> bool:
        try:
            await self.send(event)
        except EventTooLarge:
            self._note_unsendable(event)
            return False
        return True

    async def waiting(self) -> dict[str, int]:
        """Count the documents with unsent events, by collection."""
        unsent = {"outbox.at": {"$gt": BEFORE_EVERYTHING}}
        return {
            store.collection.name: await store.collection.count_documents(unsent) for store in self.stores
        }

    async def finish(self) -> None:
        """Wait for what is being sent and mark it, before the producer and the store close."""
        if self._sending:
            await asyncio.wait(self._sending, timeout=3)
        await self.mark()
