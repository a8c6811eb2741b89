"""In all that the services wrote there is no caller's number, name or story in the clear."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import bson
import pytest
from aiokafka import AIOKafkaConsumer

from service_kit.documents import connect
from tests.e2e.system import ROOT, System
from tests.e2e.truth import every_number_and_name

pytestmark = pytest.mark.e2e

NOT_WRITTEN_BY_SERVICES = {"exchange", "demo", "secrets", "kafka", "store", "run"}
"""The exchange's own file, the demo's diaries, secrets; broker and store are read through their doors."""
SYSTEM_DATABASES = {"admin", "local", "config"}
VAULT = "siaga_vault"
LONG_ENOUGH = 12
"""Shorter words for a place are common words too."""


def stories() -> set[str]:
    """Return what the demo's callers said."""
    lines = (ROOT / "demo" / "phrases" / "stories.jsonl").read_text("utf-8").splitlines()
    return {json.loads(line)["text"] for line in lines}


def places() -> set[str]:
    """Return the words in which the demo's callers tell where they are, long enough to be told apart."""
    lines = (ROOT / "demo" / "phrases" / "places.jsonl").read_text("utf-8").splitlines()
    return {text for line in lines if len(text := json.loads(line)["text"]) > LONG_ENOUGH}


def secrets_of_callers() -> list[bytes]:
    """Return every text that must not be found, as it is and as JSON would escape it."""
    texts = every_number_and_name() | stories() | places()
    escaped = {json.dumps(text)[1:-1] for text in texts}
    return sorted(text.encode() for text in texts | escaped)


def found_in(content: bytes, wanted: list[bytes]) -> list[str]:
    """Return what of the wanted texts stands in a content."""
    return [text.decode() for text in wanted if text in content]


def files_of(home: Path) -> Iterator[Path]:
    """Return every file that a service wrote to its own disk."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.relative_to(home).parts[0] not in NOT_WRITTEN_BY_SERVICES:
            yield path


def test_files_logs_traces_and_spools_hold_nothing_personal(replayed: System) -> None:
    wanted = secrets_of_callers()
    looked = list(files_of(replayed.home))
    assert any("intake" in path.parts for path in looked)
    assert any(path.suffix == ".log" for path in looked)
    found = {str(path): hits for path in looked if (hits := found_in(path.read_bytes(), wanted))}
    assert found == {}


def test_metrics_and_status_hold_nothing_personal(replayed: System) -> None:
    wanted = secrets_of_callers()
    for service, address in replayed.addresses.items():
        for door in ("/metrics", "/status"):
            content = replayed.door.get(f"{address}{door}").raise_for_status().content
            assert found_in(content, wanted) == [], f"{service}{door}"


def test_every_topic_holds_nothing_personal(replayed: System) -> None:
    records = asyncio.run(_read_all_topics(replayed.kafka_bootstrap))
    assert len(records) > 500
    wanted = secrets_of_callers()
    assert found_in(b"\0".join(records), wanted) == []


async def _read_all_topics(bootstrap: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    await consumer.start()
    try:
        topics = sorted(name for name in await consumer.topics() if not name.startswith("__"))
        assert "call.received" in topics
        consumer.subscribe(topics)
        records: list[bytes] = []
        while found := await consumer.getmany(timeout_ms=2_000):
            for batch in found.values():
                for record in batch:
                    headers = b"\0".join(value or b"" for _, value in record.headers)
                    records.append(b"\0".join([record.key or b"", record.value or b"", headers]))
        return records
    finally:
        await consumer.stop()


def test_the_store_outside_the_vault_holds_nothing_personal(replayed: System) -> None:
    wanted = secrets_of_callers()
    documents = asyncio.run(_read_all_documents(replayed.mongo_url))
    assert len(documents) > 300
    found = {place: hits for place, content in documents if (hits := found_in(content, wanted))}
    assert found == {}


async def _read_all_documents(url: str) -> list[tuple[str, bytes]]:
    client = connect(url, service="test")
    try:
        found: list[tuple[str, bytes]] = []
        for name in await client.list_database_names():
            if name in SYSTEM_DATABASES | {VAULT}:
                continue
            for collection in await client[name].list_collection_names():
                async for document in client[name][collection].find({}):
                    found.append((f"{name}.{collection}/{document['_id']}", bson.encode(document)))  # noqa: PERF401 - async
        return found
    finally:
        await client.close()


def test_the_search_itself_finds_what_is_there(replayed: System) -> None:
    written = (replayed.home / "exchange" / "pbx-ntt" / "queue_log").read_bytes()
    assert len(found_in(written, secrets_of_callers())) > 50
