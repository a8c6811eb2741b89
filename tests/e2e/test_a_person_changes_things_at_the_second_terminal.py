"""What a person does at a second terminal is done: a call reported, a regency applied, a letter taken again."""

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from service_kit.documents import connect, database
from service_kit.producer import Producer
from shared_schemas.topics import TOPICS
from tests.e2e.system import ROOT, System
from tests.e2e.terminal import Terminal

pytestmark = pytest.mark.e2e

TENANT, ADDED = "53.04", "53.71"
WITHIN_SECONDS = 60.0
EXAMPLE = ROOT / "libs" / "shared_schemas" / "examples" / "call.received" / "v1" / "a-fire-call-rings.json"
PLACEHOLDERS = {
    "SIAGA_DEMO_WEBHOOKS": "https://opd.belu.example",
    "SIAGA_DEMO_MAIL_DOMAIN": "opd.belu.example",
}
Json = dict[str, Any]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A small system of these tests' own, with one regency and nobody at work."""
    folder = tmp_path_factory.mktemp("own")
    copy(ROOT / "tenants" / f"{TENANT}.yaml", folder)
    system = System(tmp_path_factory.mktemp("changed"))
    try:
        system.start("--demo", "off", "--tenants", str(folder), environment=PLACEHOLDERS)
        yield system
    finally:
        system.ensure_ended()


@pytest.fixture(scope="module")
def siaga(centre: System) -> Terminal:
    return Terminal(centre, PLACEHOLDERS)


def calls_on_the_desk(system: System) -> set[str]:
    return {one["call_id"] for one in system.all("triage", f"/v1/tenants/{TENANT}/calls", view="all")}


def test_a_call_of_ones_own_lies_on_the_desk_when_the_command_returns(
    centre: System, siaga: Terminal
) -> None:
    report = ("call", "--tenant", TENANT, "--from", "0812 0000 0042", "--story", "pohon tumbang di Atambua")
    told = siaga(*report, "--json").json
    assert (told["tenant"], told["on_desk"]) == (TENANT, True)
    kept = centre.get("triage", f"/v1/tenants/{TENANT}/calls/{told['call_id']}", personal="true")
    assert (kept["channel"], kept["classification"], kept["view"]) == ("phone", None, told["call"]["view"])
    assert kept["story"] == "pohon tumbang di Atambua"
    assert "081200000042" in json.dumps(kept["caller"])
    before = calls_on_the_desk(centre)
    said = siaga(*report, language="id")
    (fresh,) = calls_on_the_desk(centre) - before
    assert fresh in said.lines[0]
    assert TENANT in said.lines[-1]
    assert siaga("calls", "--tenant", TENANT).line_with(fresh)


def test_a_call_that_cannot_be_is_refused_and_reported_to_nobody(centre: System, siaga: Terminal) -> None:
    before = calls_on_the_desk(centre)
    assert "--from" in siaga("call", "--tenant", TENANT, "--from", "rumah", "--story", "api", code=2).err
    assert "53.99" in siaga("call", "--tenant", "53.99", "--from", "112", "--story", "api", code=2).err
    assert calls_on_the_desk(centre) == before


def test_an_applied_regency_is_in_force_in_every_service_and_in_its_history(
    centre: System, siaga: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / f"{TENANT}.yaml"
    written = (ROOT / "tenants" / file.name).read_text()
    file.write_text(written.replace("name: Kabupaten Belu\n", "name: Kabupaten Belu Raya\n", 1))
    added = f"tenants/{ADDED}.yaml"
    applied = siaga("tenant", "apply", str(file), added)
    assert applied.lines == [
        f"{TENANT}: version 2 is in force (1 changes)",
        applied.line_with(f"{ADDED}: version 1 is in force"),
    ]
    wait_for_versions(centre, {TENANT: 2, ADDED: 1})
    again = siaga("tenant", "apply", str(file), added, "--json").items
    assert [(one["tenant"], one["unchanged"], one["version"]) for one in again] == [
        (TENANT, True, 2),
        (ADDED, True, 1),
    ]
    newest, first = siaga("tenant", "history", TENANT, "--json").items
    assert (newest["version"], newest["applied_by"], first["version"]) == (2, "admin", 1)
    assert [one["path"] for one in newest["changes"]] == ["name"]
    history = siaga("tenant", "history", TENANT, language="id").lines
    assert history[0].startswith("Versi 2 · ")
    assert "Kabupaten Belu Raya" in history[1]
    assert centre.get("directory", f"/v1/tenants/{TENANT}")["configuration"]["name"] == "Kabupaten Belu Raya"


def wait_for_versions(system: System, versions: dict[str, int]) -> None:
    """Return when every service uses these versions."""
    deadline = time.monotonic() + WITHIN_SECONDS
    for service, address in system.addresses.items():
        while (used := system.door.get(f"{address}/status").json()["tenants"]) != versions:
            assert time.monotonic() < deadline, f"{service}: {used}"


def test_a_letter_is_listed_shown_and_taken_again_once_what_stopped_it_is_mended(
    centre: System, siaga: Terminal
) -> None:
    call = str(uuid.uuid4())
    asyncio.run(put_in_the_way(centre.mongo_url, call))
    asyncio.run(tell_of_a_call(centre.kafka_bootstrap, call))
    letter = wait_for_the_letter(siaga)
    assert (letter["service"], letter["tenant"], letter["topic"]) == ("triage", TENANT, "call.received")
    assert "handler raised" in letter["reason"]
    assert letter["id"] in siaga("deadletter", "list").line_with("triage", "call.received")

    (shown,) = siaga("deadletter", "show", letter["id"], "--json").items
    assert shown == letter
    place = f"call.received/{letter['partition']}/{letter['offset']}"
    assert siaga("deadletter", "show", letter["id"]).line_with("Came from").endswith(place)
    assert "menunggu" in siaga("deadletter", "show", letter["id"], language="id").out

    assert "goes on waiting" in siaga("deadletter", "redrive", letter["id"], code=2).err
    assert call not in calls_on_the_desk_as_listed(centre)
    asyncio.run(take_out_of_the_way(centre.mongo_url, call))
    siaga("deadletter", "redrive", letter["id"])
    assert centre.get("triage", f"/v1/tenants/{TENANT}/calls/{call}")["call_id"] == call
    assert siaga("deadletter", "list", language="id").lines == ["Tidak ada surat mati."]
    (decided,) = siaga("deadletter", "list", "--status", "redriven", "--json").items
    assert (decided["id"], decided["decided_by"]) == (letter["id"], "admin")
    assert "no dead letter" in siaga("deadletter", "redrive", str(uuid.uuid4()), code=2).err


def calls_on_the_desk_as_listed(system: System) -> str:
    """Return what triage answers about its calls, whole or not."""
    return system.ask("triage", f"/v1/tenants/{TENANT}/calls", view="waiting").text


def wait_for_the_letter(siaga: Terminal) -> Json:
    deadline = time.monotonic() + WITHIN_SECONDS
    while not (found := siaga("deadletter", "list", "--json").items):
        assert time.monotonic() < deadline
    (letter,) = found
    return letter


async def put_in_the_way(url: str, call: str) -> None:
    """Keep something in triage's store under a call's id that is no call: its handler cannot read it."""
    async with connect(url, service="test") as client:
        await database(client, "siaga_triage")["desk_calls"].insert_one({"_id": call, "tenant": TENANT})


async def take_out_of_the_way(url: str, call: str) -> None:
    async with connect(url, service="test") as client:
        await database(client, "siaga_triage")["desk_calls"].delete_one(
            {"_id": call, "state": {"$exists": False}}
        )


async def tell_of_a_call(bootstrap: str, call: str) -> None:
    """Write the event that intake would write of a new call."""
    example = json.loads(
        EXAMPLE.read_text().replace(json.loads(EXAMPLE.read_text())["data"]["call_id"], call)
    )
    data = {**example["data"], "tenant": TENANT, "trunk": "pbx-belu", "caller": None, "caller_ref": None}
    headers = {**example["headers"], "ce_tenantid": TENANT}
    producer = Producer(bootstrap, client="test")
    await producer.send(
        "call.received",
        partition=0,
        key=call.encode(),
        value=json.dumps(data).encode(),
        headers=[(name, value.encode()) for name, value in headers.items()],
    )
    await producer.stop()


def test_what_is_announced_again_is_told_on_the_bus_and_changes_no_figure(
    centre: System, siaga: Terminal
) -> None:
    siaga("call", "--tenant", TENANT, "--from", "081200000043", "--story", "banjir di Atambua")
    wait_until_all_is_heard(siaga)
    figures = siaga("recap", TENANT, "--json").json
    before = asyncio.run(records_of(centre.kafka_bootstrap))
    told = siaga("announce", "--json").json
    assert told == {
        "directory": len(siaga("tenant", "list", "--json").items),
        "intake": len(centre.all("intake", f"/v1/tenants/{TENANT}/calls", view="all")),
        "triage": 0,  # nobody at the desk has said anything yet
        "dispatch": 0,
        "agency-notifier": 0,
    }
    assert told["intake"] > 0
    assert asyncio.run(records_of(centre.kafka_bootstrap)) - before == sum(told.values())
    assert "intake" in siaga("announce", "--unfinished").line_with("intake: ")
    wait_until_all_is_heard(siaga)
    assert siaga("recap", TENANT, "--json").json == figures
    assert siaga("deadletter", "list").lines == ["No dead letters."]


def wait_until_all_is_heard(siaga: Terminal) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    while any(
        count for one in siaga("status", "--json").json["services"] for count in one["report"]["lag"].values()
    ):
        assert time.monotonic() < deadline


async def records_of(bootstrap: str) -> int:
    """Count the records that were ever written to our topics."""
    consumer = AIOKafkaConsumer(
        *TOPICS,
        bootstrap_servers=bootstrap,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        places = [
            TopicPartition(topic, number)
            for topic in TOPICS
            for number in consumer.partitions_for_topic(topic)
        ]
        assert {place.topic for place in places} == set(TOPICS)
        return sum((await consumer.end_offsets(places)).values())
    finally:
        await consumer.stop()
