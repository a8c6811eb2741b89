"""What cannot be sent keeps nobody else waiting, and is never given up silently."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, Self, cast

import pytest

from service_kit.documents import Document
from service_kit.outgoing import Outgoing, from_entry, to_entry
from service_kit.producer import EventTooLarge, Producer
from service_kit.relay import ANNOUNCED_AT_ONCE, Relay
from service_kit.store import AggregateStore
from service_kit.tenancy import Tenants
from service_kit.transient import Away
from shared_schemas.events import TenantConfigured

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KNOWN, MISSING = "53.03", "53.71"


class Wire:
    """A producer in memory; a body `huge` is more than the broker takes."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.at_once = self.most_at_once = 0
        self.takes = 1_000_000

    async def send(self, _topic: str, *, key: bytes, value: bytes, **_: object) -> None:
        if value == b"huge":
            raise EventTooLarge("an event is too large")
        if self.takes == 0:
            raise Away("not acknowledged")
        self.takes -= 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        self.sent.append(key.decode())


class Outboxes:
    """Documents with unsent events, the earliest first."""

    def __init__(self, *documents: Document) -> None:
        self.documents = list(documents)
        self.collection = self
        self.name = "notes"
        self.marked: list[Any] = []

    def find(self, query: Document) -> Self:
        self._found = [
            one for one in self.documents if one["tenant"] not in query.get("tenant", {}).get("$nin", [])
        ]
        return self

    def sort(self, _field: str, _direction: int) -> Self:
        return self

    async def limit(self, most: int) -> Any:
        for one in self._found[:most]:
            yield one

    def outbox_of(self, raw: Document) -> list[Outgoing]:
        return [from_entry(raw["tenant"], entry) for entry in raw["outbox"]]

    def present(self, raw: Document) -> list[Outgoing]:
        return self.outbox_of(raw)

    async def everything(self, **_: object) -> Any:
        for one in self.documents:
            yield one


def waiting(number: int, *, tenant: str = KNOWN, body: bytes = b"{}") -> Document:
    event = Outgoing(tenant, "ticket.opened", "triage", f"ticket/{number}", 1, str(number), body, NOON)
    return {"_id": str(number), "tenant": tenant, "outbox": [to_entry(event)]}


@pytest.fixture
def wire() -> Wire:
    return Wire()


async def relay(wire: Wire, *documents: Document) -> Relay:
    tenants = Tenants()
    known = SimpleNamespace(tenant=KNOWN, version=1, slots=(0, 1))
    await tenants.take(cast("TenantConfigured", known))
    made = Relay(cast("Producer", wire), tenants, lambda: NOON + timedelta(minutes=1))
    made.stores.append(cast("AggregateStore[Any]", Outboxes(*documents)))
    return made


async def test_an_event_that_no_broker_takes_stops_no_other(wire: Wire) -> None:
    made = await relay(wire, waiting(1, body=b"huge"), waiting(2))
    assert await made.sweep() == 1
    assert wire.sent == [f"{KNOWN}/2"]


async def test_it_is_announced_around_too(wire: Wire) -> None:
    made = await relay(wire, waiting(1, body=b"huge"), waiting(2))
    assert await made.announce() == 1


async def test_a_large_store_is_announced_many_at_once_but_never_all(wire: Wire) -> None:
    made = await relay(wire, *map(waiting, range(3 * ANNOUNCED_AT_ONCE + 1)))
    assert await made.announce() == 3 * ANNOUNCED_AT_ONCE + 1
    assert sorted(map(int, (one.partition("/")[2] for one in wire.sent))) == list(range(len(wire.sent)))
    assert wire.most_at_once == ANNOUNCED_AT_ONCE


async def test_announcing_says_when_the_broker_did_not_take_all(wire: Wire) -> None:
    wire.takes = 3
    made = await relay(wire, *map(waiting, range(5)))
    with pytest.raises(Away):
        await made.announce()


async def test_a_regency_that_is_not_configured_here_keeps_no_other_waiting(wire: Wire) -> None:
    many = [waiting(number, tenant=MISSING) for number in range(1, 300)]
    made = await relay(wire, *many, waiting(300))
    await made.sweep()
    await made.sweep()
    assert wire.sent == [f"{KNOWN}/300"]


async def test_its_events_go_out_as_soon_as_it_is_configured(wire: Wire) -> None:
    made = await relay(wire, waiting(1, tenant=MISSING))
    assert await made.sweep() == 0
    later = SimpleNamespace(tenant=MISSING, version=1, slots=(0, 1))
    await made._tenants.take(cast("TenantConfigured", later))
    assert await made.sweep() == 1


async def test_what_was_just_saved_and_cannot_be_sent_ends_no_task(wire: Wire) -> None:
    made = await relay(wire)
    huge = Outgoing(KNOWN, "ticket.opened", "triage", "ticket/1", 1, "1", b"huge", NOON)
    made.ship(cast("Any", None), "1", [huge])
    (task,) = made._sending
    await task


async def test_what_the_broker_has_is_known_before_it_is_marked_and_only_in_its_own_collection(
    wire: Wire,
) -> None:
    made = await relay(wire, waiting(1))
    (notes,) = (one.collection for one in made.stores)
    others = cast("Any", SimpleNamespace(name="others"))
    assert not made.has_sent(notes, "1", "1:ticket.opened")
    await made.sweep()
    assert made.has_sent(notes, "1", "1:ticket.opened")
    assert not made.has_sent(others, "1", "1:ticket.opened")
