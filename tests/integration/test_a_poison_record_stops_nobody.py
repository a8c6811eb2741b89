"""A record that cannot be handled goes to the dead letters, sealed; its neighbours go on."""

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Any

import pytest

from service_kit import tenancy
from service_kit.clock import utc_now
from service_kit.deadletters import DISCARDED, REDRIVEN, TENANT_UNKNOWN
from service_kit.event import Event
from service_kit.producer import Producer
from shared_schemas.envelope import Envelope
from shared_schemas.examples import read_example
from shared_schemas.topics import CONTRACTS_DIR, TOPICS
from tests.integration.small_service import (
    TENANT,
    TOPIC,
    Heard,
    Note,
    Small,
    StartSmall,
    as_reply,
    configured,
    counted,
    eventually,
    tell_tenant,
)

pytestmark = pytest.mark.integration

Headers = Sequence[tuple[str, Any]]


def headers_of(note_id: str, *, tenant: str = TENANT, sequence: int = 1) -> list[tuple[str, bytes]]:
    """Return good headers."""
    envelope = Envelope("notes", f"reply/{note_id}", TOPIC, 1, tenant, sequence, utc_now())
    return envelope.headers()


def body_of(note_id: str) -> bytes:
    """Return a good body."""
    return as_reply(Note(note_id), utc_now()).model_dump_json().encode()


def replaced(name: str, value: bytes | None) -> Headers:
    """Return headers of which one is broken."""
    return [(one, value if one == name else kept) for one, kept in headers_of("bad")]


POISON: dict[str, tuple[Headers, bytes | None]] = {
    "not JSON": (headers_of("bad"), b'{"number": "0812 0000 0042"'),
    "no body": (headers_of("bad"), None),
    "NaN": (headers_of("bad"), b'{"tenant": NaN}'),
    "too deep": (headers_of("bad"), b"[" * 100 + b"]" * 100),
    "a lone surrogate": (headers_of("bad"), b'{"tenant": "\\ud800"}'),
    "another model": (headers_of("bad"), b'{"tenant": "53.03"}'),
    "no headers": ([], b"{}"),
    "a header not UTF-8": (replaced("ce_type", b"\xff\xfe"), body_of("bad")),
    "a null header": (replaced("ce_id", None), body_of("bad")),
    "an unknown major version": (replaced("ce_type", b"id.siaga112.agency.replied.v9"), body_of("bad")),
    "another topic's type": (replaced("ce_type", b"id.siaga112.call.received.v1"), body_of("bad")),
    "a sequence of letters": (replaced("ce_sequence", b"one"), body_of("bad")),
    "large": (headers_of("bad"), b'{"tenant": "' + b"x" * 950_000 + b'"}'),
}


async def put(
    small: Small, headers: Headers, body: bytes | None, *, topic: str = TOPIC, partition: int = 0
) -> None:
    """Write a raw record to the bus."""
    producer = Producer(small.service.settings.kafka_bootstrap, client="poison", largest_bytes=1_040_000)
    await producer.send(topic, partition=partition, key=os.urandom(4), value=body, headers=headers)  # type: ignore[arg-type]
    await producer.stop()


@pytest.mark.parametrize("kind", POISON)
async def test_poison_is_buried_and_its_neighbour_on_the_same_partition_is_heard(
    kind: str, start_small: StartSmall
) -> None:
    heard = Heard()
    small = await start_small(handle=heard.take)
    before = await small.service.dead_letters.waiting()
    mark = os.urandom(4).hex()
    headers, body = POISON[kind]
    await put(small, headers, body)
    await put(small, headers_of(mark), body_of(mark))
    await heard.until(lambda all_: any(e.data.reply_id == mark for e in all_))

    async def buried() -> bool:
        return await small.service.dead_letters.waiting() > before

    await eventually(buried)
    stored = await small.service.database.get_collection("dead_letters").find_one({})
    assert stored is not None
    assert b"0812 0000 0042" not in bytes(stored["sealed"])


async def is_buried_from(small: Small, topic: str) -> None:
    """Wait for a dead letter of a topic."""

    async def buried() -> bool:
        return topic in [letter.topic for letter in await small.service.dead_letters.list()]

    await eventually(buried)


def good(topic: str, subject: str) -> tuple[Headers, bytes]:
    """Return an event with the body of the topic's first example, about a subject of its own."""
    example = read_example(min((CONTRACTS_DIR / "examples" / topic / "v1").glob("*.json")))
    envelope = Envelope("notes", subject, topic, 1, TENANT, 1, utc_now())
    return envelope.headers(), json.dumps({**example.data, "tenant": TENANT}).encode()


@pytest.mark.parametrize("topic", sorted(set(TOPICS) - {tenancy.TOPIC}))
async def test_poison_on_any_topic_is_buried_and_the_event_behind_it_is_heard(
    topic: str, start_all: StartSmall
) -> None:
    heard = Heard()
    small = await start_all(handle=heard.take)
    subject = f"reply/{os.urandom(4).hex()}"
    await put(small, [], b"{", topic=topic)
    headers, body = good(topic, subject)
    await put(small, headers, body, topic=topic)
    await heard.until(lambda all_: (topic, subject) in [(e.envelope.topic, e.envelope.subject) for e in all_])
    await is_buried_from(small, topic)
    assert await small.service.ready() == []


async def test_poison_among_the_tenants_is_buried_and_the_version_behind_it_comes_into_force(
    start_all: StartSmall,
) -> None:
    small = await start_all(handle=Heard().take)
    present = small.service.tenants.get(TENANT)
    assert present is not None
    newer = present.version + 1
    await put(small, [], b"{", topic=tenancy.TOPIC)
    await tell_tenant(small.service, configured(version=newer))

    async def is_in_force() -> bool:
        known = small.service.tenants.get(TENANT)
        return known is not None and known.version == newer

    await eventually(is_in_force)
    await is_buried_from(small, tenancy.TOPIC)
    assert await small.service.ready() == []


class Moody:
    """A handler that raises on one note until it is told not to."""

    def __init__(self, hates: str) -> None:
        self.hates = hates
        self.heard = Heard()

    async def take(self, event: Event[Any]) -> None:
        """Take an event, or raise."""
        if event.data.reply_id == self.hates:
            message = "cannot"
            raise LookupError(message)
        await self.heard.take(event)


async def letter_of(small: Small, reason: str) -> str:
    """Wait for a letter with this reason and return its id."""
    found: list[str] = []

    async def there() -> bool:
        letters = await small.service.dead_letters.list()
        found[:] = [one.id for one in letters if reason in one.reason]
        return bool(found)

    await eventually(there)
    return found[0]


async def test_what_a_handler_keeps_raising_on_is_buried_and_taken_again_once(
    start_small: StartSmall,
) -> None:
    moody = Moody("n-hated")
    small = await start_small(handle=moody.take)
    await small.notes.change(TENANT, "n-hated", counted("n-hated"))
    letter = await letter_of(small, "LookupError")
    letters, handle = small.service.dead_letters, small.service.handle_record
    with pytest.raises(LookupError):
        await letters.redrive(letter, handle, by="siti")
    moody.hates = ""
    for _ in range(2):
        done = await letters.redrive(letter, handle, by="siti")
        assert done is not None
        assert (done.status, done.decided_by) == (REDRIVEN, "siti")
    assert [e.data.reply_id for e in moody.heard.events].count("n-hated") == 1


async def test_a_discarded_letter_is_not_taken_again(start_small: StartSmall) -> None:
    moody = Moody("n-thrown")
    small = await start_small(handle=moody.take)
    await small.notes.change(TENANT, "n-thrown", counted("n-thrown"))
    letter = await letter_of(small, "LookupError")
    await small.service.dead_letters.discard(letter, by="siti")
    moody.hates = ""
    done = await small.service.dead_letters.redrive(letter, small.service.handle_record, by="siti")
    assert done is not None
    assert done.status == DISCARDED
    assert [e for e in moody.heard.events if e.data.reply_id == "n-thrown"] == []


async def test_an_event_of_an_unknown_tenant_waits_and_is_taken_when_the_tenant_comes(
    start_small: StartSmall,
) -> None:
    heard = Heard()
    small = await start_small(handle=heard.take)
    tenant = f"9{os.urandom(1)[0] % 10}.{10 + os.urandom(1)[0] % 89}"
    mark = os.urandom(4).hex()
    body = body_of(mark).replace(b'"53.03"', f'"{tenant}"'.encode())
    await put(small, headers_of(mark, tenant=tenant), body)
    await letter_of(small, TENANT_UNKNOWN)
    await tell_tenant(small.service, configured(tenant))
    await heard.until(lambda all_: any(e.data.reply_id == mark for e in all_))


class Held:
    """A handler that waits until it is let go, as one does whose store is away."""

    def __init__(self) -> None:
        self.waiting = asyncio.Event()

    async def take(self, _: Event[Any]) -> None:
        """Say that it was called, then fail as if the store were away."""
        self.waiting.set()
        raise ConnectionError


async def test_what_is_not_done_is_not_committed_and_another_process_takes_it(
    start_small: StartSmall,
) -> None:
    held = Held()
    first = await start_small(handle=held.take)
    mark = os.urandom(4).hex()
    await put(first, headers_of(mark), body_of(mark))
    await held.waiting.wait()
    await first.stop()
    heard = Heard()
    await start_small(handle=heard.take)
    await heard.until(lambda all_: any(e.data.reply_id == mark for e in all_))


async def test_an_older_event_after_a_newer_one_changes_nothing(start_small: StartSmall) -> None:
    small = await start_small()
    event = [Event(e, as_reply(Note("n"), utc_now())) for e in map(_envelope, (2, 1))]
    for one in event:
        await small.notes.change(TENANT, "n-old", counted("n-old"), heard=one.heard)
    kept = await small.notes.get(TENANT, "n-old")
    assert kept is not None
    assert kept.state.count == 1


def _envelope(sequence: int) -> Envelope:
    return Envelope("other", "reply/n", TOPIC, 1, TENANT, sequence, utc_now())
