"""Letters that waited for a tenant are taken again whenever it comes, and foreign words stop no reader."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import ConsumerRecord
from pymongo.errors import DuplicateKeyError

from service_kit import deadletters as room
from service_kit.deadletters import TENANT_UNKNOWN, DeadLetters, watch_tenants
from service_kit.documents import Database, Document
from service_kit.producer import Producer
from service_kit.service import NobodyHears, Service
from service_kit.settings import ServiceSettings
from service_kit.transient import Away
from service_kit.vault import Quarantine
from shared_schemas.examples import read_example
from shared_schemas.topics import CONTRACTS_DIR

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Drawer:
    """The collection of letters, as far as a reader of the topic uses it."""

    def __init__(self) -> None:
        self.letters: dict[str, Document] = {}

    def get_collection(self, _: str) -> "Drawer":
        return self

    async def insert_one(self, document: Document) -> None:
        if document["_id"] in self.letters:
            raise DuplicateKeyError("E11000", 11000)
        self.letters[document["_id"]] = document


@pytest.fixture
def drawer() -> Drawer:
    return Drawer()


@pytest.fixture
def letters(drawer: Drawer) -> DeadLetters:
    return DeadLetters(
        "triage",
        producer=cast("Producer", None),
        database=cast("Database", drawer),
        quarantine=Quarantine(b"0" * 32),
        clock=lambda: NOON,
    )


def record(key: str, headers: Mapping[str, str], *, topic: str = "triage.dlq") -> ConsumerRecord:
    named = tuple((name, value.encode()) for name, value in headers.items())
    return ConsumerRecord(topic, 0, 1, 0, 0, key.encode(), b"sealed", None, 0, 0, named)


def letter(reason: str) -> ConsumerRecord:
    return record(
        "one",
        {
            "origin_topic": "call.received",
            "origin_partition": "0",
            "origin_offset": "7",
            "tenant": "53.71",
            "reason": reason,
            "buried_at": NOON.isoformat(),
        },
    )


async def test_a_letter_that_is_listed_after_its_tenant_came_is_told(letters: DeadLetters) -> None:
    told: list[str] = []
    letters.on_parked(told.append)
    for reason in (TENANT_UNKNOWN, "not JSON", TENANT_UNKNOWN):
        await letters._note_if_ours(letter(reason))
    assert told == ["53.71"]


async def test_what_somebody_else_wrote_into_the_topic_is_passed_over(
    letters: DeadLetters, drawer: Drawer
) -> None:
    for foreign in (record("x", {}), record("y", {"tenant": "53.71", "origin_offset": "seven"})):
        await letters._note_if_ours(foreign)
    await letters._note_if_ours(letter("not JSON"))
    assert list(drawer.letters) == ["one"]


async def test_while_the_store_is_away_a_parked_letter_is_not_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "AGAIN_AFTER_SECONDS", 0.01)
    tried, over = list[str](), asyncio.Event()

    class AwayOnce:
        async def redrive_for_tenant(self, tenant: str, _: object) -> int:
            tried.append(tenant)
            if len(tried) == 1:
                raise Away("the store")
            over.set()
            return 1

    news: asyncio.Queue[str] = asyncio.Queue()
    news.put_nowait("53.71")
    watching = asyncio.create_task(watch_tenants(cast("DeadLetters", AwayOnce()), news, _never))
    async with asyncio.timeout(5):
        await over.wait()
    watching.cancel()
    assert tried == ["53.71", "53.71"]


async def _never(_: ConsumerRecord) -> None:
    pytest.fail("nothing is taken again here")


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    settings: dict[str, Any] = {
        "KAFKA_BOOTSTRAP": "127.0.0.1:9",
        "MONGO_URL": "mongodb://127.0.0.1:9",
        "secrets_dir": tmp_path / "secrets",
        "data_dir": tmp_path / "data",
        "token_keys": tmp_path / "keys.json",
    }
    made = Service("test", ServiceSettings(**settings))
    yield made
    await made._client.close()
    await made._vault_client.close()


def event(topic: str, name: str) -> ConsumerRecord:
    example = read_example(CONTRACTS_DIR / "examples" / topic / "v1" / f"{name}.json")
    data = json.dumps(example.data).encode()
    named = tuple((header, value.encode()) for header, value in example.headers.items())
    return ConsumerRecord(topic, 0, 1, 0, 0, b"k", data, None, 0, 0, named)


async def test_a_buried_configuration_that_is_taken_again_is_in_force(service: Service) -> None:
    await service.handle_record(event("tenant.configured", "ttu-begins"))
    assert service.tenants.get("53.03") is not None


async def test_a_letter_that_nobody_hears_goes_on_waiting(service: Service) -> None:
    names = sorted((CONTRACTS_DIR / "examples" / "call.received" / "v1").glob("*.json"))
    with pytest.raises(NobodyHears):
        await service.handle_record(event("call.received", names[0].stem))
