"""Puts broken events beside the load: straight to the topics, by a handler that raises, and at intake's door."""

import asyncio
import hashlib
import json
import random
import time
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
from aiokafka import AIOKafkaProducer

from bench.exchange import Line, line_of
from bench.insisting import insist
from service_kit.documents import connect, database
from service_kit.secrets import Secrets
from service_kit.signing import sign
from service_kit.tenancy import TOPIC as TENANTS_TOPIC
from shared_schemas.topics import TOPICS
from tests.faults.door_poison import AT_THE_DOOR
from tests.faults.noted import BROKEN_TICKET, DOOR, KEPT, POISON
from tests.faults.poison import CODE_RAISES, WAYS, Dose, Raw, doses, good
from tests.faults.setting import Setting

if TYPE_CHECKING:
    from tests.faults.promises.promise import Stage

ONE_IN = 1_000
EVENTS_PER_CALL = 9
"""About so many events of all topics follow from one call of the load."""
LARGEST_BYTES = 1_040_000
HEARD_BY, RAISES_ON = "dispatch", "agency.replied"
INSISTS_FOR = 60.0


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


async def poison_is_put(stage: "Stage") -> None:
    """Write every dose at its moment to a partition on which its tenant's neighbours are."""
    slots = await asyncio.to_thread(_slots, stage)
    put: list[dict[str, Any]] = []
    stage.noted[POISON] = put
    await _put_in_the_way(stage, min(slots))
    producer = AIOKafkaProducer(
        bootstrap_servers=stage.system.kafka_bootstrap,
        acks="all",
        enable_idempotence=True,
        max_request_size=LARGEST_BYTES,
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


def _slots(stage: "Stage") -> dict[str, list[int]]:
    codes = [one.code for one in stage.load.tenants]
    return {code: stage.system.get("directory", f"/v1/tenants/{code}")["slots"] for code in codes}


async def _put(producer: AIOKafkaProducer, way: str, topic: str, slot: int, raw: Raw) -> Poisoned:
    key, headers, at = uuid.uuid4().hex.encode(), [*raw.headers], time.time()
    kept = await producer.send_and_wait(topic, value=raw.value, key=key, partition=slot, headers=headers)
    who = (HEARD_BY,) if way == CODE_RAISES else tuple(sorted(TOPICS[topic].consumers))
    return Poisoned(way, topic, f"{slot}/{kept.offset}", at, digest_of(key, raw.value, headers), who)


async def _put_in_the_way(stage: "Stage", tenant: str) -> None:
    """Keep what is no response under a ticket's id in dispatch's store: its code cannot read it, and raises."""
    ticket = str(uuid.uuid4())
    stage.noted[BROKEN_TICKET] = {"tenant": tenant, "ticket_id": ticket}
    async with connect(stage.system.mongo_url, service="faults") as client:
        await database(client, "siaga_dispatch")["responses"].insert_one({"_id": ticket, "tenant": tenant})


async def _code_raises(stage: "Stage", producer: AIOKafkaProducer, slots: dict[str, list[int]]) -> Poisoned:
    """Put a good event about the ticket that dispatch's code cannot read."""
    tenant, ticket = stage.noted[BROKEN_TICKET]["tenant"], stage.noted[BROKEN_TICKET]["ticket_id"]
    raw = good(RAISES_ON, tenant)
    body = json.dumps({**raw.said(), "ticket_id": ticket, "task_id": f"{ticket}-1"}).encode()
    return await _put(producer, CODE_RAISES, RAISES_ON, slots[tenant][0], Raw(raw.headers, body))


async def the_door_is_poisoned(stage: "Stage") -> None:
    """Send broken events to intake's door, rightly signed, spread over the storm; note what it answers."""
    answers: list[dict[str, Any]] = []
    stage.noted[DOOR] = answers
    each = stage.setting.length / len(AT_THE_DOOR)
    async with httpx.AsyncClient(base_url=stage.system.addresses["intake"], trust_env=False) as client:
        for number, (way, body) in enumerate(AT_THE_DOOR.items()):
            await stage.load.clock.until(stage.setting.quiet + number * each)
            answers.append({"way": way, **await _posted(stage, client, way, body)})


async def _posted(stage: "Stage", client: httpx.AsyncClient, way: str, body: bytes) -> dict[str, Any]:
    """Send one, again while intake is away, as a follower does."""
    line, named = _line(stage), f"poison-{way.replace(' ', '-')}"

    async def once() -> httpx.Response:
        signed = sign(line.secret, named, datetime.now(UTC), body)
        headers = {**signed, "content-type": "application/json"}
        path = f"/v1/tenants/{line.tenant}/trunks/{line.trunk}/events"
        return await client.post(path, content=body, headers=headers)

    answer = await insist(once, seconds=INSISTS_FOR)
    return {"status": answer.status_code, "type": answer.headers.get("content-type", "")}


def _line(stage: "Stage") -> Line:
    tenant, secrets = stage.load.tenants[0], Secrets(Path(stage.system.home) / "secrets")
    return line_of(tenant, secrets.read(f"trunks/{tenant.code}/{tenant.trunks[0].id}"))


async def refused_are_counted(stage: "Stage") -> None:
    """Note how many broken events intake says that it refused and kept."""
    intake = stage.system.addresses["intake"]
    report = stage.system.door.get(f"{intake}/status").raise_for_status().json()
    counted = (counts for source, counts in report["heard"].items() if source.startswith("events_api/"))
    stage.noted[KEPT] = sum(
        count for counts in counted for what, count in counts.items() if what.startswith("refused/")
    )
