"""A program for `test_log_lines`: it hears an event, then the same again, as a service would.

Everything between FastStream's own loop and the store is real; broker and store are in memory.
"""

import asyncio
import logging
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, cast

from aiokafka import ConsumerRecord

from libs.service_kit.tests.conftest import FakeDatabase
from libs.service_kit.tests.test_listener import KNOWN, NOON, TOPIC, Letters, configured, hearing
from service_kit.clock import utc_now
from service_kit.decisions import Changed
from service_kit.event import Event
from service_kit.store import Aggregate, AggregateStore, Ships
from service_kit.telemetry import set_up
from service_kit.tenancy import Tenants
from shared_schemas.envelope import Envelope
from shared_schemas.events import AgencyReplied

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
STORY = "rumah terbakar di dekat pasar"
AT = datetime(2026, 11, 22, 12, 0, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Note:
    """A state with something in it that no log may show."""

    ticket_id: str
    story: str = STORY
    replies: int = 0


def told(note: Note, now: datetime) -> AgencyReplied:
    """Tell a note in the words of an existing contract."""
    return AgencyReplied(
        tenant=KNOWN,
        recorded_at=now,
        reply_id="1",
        ticket_id=note.ticket_id,
        task_id=str(note.replies),
        agency="damkar",
        reply="accepted",
        by="siti",
        channel="api",
        occurred_at=NOON,
    )


NOTES: Aggregate[Note] = Aggregate("notes", Note, "notes", "note", lambda note: note.ticket_id, told)


class Nobody:
    """Ships nothing, commits nothing."""

    def ship(self, *_: object) -> None:
        """Leave it in the outbox."""

    def has_sent(self, *_: object) -> bool:
        """Nothing is ever acknowledged."""
        return False

    def assignment(self) -> set[object]:
        """Own no partition."""
        return set()

    async def commit(self, _: object) -> None:
        """Take the offsets."""


def record(offset: int) -> ConsumerRecord:
    """Return the event as it comes from the broker, in a trace of its own."""
    event = told(Note("t-1"), AT)
    traceparent = f"00-{TRACE}-00f067aa0ba902b7-01"
    headers = Envelope(
        "agency-notifier", "reply/1", TOPIC, 1, KNOWN, 7, AT, traceparent=traceparent
    ).headers()
    value = event.model_dump_json().encode()
    return ConsumerRecord(TOPIC, 0, offset, 0, 0, f"{KNOWN}/t-1".encode(), value, None, 0, 0, tuple(headers))


async def main() -> None:
    """Hear the event twice; let FastStream complain once."""
    tenants = Tenants()
    await tenants.take(configured(KNOWN))
    store = AggregateStore(
        cast("Any", FakeCollections()), NOTES, ships=cast("Ships", Nobody()), clock=utc_now
    )

    async def handle(event: Event[Any]) -> None:
        def decide(note: Note | None) -> Changed[Note]:
            known = note or Note(event.data.ticket_id)
            return Changed(replace(known, replies=known.replies + 1), "note.replied", TOPIC)

        await store.change(event.tenant, "n-1", decide, heard=event.heard)

    listener = hearing(handle, tenants, Letters())
    bus, subscriber = listener._broker, cast("Any", listener._subscriber)
    bus.config.logger._setup(bus.config.context)
    subscriber._build_fastdepends_model()
    subscriber.consumer, subscriber.running = Nobody(), True
    for offset in (1, 2):
        await subscriber.consume((record(offset),))
    bus.config.logger.log("the subscriber is broken", logging.ERROR)


class FakeCollections(FakeDatabase):
    """The kit's fake store, asked as the aggregates' store asks."""

    def __init__(self) -> None:
        super().__init__([], [])

    def get_collection(self, name: str) -> object:
        """Return a collection."""
        return self[name]


if __name__ == "__main__":
    set_up("test", version="0", level=sys.argv[1])
    asyncio.run(main())
