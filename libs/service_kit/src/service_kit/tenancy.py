"""The tenants as each replica knows them: read whole from the compacted topic before it is ready."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import TypeAdapter, ValidationError

from service_kit.event import EventUnreadable, read_event
from service_kit.telemetry import logger
from service_kit.transient import Away, backoff
from shared_schemas.events import TenantConfigured

LOG = logger(__name__)

TOPIC = "tenant.configured"
POLL_MS = 200

Bury = Callable[[ConsumerRecord, str], Awaitable[None]]
"""Puts a record that cannot be read, and why, among the dead letters."""


class Tenants:
    """Every tenant's newest configuration; a snapshot on disk serves while the broker is away."""

    def __init__(self, *, snapshot: Path | None = None) -> None:
        """Start with the tenants of the last run, where a snapshot was kept."""
        self._known: dict[str, TenantConfigured] = {}
        self._snapshot = snapshot
        self._news = asyncio.Condition()
        self._followers: list[Callable[[TenantConfigured], None]] = []
        self._anew = asyncio.Event()
        self.read_whole = asyncio.Event()
        if snapshot is not None:
            self._known = _read_snapshot(snapshot)

    def get(self, tenant: str) -> TenantConfigured | None:
        """Return the tenant's newest configuration, or None: unknown means *wait*, not wrong."""
        return self._known.get(tenant)

    def all(self) -> list[TenantConfigured]:
        """Return every tenant, in the order of their codes."""
        return [self._known[code] for code in sorted(self._known)]

    def follow(self, tell: Callable[[TenantConfigured], None]) -> None:
        """Call `tell` with every tenant that is known now and with each change to come."""
        self._followers.append(tell)
        for configured in self.all():
            tell(configured)

    async def wait_for(self, tenant: str, *, seconds: float) -> TenantConfigured | None:
        """Return the tenant as soon as it is known, or None after a while."""
        if tenant in self._known:
            return self._known[tenant]
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: tenant in self._known)
        except TimeoutError:
            return None
        return self._known[tenant]

    async def take(self, configured: TenantConfigured) -> None:
        """Keep a configuration if it is newer than the one in force."""
        present = self._known.get(configured.tenant)
        if present is not None and present.version >= configured.version:
            return
        async with self._news:
            self._known[configured.tenant] = configured
            self._news.notify_all()
        for tell in self._followers:
            tell(configured)
        LOG.info("tenant.taken", tenant=configured.tenant, version=configured.version)
        self._keep_snapshot()

    def read_anew(self) -> None:
        """Begin the topic again: it is another broker's, and a place in the old one means nothing there."""
        self._anew.set()

    async def read_for_ever(self, bootstrap: str, *, client: str, bury: Bury) -> None:
        """Read the topic from its beginning, without a group, and follow it; survive the broker.

        What cannot be read is buried and the others go on.
        """
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
                await self._read(consumer, bury)
            except (KafkaError, OSError, Away) as error:
                LOG.warning("tenants.broker_away", error=type(error).__name__)
            finally:
                await consumer.stop()

    async def _read(self, consumer: AIOKafkaConsumer, bury: Bury) -> None:
        partition = TopicPartition(TOPIC, 0)
        consumer.assign([partition])
        self._anew.clear()
        await consumer.seek_to_beginning(partition)
        end = (await consumer.end_offsets([partition]))[partition]
        while not self._anew.is_set():
            found = await consumer.getmany(partition, timeout_ms=POLL_MS)
            for record in found.get(partition, []):
                await self._take_record(record, bury)
            if not self.read_whole.is_set() and await consumer.position(partition) >= end:
                self.read_whole.set()

    async def _take_record(self, record: ConsumerRecord, bury: Bury) -> None:
        try:
            configured = read_event(record).data
        except EventUnreadable as error:
            await bury(record, str(error))
            return
        if isinstance(configured, TenantConfigured):
            await self.take(configured)

    def _keep_snapshot(self) -> None:
        """Write the snapshot; a full disk costs the snapshot and nothing else."""
        try:
            self._write_snapshot()
        except OSError as error:
            LOG.warning("tenants.snapshot_not_written", error=type(error).__name__)

    def _write_snapshot(self) -> None:
        if self._snapshot is None:
            return
        self._snapshot.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._snapshot.with_suffix(".new")
        fresh.write_text(json.dumps([one.model_dump(mode="json") for one in self.all()]))
        fresh.replace(self._snapshot)


def _read_snapshot(path: Path) -> dict[str, TenantConfigured]:
    try:
        known = TypeAdapter(list[TenantConfigured]).validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (ValidationError, OSError):
        LOG.exception("tenants.snapshot_unreadable")
        return {}
    return {one.tenant: one for one in known}
