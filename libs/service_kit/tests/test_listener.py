"""What a batch becomes: the newest of each subject, buried where nothing else helps, and nobody kept waiting."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from faststream.kafka import KafkaMessage
from pymongo.errors import OperationFailure

from service_kit import batches
from service_kit import listener as room
from service_kit.blame import LOOKED_AT_AFTER_SECONDS, Blame
from service_kit.deadletters import TENANT_UNKNOWN, DeadLetters
from service_kit.event import Event
from service_kit.listener import Handle, Listener
from service_kit.progress import Place
from service_kit.tenancy import Tenants
from service_kit.transient import Away
from shared_schemas.envelope import Envelope
from shared_schemas.events import AgencyReplied, TenantConfigured

TOPIC = "agency.replied"
KNOWN, UNKNOWN = "53.03", "53.71"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Letters:
    """Dead letters in memory, where `trouble` keeps any from being written."""

    def __init__(self, trouble: Exception | None = None) -> None:
        self.buried: list[tuple[int, str]] = []
        self.tried_twice = asyncio.Event()
        self._trouble = trouble
        self._tries = 0

    async def bury(self, record: ConsumerRecord, reason: str) -> None:
        self._tries += 1
        if self._tries > 1:
            self.tried_twice.set()
        if self._trouble is not None:
            raise self._trouble
        self.buried.append((record.offset, reason))


class Broker:
    """As much of a consumer as a listener commits to."""

    def __init__(self) -> None:
        self.committed: dict[TopicPartition, int] = {}
        self._coordinator = SimpleNamespace(generation=1)

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(TOPIC, 0)}

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.committed.update(offsets)


def configured(tenant: str) -> TenantConfigured:
    """Return as much of a configuration as a listener looks at."""
    return cast("TenantConfigured", SimpleNamespace(tenant=tenant, version=1))


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
async def tenants() -> Tenants:
    known = Tenants()
    await known.take(configured(KNOWN))
    return known


def record(
    offset: int, *, sequence: int = 1, subject: str = "reply/1", tenant: str = KNOWN
) -> ConsumerRecord:
    said = AgencyReplied(
        tenant=tenant,
        recorded_at=NOON,
        reply_id="1",
        ticket_id="t",
        task_id=str(sequence),
        agency="damkar",
        reply="accepted",
        by="siti",
        channel="api",
        occurred_at=NOON,
    )
    value = said.model_dump_json().encode()
    headers = Envelope("agency-notifier", subject, TOPIC, 1, tenant, sequence, NOON).headers()
    return ConsumerRecord(TOPIC, 0, offset, 0, 0, f"{tenant}/t".encode(), value, None, 0, 0, tuple(headers))


def fail(error: BaseException) -> None:
    """Be told of a broken loop where none is expected."""
    pytest.fail(str(error))


async def written() -> None:
    """Write something else without trouble."""


def hearing(
    handle: Handle,
    tenants: Tenants,
    letters: Letters,
    broken: Callable[[BaseException], None] = fail,
    write_something: Callable[[], Awaitable[None]] = written,
) -> Listener:
    return Listener(
        "127.0.0.1:9",
        group="test",
        topics=[TOPIC],
        handle=handle,
        tenants=tenants,
        dead_letters=cast("DeadLetters", letters),
        blame=Blame(write_something),
        broken=broken,
    )


async def take(listener: Listener, *records: ConsumerRecord) -> list[int]:
    """Let a batch come to its fate; returns the offsets that may be committed."""
    done: set[Place] = set()
    await listener._take_batch(records, done)
    return sorted(place.offset for place in done)


def batch_of(*records: ConsumerRecord) -> KafkaMessage:
    """Return records as FastStream hands them on."""
    return cast("KafkaMessage", SimpleNamespace(raw_message=records))


class Handler:
    """Handles events, save those that it cannot."""

    def __init__(self, fails: Callable[[Event[Any]], bool] = lambda _: False) -> None:
        self.handled: list[int] = []
        self._fails = fails

    async def __call__(self, event: Event[Any]) -> None:
        if self._fails(event):
            raise LookupError(event.envelope.id)
        self.handled.append(event.envelope.sequence)


async def test_only_the_newest_of_a_subject_is_handled(tenants: Tenants, letters: Letters) -> None:
    handler = Handler()
    batch = [record(1, sequence=1), record(2, sequence=3), record(3, sequence=2), record(4, sequence=3)]
    assert await take(hearing(handler, tenants, letters), *batch) == [1, 2, 3, 4]
    assert handler.handled == [3]


async def test_the_state_before_a_poison_one_is_not_lost_with_it(tenants: Tenants, letters: Letters) -> None:
    handler = Handler(lambda event: event.envelope.sequence == 3)
    batch = [record(1, sequence=1), record(2, sequence=2), record(3, sequence=3), record(4, sequence=3)]
    assert await take(hearing(handler, tenants, letters), *batch) == [1, 2, 3, 4]
    assert handler.handled == [2]
    assert letters.buried == [(3, "handler raised LookupError")]


async def test_a_tenant_that_is_unknown_is_waited_for_once_and_not_for_each_event(
    tenants: Tenants, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "UNKNOWN_TENANT_SECONDS", 0.2)
    listener, began = hearing(Handler(), tenants, letters), time.monotonic()
    batch = [record(number, subject=f"reply/{number}", tenant=UNKNOWN) for number in range(40)]
    await take(listener, *batch)
    assert [reason for _, reason in letters.buried] == [TENANT_UNKNOWN] * 40
    assert time.monotonic() - began < 4


async def test_a_tenant_that_comes_after_all_is_heard_at_once(
    tenants: Tenants, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "UNKNOWN_TENANT_SECONDS", 0.01)
    handler = Handler()
    listener = hearing(handler, tenants, letters)
    await take(listener, record(1, tenant=UNKNOWN))
    await tenants.take(configured(UNKNOWN))
    await take(listener, record(2, sequence=2, tenant=UNKNOWN))
    assert handler.handled == [2]


async def test_a_batch_that_does_not_get_on_is_seen(
    tenants: Tenants, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "STALLED_AFTER_SECONDS", 0.05)
    tried = asyncio.Event()

    async def away(_: Event[Any]) -> None:
        tried.set()
        raise Away("the store")

    listener = hearing(away, tenants, letters)
    taking = asyncio.create_task(listener._take(batch_of(record(1))))
    await tried.wait()
    async with asyncio.timeout(5):
        while not await listener.is_stalled():  # noqa: ASYNC110 - it is told by the clock alone
            await asyncio.sleep(0.01)
    listener._stopping.set()
    await taking


UNREADABLE = replace(record(2), value=b"{")
FATES_THAT_NEED_A_LETTER = {
    "unreadable": UNREADABLE,
    "its handler keeps failing": record(2, subject="reply/hated", sequence=9),
    "its tenant is unknown": record(2, subject="reply/2", tenant=UNKNOWN),
}


@pytest.fixture
def committing(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """Let every listener commit to this broker, and wait for no tenant."""
    broker = Broker()
    monkeypatch.setattr(Listener, "_consumer", lambda _: broker)
    monkeypatch.setattr(room, "UNKNOWN_TENANT_SECONDS", 0.01)
    return broker


@pytest.mark.parametrize("bad", FATES_THAT_NEED_A_LETTER.values(), ids=FATES_THAT_NEED_A_LETTER)
async def test_a_record_whose_letter_cannot_be_written_breaks_the_loop_and_is_never_committed(
    bad: ConsumerRecord, tenants: Tenants, committing: Broker
) -> None:
    told: list[BaseException] = []
    trouble = LookupError("no key to seal it with")
    handler = Handler(lambda event: event.envelope.sequence == 9)
    listener = hearing(handler, tenants, Letters(trouble), told.append)
    await listener._take(batch_of(record(1), bad, record(3, subject="reply/3")))
    assert told == [trouble]
    await listener._take(batch_of(record(4, subject="reply/4")))
    await listener._commits.now()
    assert committing.committed.get(TopicPartition(TOPIC, 0), 0) <= bad.offset


async def test_while_letters_cannot_be_written_now_the_record_is_tried_again_and_not_committed(
    tenants: Tenants, committing: Broker
) -> None:
    letters = Letters(Away("the broker"))
    listener = hearing(Handler(), tenants, letters)
    taking = asyncio.create_task(listener._take(batch_of(UNREADABLE, record(3, subject="reply/3"))))
    async with asyncio.timeout(5):
        await letters.tried_twice.wait()
    listener._stopping.set()
    await taking
    assert committing.committed == {}


async def test_a_letter_that_was_written_lets_its_record_be_committed(
    tenants: Tenants, letters: Letters, committing: Broker
) -> None:
    listener = hearing(Handler(), tenants, letters)
    await listener._take(batch_of(UNREADABLE, record(3, subject="reply/3")))
    await listener._commits.now()
    assert [offset for offset, _ in letters.buried] == [2]
    assert committing.committed == {TopicPartition(TOPIC, 0): 4}


class Naps:
    """Waits that take no time; `after` so many seconds something happens."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        monkeypatch.setattr("service_kit.transient.asyncio.sleep", self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


STUMBLES = OperationFailure("internal server error", 1)


async def test_an_event_that_a_store_stumbles_over_is_buried_while_that_writes_others(
    tenants: Tenants, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps, handled = Naps(monkeypatch), []

    async def handle(event: Event[Any]) -> None:
        if event.envelope.sequence == 9:
            raise STUMBLES
        handled.append(event.envelope.sequence)

    assert await take(hearing(handle, tenants, letters), record(1, sequence=9), record(2, sequence=3)) == [
        1,
        2,
    ]
    assert letters.buried == [(1, "handler raised OperationFailure")]
    assert handled == [3]
    assert LOOKED_AT_AFTER_SECONDS <= naps.seconds <= 2 * LOOKED_AT_AFTER_SECONDS


async def test_an_event_is_not_buried_for_a_store_that_writes_nothing_at_all(
    tenants: Tenants, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    naps = Naps(monkeypatch)

    async def write() -> None:
        raise STUMBLES

    async def handle(_: Event[Any]) -> None:
        if naps.seconds < 10 * LOOKED_AT_AFTER_SECONDS:
            raise STUMBLES

    assert await take(hearing(handle, tenants, letters, write_something=write), record(1)) == [1]
    assert letters.buried == []


async def test_of_a_batch_tenants_are_taken_in_turn_however_urgent_a_flood_is(
    letters: Letters, tenants: Tenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "AT_ONCE", 1)
    monkeypatch.setattr(batches, "rank_of", lambda data: data.tenant == UNKNOWN)
    await tenants.take(configured(UNKNOWN))
    handler = Handler()
    flood = [
        replace(record(place, sequence=place, subject=f"reply/{place}"), key=b"%d" % place)
        for place in (1, 2, 3)
    ]
    batch = [*flood, replace(record(4, sequence=4, subject="reply/4", tenant=UNKNOWN), key=b"4")]
    assert await take(hearing(handler, tenants, letters), *batch) == [1, 2, 3, 4]
    assert handler.handled == [1, 4, 2, 3]


async def test_of_a_batch_the_most_urgent_are_taken_first(
    tenants: Tenants, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "AT_ONCE", 1)
    monkeypatch.setattr(batches, "rank_of", lambda data: -int(data.task_id))
    handler = Handler()
    batch = [
        replace(record(place, sequence=place, subject=f"reply/{place}"), key=f"{place}".encode())
        for place in (1, 3, 2)
    ]
    assert await take(hearing(handler, tenants, letters), *batch) == [1, 2, 3]
    assert handler.handled == [3, 2, 1]


async def test_a_batch_of_one_key_needs_no_task_of_its_own(tenants: Tenants, letters: Letters) -> None:
    handled_in: list[object] = []

    async def handle(_: Event[Any]) -> None:
        handled_in.append(asyncio.current_task())

    assert await take(hearing(handle, tenants, letters), record(1), record(2, sequence=2)) == [1, 2]
    assert handled_in == [asyncio.current_task()]
