"""A small service on the real broker and store, for the kit's promises."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord

from service_kit.clock import utc_now
from service_kit.decisions import Changed, Command
from service_kit.event import Event, EventUnreadable, read_event
from service_kit.replay import ends_of, read_log
from service_kit.service import Service
from service_kit.store import Aggregate, AggregateStore
from shared_schemas.envelope import Envelope
from shared_schemas.events import AgencyReplied, TenantConfigured
from shared_schemas.tenants import TenantConfiguration

TENANT = "53.03"
TOPIC = "agency.replied"
WITHIN_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Note:
    """The smallest aggregate: how often it was changed."""

    id: str
    count: int = 0
    due_at: datetime | None = None
    tenant: str = TENANT


def counted(note_id: str, tenant: str = TENANT) -> Callable[[Note | None], Changed[Note]]:
    """Return a decision that counts one more."""

    def decide(note: Note | None) -> Changed[Note]:
        present = note or Note(note_id, tenant=tenant)
        return Changed(replace(present, count=present.count + 1), "note.counted", TOPIC)

    return decide


def command(key: str, *, seen: int | None = None, fingerprint: str = "") -> Command:
    """Return a command of a fictional call taker."""
    return Command(key=key, by="siti", at=utc_now(), seen_version=seen, fingerprint=fingerprint)


def as_reply(note: Note, now: datetime) -> AgencyReplied:
    """Tell a note in the words of an existing contract."""
    return AgencyReplied(
        tenant=note.tenant,
        recorded_at=now,
        reply_id=note.id,
        ticket_id=note.id,
        task_id=str(note.count),
        agency="damkar",
        reply="accepted",
        by="siti",
        channel="api",
        occurred_at=now,
    )


NOTES: Aggregate[Note] = Aggregate(
    collection="notes",
    state_type=Note,
    source="notes",
    kind="reply",
    key=lambda note: note.id,
    body=as_reply,
    due_at=lambda note: note.due_at,
)


@dataclass
class Heard:
    """What a service heard, in order."""

    events: list[Event[Any]] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def take(self, event: Event[Any]) -> None:
        """Keep an event."""
        async with self.news:
            self.events.append(event)
            self.news.notify_all()

    async def until(self, enough: Callable[[list[Event[Any]]], bool]) -> list[Event[Any]]:
        """Wait until what was heard is enough."""
        async with asyncio.timeout(WITHIN_SECONDS), self.news:
            await self.news.wait_for(lambda: enough(self.events))
        return self.events


@dataclass
class Small:
    """A running service with one collection."""

    service: Service
    notes: AggregateStore[Note]
    task: asyncio.Task[int]

    async def stop(self) -> int:
        """Stop as a SIGTERM would and return the exit code."""
        self.service.stop()
        return await self.task


StartSmall = Callable[..., Awaitable[Small]]


async def eventually(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds, looking again and again."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while not await holds():  # noqa: ASYNC110 - the condition lives in the store
            await asyncio.sleep(0.05)


async def said(topics: Collection[str], bootstrap: str) -> list[Event[Any]]:
    """Return every event in the log of these topics: who hears is spared what a newer one has superseded."""
    until = await ends_of(bootstrap, sorted(topics), client="test")
    records = [record async for record in read_log(bootstrap, until=until, client="test")]
    return [event for event in map(_readable, records) if event is not None]


def _readable(record: ConsumerRecord) -> Event[Any] | None:
    """Read a record; None for what another test poisoned."""
    try:
        return read_event(record)
    except EventUnreadable:
        return None


def configured(tenant: str = TENANT, *, version: int = 1) -> TenantConfigured:
    """Return a small tenant's configuration."""
    contact = {"id": "posko", "name": "Posko", "channel": "webhook", "url": "http://127.0.0.1:9/"}
    clock = dict.fromkeys(("P1", "P2", "P3", "P4"), 60)
    kind = {"code": "structure_fire", "common": "structure_fire", "priority": "P1", "agencies": ["damkar"]}
    configuration = TenantConfiguration.model_validate(
        {
            "code": tenant,
            "name": "Timor Tengah Utara",
            "abbreviation": "TTU",
            "time_zone": "Asia/Makassar",
            "agencies": [{"id": "damkar", "name": "Damkar", "contacts": [contact]}],
            "incident_types": [{**kind, "name": {"id": "Kebakaran", "en": "Fire"}}],
            "clocks": {
                "acceptance_seconds": clock,
                "arrival_seconds": clock,
                "completion_seconds": clock,
            },
            "supervisor": {"contacts": [contact]},
        }
    )
    return TenantConfigured(
        tenant=tenant,
        version=version,
        slots=(0, 1),
        configuration=configuration,
        applied_at=datetime.now(UTC),
        applied_by="test",
    )


async def tell_tenant(service: Service, told: TenantConfigured) -> None:
    """Say a tenant's configuration as the directory does."""
    envelope = Envelope(
        "directory", f"tenant/{told.tenant}", "tenant.configured", 1, told.tenant, told.version, utc_now()
    )
    await service.producer.send(
        "tenant.configured",
        partition=0,
        key=told.tenant.encode(),
        value=told.model_dump_json().encode(),
        headers=envelope.headers(),
    )
