"""A poison record on each topic ends as a dead letter of each service that hears it; calls go on."""

import asyncio
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from service_kit.producer import Producer
from shared_schemas.topics import TOPICS
from tests.e2e.system import System

pytestmark = pytest.mark.e2e

WITHIN_SECONDS = 20.0
Json = dict[str, Any]


def siaga(system: System, *words: str) -> str:
    """Run a command as a person does in a second terminal."""
    command = [str(Path(sys.executable).with_name("siaga")), *words]
    environment = {**os.environ, "SIAGA_HOME": str(system.home), "SIAGA_LANG": "en"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=60)
    return done.stdout


def letters_of(system: System) -> set[tuple[str, str]]:
    """Return the service and the topic of every dead letter that waits."""
    found: set[tuple[str, str]] = set()
    headers = {"Authorization": f"Bearer {system.token('admin', 'accounts/admin')}"}
    for service, address in system.addresses.items():
        answer = system.door.get(f"{address}/v1/deadletters", headers=headers)
        found |= {(service, one["topic"]) for one in answer.raise_for_status().json()["items"]}
    return found


async def poison(bootstrap: str) -> None:
    """Write a record that nobody can read to every topic."""
    producer = Producer(bootstrap, client="poison")
    for topic in TOPICS:
        await producer.send(topic, partition=0, key=b"poison", value=b"{", headers=[])
    await producer.stop()


def test_every_hearer_buries_it_and_the_next_call_goes_on(replayed: System) -> None:
    expected = {(service, topic.name) for topic in TOPICS.values() for service in topic.consumers}
    assert len(expected) > len(TOPICS)
    asyncio.run(poison(replayed.kafka_bootstrap))
    deadline = time.monotonic() + WITHIN_SECONDS
    while not expected <= (found := letters_of(replayed)):
        assert time.monotonic() < deadline, expected - found
    assert wait_for_a_call_of_ours(replayed)


def test_a_person_lists_and_discards_the_letters(replayed: System) -> None:
    listed = json.loads(siaga(replayed, "deadletter", "list", "--json"))
    letters = {one["id"] for one in listed["items"]}
    assert letters
    for letter in letters:
        siaga(replayed, "deadletter", "discard", letter)
    assert letters_of(replayed) == set()


def wait_for_a_call_of_ours(system: System) -> bool:
    """Report a call and wait until the desk has it."""
    body = {"number": "081200000042", "story": f"uji {uuid.uuid4().hex}", "channel": "phone"}
    call = system.post("intake", "/v1/tenants/53.03/calls", body).raise_for_status().json()["call_id"]
    deadline = time.monotonic() + WITHIN_SECONDS
    while not system.ask("triage", f"/v1/tenants/53.03/calls/{call}").is_success:
        assert time.monotonic() < deadline, system.logs()
    return True
