"""Puts broken events beside the load: straight to the topics, by a handler that raises, and at intake's door."""

import asyncio
import hashlib
import json
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from aiokafka import AIOKafkaProducer

from bench.exchange import line_of
from service_kit.documents import connect
from service_kit.secrets import Secrets
from service_kit.signing import sign
from service_kit.tenancy import TOPIC as TENANTS_TOPIC
from shared_schemas.topics import TOPICS
from tests.faults.door_poison import AT_THE_DOOR
from tests.faults.history import POISON
from tests.faults.poison import CODE_RAISES, WAYS, Dose, Raw, doses, good
from tests.faults.promises.promise import Stage
from tests.faults.setting import Setting

ONE_IN = 1_000
EVENTS_PER_CALL = 9
"""About so many events of all topics follow from one call of the load."""
LARGEST_BYTES = 1_040_000
HEARD_BY, RAISES_ON = "dispatch", "agency.replied"
BROKEN_TICKET, DOOR = "broken_ticket", "poison_at_the_door"


@dataclass(frozen=True, slots=True)
class Poisoned:
    """One broken record as it was put: its digest tells whether a letter holds all of it."""

    way: str
    topic: str
    place: str
    at: float
    digest: str
    buried_by: tuple[str, ...]


def digest_of(key: bytes | None, value: bytes | None, headers: list[Any]) -> str:
    """Return one word for all bytes of a record."""
    return hashlib.sha256(repr((key, value, [(name, text) for name, text in headers])).encode()).hexdigest()


def planned_doses(setting: Setting, tenants: list[str]) -> tuple[Dose, ...]:
    """Plan one broken event in a thousand, and each way at least once."""
    chance = random.Random(f"{setting.seed} poison")
    events = EVENTS_PER_CALL * setting.calls_per_second * setting.length
    count = max(len(WAYS), round(events / ONE_IN))
    return doses(
        lambda words: chance.sample(sorted(words), len(words)),
        tuple(TOPICS),
        tenants,
        count=count,
        begins=setting.quiet,
        ends=setting.storm_ends,
    )


async def poison_is_put(stage: Stage) -> None:
    """Write every dose at its moment to a partition on which its tenant's neighbours are."""
    slots = await asyncio.to_thread(_slots, stage)
    put: list[dict[str, Any]] = []
    stage.noted[POISON] = put
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.system.kafka_bootstrap, acks="all", max_request_size=LARGEST_BYTES
    )
    await producer.start()
    try:
        for number, dose in enumerate(planned_doses(stage.setting, sorted(slots))):
            await stage.load.clock.until(dose.at)
            raw = WAYS[dose.way](good(dose.topic, dose.tenant))
            of_tenant = slots[dose.tenant]
            slot = 0 if dose.topic == TENANTS_TOPIC else of_tenant[number % len(of_tenant)]
            put.append(asdict(await _put(producer, dose.way, dose.topic, slot, raw)))
        put.append(asdict(await _code_raises(stage, producer, slots)))
    finally:
        await producer.stop()


def _slots(stage: Stage) -> dict[str, list[int]]:
    codes = [one.code for one in stage.load.tenants]
    return {code: stage.system.get("directory", f"/v1/tenants/{code}")["slots"] for code in codes}


async def _put(producer: AIOKafkaProducer, way: str, topic: str, slot: int, raw: Raw) -> Poisoned:
    key, headers, at = uuid.uuid4().hex.encode(), [*raw.headers], time.time()
    kept = await producer.send_and_wait(topic, value=raw.value, key=key, partition=slot, headers=headers)
    who = (HEARD_BY,) if way == CODE_RAISES else tuple(sorted(TOPICS[topic].consumers))
    return Poisoned(way, topic, f"{slot}/{kept.offset}", at, digest_of(key, raw.value, headers), who)


async def _code_raises(stage: Stage, producer: AIOKafkaProducer, slots: dict[str, list[int]]) -> Poisoned:
    """Put what is no response under a ticket's id in dispatch's store, then a good event about that ticket."""
    tenant, ticket = min(slots), str(uuid.uuid4())
    stage.noted[BROKEN_TICKET] = {"tenant": tenant, "ticket_id": ticket}
    async with connect(stage.system.mongo_url, service="faults") as client:
        await client["siaga_dispatch"]["responses"].insert_one({"_id": ticket, "tenant": tenant})
    raw = good(RAISES_ON, tenant)
    body = json.dumps({**raw.said(), "ticket_id": ticket, "task_id": f"{ticket}-1"}).encode()
    return await _put(producer, CODE_RAISES, RAISES_ON, slots[tenant][0], Raw(raw.headers, body))


async def the_door_is_poisoned(stage: Stage) -> None:
    """Send broken events to intake's door, rightly signed, spread over the storm; note what it answers."""
    answers: list[dict[str, Any]] = []
    stage.noted[DOOR] = answers
    before = await asyncio.to_thread(_refused, stage)
    each = stage.setting.length / len(AT_THE_DOOR)
    async with httpx.AsyncClient(base_url=stage.system.addresses["intake"], trust_env=False) as client:
        for number, (way, body) in enumerate(AT_THE_DOOR.items()):
            await stage.load.clock.until(stage.setting.quiet + number * each)
            answers.append({"way": way, **await _posted(stage, client, way, body)})
    answers.append({"way": "", "kept": await asyncio.to_thread(_refused, stage) - before})


async def _posted(stage: Stage, client: httpx.AsyncClient, way: str, body: bytes) -> dict[str, Any]:
    tenant = stage.load.tenants[0]
    trunk = tenant.trunks[0].id
    line = line_of(tenant, Secrets(Path(stage.system.home) / "secrets").read(f"trunks/{tenant.code}/{trunk}"))
    signed = sign(line.secret, f"poison-{way.replace(' ', '-')}", datetime.now(UTC), body)
    answer = await client.post(
        f"/v1/tenants/{line.tenant}/trunks/{line.trunk}/events",
        content=body,
        headers={**signed, "content-type": "application/json"},
    )
    return {"status": answer.status_code, "type": answer.headers.get("content-type", "")}


def _refused(stage: Stage) -> int:
    """Count what intake refused and kept, by its own report."""
    report = stage.system.door.get(f"{stage.system.addresses['intake']}/status").raise_for_status().json()
    return sum(count for name, count in _counts(report["heard"]) if name.startswith("refused/"))


def _counts(told: Any) -> Iterator[tuple[str, int]]:
    for name, count in told.items():
        if isinstance(count, dict):
            yield from _counts(count)
        elif isinstance(count, int):
            yield name, count
