"""Builds statistics again from the log of a system that is at rest: by its command, and in other orders beside it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from aiokafka import ConsumerRecord, TopicPartition
from bson import CodecOptions
from bson.raw_bson import RawBSONDocument

from service_kit.clock import utc_now
from service_kit.documents import Database, connect, database
from service_kit.replay import Ends, read_log
from service_kit.tenancy import Tenants
from shared_schemas.events import TenantConfigured
from statistics_service.storage import rebuilds as room
from statistics_service.storage.generations import Generations
from statistics_service.storage.rebuilds import LogRebuilds
from tests.e2e.system import System
from tests.e2e.terminal import Terminal
from tests.faults.promises.promise import Stage
from tests.faults.reading import read_log as read_everything

Json = dict[str, Any]
REBUILT = "rebuilt"
SHOWN, FORWARDS, BACKWARDS = "as shown", "partitions forwards", "partitions backwards"
STATISTICS = "siaga_statistics"


async def statistics_are_rebuilt(stage: Stage) -> None:
    """Note what is shown, what two commands make of it, and what comes of the log's partitions in either order."""
    system = stage.system
    tenants = await _tenants(system)
    async with _databases(system) as named:
        said = []
        made = {SHOWN: await _shown(system, named(STATISTICS), tenants)}
        for number in (1, 2):
            said.append((await asyncio.to_thread(Terminal(system), "rebuild", "statistics", "--json")).json)
            made[f"command {number}"] = await _shown(system, named(STATISTICS), tenants)
        for order in (FORWARDS, BACKWARDS):
            made[order] = await _beside(system, named, tenants, order)
    stage.noted[REBUILT] = {"made": made, "said": said}
    stage.say(f"rebuilt from {said[0]['read']} events: {made[SHOWN]['aggregates']} aggregates' rows")


async def _tenants(system: System) -> Tenants:
    known = Tenants()
    for said in (await read_everything(system.kafka_bootstrap)).said:
        if said.topic == "tenant.configured":
            await known.take(TenantConfigured.model_validate(said.body))
    return known


async def _shown(system: System, base: Database, tenants: Tenants) -> Json:
    """Return digests of the rows in force and of every month that is told."""
    return {**await _rows(base), "recaps": await asyncio.to_thread(_recaps, system, tenants)}


def _recaps(system: System, tenants: Tenants) -> str:
    told = hashlib.sha256()
    for one in tenants.all():
        months = system.get("statistics", f"/v1/tenants/{one.tenant}/recaps")["items"]
        for month in months:
            told.update(system.ask("statistics", f"/v1/tenants/{one.tenant}/recaps/{month}").content)
    return told.hexdigest()


async def _rows(base: Database) -> Json:
    """Return how many aggregates' rows the generation in force has, and a digest of all their bytes."""
    generations = Generations(base)
    await generations.look()
    raw = CodecOptions(document_class=RawBSONDocument)
    found = generations.present.collection.with_options(codec_options=raw).find({})
    documents = {str(document["_id"]): bytes(document.raw) async for document in found}
    digest = hashlib.sha256(b"".join(documents[name] for name in sorted(documents))).hexdigest()
    return {"aggregates": len(documents), "rows": digest}


async def _beside(system: System, named: Callable[[str], Database], tenants: Tenants, order: str) -> Json:
    """Build a database of its own from the same log, one partition after the other."""
    base = named(f"siaga_faults_{order.replace(' ', '_')}")
    generations = Generations(base)
    await generations.prepare()
    rebuilds = LogRebuilds(base, generations, tenants, system.kafka_bootstrap, utc_now, wait=_no_wait)
    with patch.object(room, "read_log", _in_turn(backwards=order == BACKWARDS)):
        await rebuilds.start(order, by="faults", at=utc_now())
        await _until_over(rebuilds, order)
    return await _rows(base)


async def _until_over(rebuilds: LogRebuilds, rebuild_id: str) -> None:
    while (found := await rebuilds.get(rebuild_id)) is None or found.status == room.RUNNING:  # noqa: ASYNC110 - it is a document
        await asyncio.sleep(0.1)
    assert found.status == room.DONE, found.failure


def _in_turn(*, backwards: bool) -> Callable[..., AsyncIterator[ConsumerRecord]]:
    async def read(
        bootstrap: str, *, until: Ends, after: Ends | None = None, client: str
    ) -> AsyncIterator[ConsumerRecord]:
        """Read the log partition by partition."""
        for place in _with_something(until, after or {}, backwards=backwards):
            one = {place: until[place]}
            async for record in read_log(bootstrap, until=one, after=after, client=client):
                yield record

    return read


def _with_something(until: Ends, after: Ends, *, backwards: bool) -> list[TopicPartition]:
    return sorted((place for place in until if until[place] > after.get(place, 0)), reverse=backwards)


async def _no_wait(_: float) -> None:
    """No other replica has to notice a generation here."""


@asynccontextmanager
async def _databases(system: System) -> AsyncIterator[Callable[[str], Database]]:
    client = connect(system.mongo_url, service="faults")
    try:
        yield lambda name: database(client, name)
    finally:
        await client.close()
