"""In all that the services wrote there is no caller's number, name or story in the clear."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import bson
import pytest
from aiokafka import AIOKafkaConsumer

from service_kit.documents import connect, database
from tests.e2e.system import ROOT, System
from tests.e2e.truth import every_number

pytestmark = pytest.mark.e2e

NOT_WRITTEN_BY_SERVICES = {"exchange", "demo", "secrets", "kafka", "store", "run"}
"""The exchange's own file, the demo's diaries, secrets; broker and store are read through their doors."""
SYSTEM_DATABASES = {"admin", "local", "config"}
VAULT = "siaga_vault"
LONG_ENOUGH = 12
"""Shorter words for a place are common words too."""
TYPED_IN = "53.04"
"""The tenant without an exchange: all its calls are typed in by people."""
NAME, NUMBER = "Yohana Seran Kolobani", "+62 811-3899-0417"
STORY = "kebakaran rumah di belakang kios Mama Yohana, api sudah sampai atap"
WITHIN_SECONDS = 60.0


@pytest.fixture(scope="module")
def system(replayed: System) -> System:
    """The system after one more call, whose caller gave a name too, and agencies were asked for help."""
    body = {"number": NUMBER, "name": NAME, "story": STORY, "channel": "phone"}
    replayed.post("intake", f"/v1/tenants/{TYPED_IN}/calls", body).raise_for_status()
    deadline = time.monotonic() + WITHIN_SECONDS
    asked = f"/v1/tenants/{TYPED_IN}/deliveries"
    while not replayed.all("agency-notifier", asked, status="delivered"):
        assert time.monotonic() < deadline, replayed.logs()
        time.sleep(0.2)
    return replayed


@dataclass(frozen=True, slots=True)
class Wanted:
    """What must not be found: texts in any script of theirs, numbers in any form."""

    texts: frozenset[bytes]
    numbers: frozenset[bytes]

    def found_in(self, content: bytes) -> list[str]:
        """Return what of it stands in a content."""
        texts = [text for text in self.texts if text in content]
        return sorted(one.decode() for one in [*texts, *self._numbers_in(content)])

    def _numbers_in(self, content: bytes) -> list[bytes]:
        return [one for one in self.numbers if one in content and _standing_alone(one).search(content)]


def _standing_alone(number: bytes) -> re.Pattern[bytes]:
    """Find a number as 8…, 08…, 628… or +628…, but not in the midst of a longer one or of a digest."""
    return re.compile(rb"(?:(?<![0-9a-f])|(?<=%2b))(?:0|62|\+62)?" + number + rb"(?![0-9a-f])")


def national(number: str) -> bytes:
    """Return a number without its country and without the leading zero: what all forms of it share."""
    digits = re.sub(r"[^0-9]", "", number)
    return digits.removeprefix("62").removeprefix("0").encode()


def stories() -> set[str]:
    """Return what the demo's callers said."""
    lines = (ROOT / "demo" / "phrases" / "stories.jsonl").read_text("utf-8").splitlines()
    return {json.loads(line)["text"] for line in lines}


def places() -> set[str]:
    """Return the words in which the demo's callers tell where they are, long enough to be told apart."""
    lines = (ROOT / "demo" / "phrases" / "places.jsonl").read_text("utf-8").splitlines()
    return {text for line in lines if len(text := json.loads(line)["text"]) > LONG_ENOUGH}


def secrets_of_callers() -> Wanted:
    """Return every text that must not be found, as it is and as JSON would escape it, and every number."""
    texts = {NAME, NUMBER, STORY} | stories() | places()
    escaped = {json.dumps(text)[1:-1] for text in texts}
    quoted = {quote(NAME), quote(STORY)}
    return Wanted(
        texts=frozenset(text.encode() for text in texts | escaped | quoted),
        numbers=frozenset(national(number) for number in every_number() | {NUMBER}),
    )


def files_of(home: Path) -> Iterator[Path]:
    """Return every file that a service wrote to its own disk."""
    for path in sorted(home.rglob("*")):
        if path.is_file() and path.relative_to(home).parts[0] not in NOT_WRITTEN_BY_SERVICES:
            yield path


def test_files_logs_traces_and_spools_hold_nothing_personal(system: System) -> None:
    wanted = secrets_of_callers()
    looked = list(files_of(system.home))
    assert any("intake" in path.parts for path in looked)
    assert any(path.suffix == ".log" for path in looked)
    found = {str(path): hits for path in looked if (hits := wanted.found_in(path.read_bytes()))}
    assert found == {}


def test_metrics_and_status_hold_nothing_personal(system: System) -> None:
    wanted = secrets_of_callers()
    for service, address in system.addresses.items():
        for door in ("/metrics", "/status"):
            content = system.door.get(f"{address}{door}").raise_for_status().content
            assert wanted.found_in(content) == [], f"{service}{door}"


def test_every_topic_holds_nothing_personal(system: System) -> None:
    records = asyncio.run(_read_all_topics(system.kafka_bootstrap))
    assert len(records) > 500
    wanted = secrets_of_callers()
    assert wanted.found_in(b"\0".join(records)) == []


async def _read_all_topics(bootstrap: str) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, auto_offset_reset="earliest"
    )
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


def test_the_store_outside_the_vault_holds_nothing_personal(system: System) -> None:
    wanted = secrets_of_callers()
    documents = asyncio.run(_read_all_documents(system.mongo_url))
    assert len(documents) > 300
    found = {place: hits for place, content in documents if (hits := wanted.found_in(content))}
    assert found == {}


async def _read_all_documents(url: str) -> list[tuple[str, bytes]]:
    client = connect(url, service="test")
    try:
        found: list[tuple[str, bytes]] = []
        for name in await client.list_database_names():
            if name in SYSTEM_DATABASES | {VAULT}:
                continue
            for collection in await client[name].list_collection_names():
                async for document in database(client, name)[collection].find({}):
                    found.append((f"{name}.{collection}/{document['_id']}", bson.encode(document)))  # noqa: PERF401 - async
        return found
    finally:
        await client.close()


def test_the_search_itself_finds_what_is_there(system: System) -> None:
    written = (system.home / "exchange" / "pbx-ntt" / "queue_log").read_bytes()
    assert len(secrets_of_callers().found_in(written)) > 50


@pytest.mark.parametrize("form", ["081138990417", "6281138990417", "+6281138990417", "81138990417"])
def test_a_number_is_found_in_every_form(form: str) -> None:
    wanted = secrets_of_callers()
    written = [json.dumps({"number": form}).encode(), bson.encode({"number": form}), quote(form).encode()]
    assert [wanted.found_in(one) for one in written] == [["81138990417"]] * len(written)
    for longer in (f"1{form.removeprefix('+')}", f"{form}7", f"ab{form.removeprefix('+')}"):
        assert wanted.found_in(longer.encode()) == []


def test_a_name_and_a_number_as_typed_are_found() -> None:
    assert secrets_of_callers().found_in(f"caller={NAME} {NUMBER}".encode()) == [NUMBER, NAME]
