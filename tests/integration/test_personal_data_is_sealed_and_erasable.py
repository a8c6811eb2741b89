"""Personal data is sealed in the real store, opened with a trace, and gone for good once erased (A14)."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import ServerSelectionTimeoutError
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from service_kit.audit import AuditTrail, TrailForked, verify, writer_name
from service_kit.documents import Client, Database, connect, database
from service_kit.secrets import Secrets
from service_kit.vault import Erased, Purpose, Unopened, Vault

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TTU, BELU = "53.03", "53.04"
CALL, OTHER_CALL = "5b0e3c1c-9f0e-5a51-8a55-000000000001", "5b0e3c1c-9f0e-5a51-8a55-000000000002"
NUMBER, STORY = "081200000042", "rumah terbakar dekat pasar baru"

MakeVault = Callable[..., Vault]


class Heard(CommandListener):
    """Keeps every command that was sent to the store."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.commands.append(dict(event.command))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Only what was asked matters here."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Only what was asked matters here."""


@pytest.fixture
async def client(mongo_url: str) -> AsyncIterator[Client]:
    client = connect(mongo_url, service="vault-test")
    yield client
    await client.close()


@pytest.fixture
async def store(client: Client) -> AsyncIterator[Database]:
    """A vault database that is this test's alone."""
    name = f"vault_{os.urandom(6).hex()}"
    yield database(client, name)
    await client.drop_database(name)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    secrets = Secrets(tmp_path / "secrets")
    secrets.ensure("operator.key")
    return secrets


@pytest.fixture
def another(store: Database, secrets: Secrets) -> MakeVault:
    """Make the vault of another process."""

    def make(service: str = "triage", monotonic: Callable[[], float] = lambda: 0.0) -> Vault:
        return Vault(store, secrets, writer=writer_name(service), clock=lambda: NOW, monotonic=monotonic)

    return make


async def bytes_of(store: Database) -> bytes:
    """Return everything that the database holds, as one heap of bytes."""
    names = await store.list_collection_names()
    return b"".join([bson.encode(document) for name in names async for document in store[name].find({})])


async def test_what_one_process_seals_another_opens_and_the_store_sees_nothing_of_it(
    another: MakeVault, store: Database
) -> None:
    sealed = await another().seal_many(TTU, CALL, {"number": NUMBER, "story": STORY})
    opened = await another("agency-notifier").open_many(
        TTU, list(sealed.items()), purpose=Purpose.NOTIFY, by="agency-notifier"
    )
    assert opened == [NUMBER, STORY]
    heap = await bytes_of(store)
    assert CALL.encode() in heap
    assert NUMBER.encode() not in heap
    assert STORY.encode() not in heap


async def test_erasing_is_deleting_one_document_and_nobody_reads_the_words_again(
    another: MakeVault, store: Database
) -> None:
    vault = another()
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    kept = await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    assert await vault.erase(TTU, CALL, by="budi") is True
    assert [key["subject"] async for key in store["subject_keys"].find({})] == [OTHER_CALL]
    items = [("number", sealed), ("number", kept)]
    assert await another().open_many(TTU, items, purpose=Purpose.DISPLAY, by="siti") == [
        Unopened.ERASED,
        NUMBER,
    ]


async def test_a_process_that_still_had_the_key_forgets_it_within_a_minute(another: MakeVault) -> None:
    seconds = 0.0
    reader = another("agency-notifier", lambda: seconds)
    sealed = await another().seal(TTU, CALL, "number", NUMBER)
    assert (
        await reader.open(TTU, sealed, field="number", purpose=Purpose.NOTIFY, by="agency-notifier") == NUMBER
    )
    await another().erase(TTU, CALL, by="budi")
    seconds = 60.0
    with pytest.raises(Erased):
        await reader.open(TTU, sealed, field="number", purpose=Purpose.NOTIFY, by="agency-notifier")


async def test_processes_that_seal_at_once_share_one_key_and_lose_no_word(
    another: MakeVault, store: Database
) -> None:
    sealed = await asyncio.gather(*(another().seal(TTU, CALL, "number", NUMBER) for _ in range(8)))
    assert await store["tenant_keys"].count_documents({}) == 1
    assert await store["subject_keys"].count_documents({}) == 1
    items = [("number", one) for one in sealed]
    assert await another().open_many(TTU, items, purpose=Purpose.DISPLAY, by="siti") == [NUMBER] * 8


async def test_another_regency_cannot_open_what_is_not_its_own(another: MakeVault) -> None:
    sealed = await another().seal(TTU, CALL, "number", NUMBER)
    await another().seal(BELU, CALL, "number", NUMBER)
    with pytest.raises(Erased):
        await another().open(BELU, sealed, field="number", purpose=Purpose.DISPLAY, by="siti")


async def test_every_opening_is_on_a_trail_that_shows_tampering(another: MakeVault, store: Database) -> None:
    first, second = another("triage"), another("agency-notifier")
    sealed = await first.seal(TTU, CALL, "number", NUMBER)
    for vault in (first, second):
        await asyncio.gather(
            *(vault.open(TTU, sealed, field="number", purpose=Purpose.DISPLAY, by="siti") for _ in range(10))
        )
    anchors = [first.head(), second.head()]
    assert await store["openings"].count_documents({"by": "siti", "subject": CALL}) == 20
    assert await verify(store["openings"], anchors) == []
    changed, cut = f"{anchors[0].writer}/{4:012}", f"{anchors[1].writer}/{10:012}"
    await store["openings"].update_one({"_id": changed}, {"$set": {"by": "budi"}})
    await store["openings"].delete_one({"_id": cut})
    assert await verify(store["openings"], anchors) == [
        f"{changed}: its content was changed",
        f"{cut}: was anchored and is gone",
    ]


async def test_two_processes_with_one_name_cannot_fork_a_trail(store: Database) -> None:
    await AuditTrail(store["openings"], "triage-1").append("a.b", "siti", TTU, "ticket/1", {}, NOW)
    with pytest.raises(TrailForked):
        await AuditTrail(store["openings"], "triage-1").append("a.b", "budi", TTU, "ticket/2", {}, NOW)


async def test_nothing_weaker_than_majority_and_journal_is_ever_asked(
    mongo_url: str, store: Database, secrets: Secrets
) -> None:
    heard = Heard()
    client: Client = AsyncMongoClient(mongo_url, event_listeners=[heard])  # no concern of its own
    vault = Vault(client[store.name], secrets, writer=writer_name("triage"), clock=lambda: NOW)
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    await vault.open(TTU, sealed, field="number", purpose=Purpose.DISPLAY, by="siti")
    await vault.erase(TTU, CALL, by="budi")
    await verify(client[store.name]["openings"])
    await client.close()
    writes = [one for one in heard.commands if {"insert", "update", "delete"} & one.keys()]
    reads = [one for one in heard.commands if {"find", "aggregate"} & one.keys()]
    assert len(writes) == 5
    assert {(one["writeConcern"]["w"], one["writeConcern"]["j"]) for one in writes} == {("majority", True)}
    assert len(reads) >= 3
    assert {one["readConcern"]["level"] for one in reads} == {"majority"}
    assert "findAndModify" not in {name for one in heard.commands for name in one}


async def test_while_the_store_is_away_nothing_is_shown(secrets: Secrets, another: MakeVault) -> None:
    sealed = await another().seal(TTU, CALL, "number", NUMBER)
    away: Client = AsyncMongoClient("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50)
    vault = Vault(away["vault"], secrets, writer="triage-away", clock=lambda: NOW)
    with pytest.raises(ServerSelectionTimeoutError):
        await vault.open(TTU, sealed, field="number", purpose=Purpose.DISPLAY, by="siti")
    await away.close()
