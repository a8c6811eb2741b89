"""The newest state wins in any order, and the log gives the same figures again."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from bson import CodecOptions, decode
from bson.raw_bson import RawBSONDocument

from service_kit.clock import utc_now
from service_kit.producer import slot_of
from service_kit.replay import Ends, read_log
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from shared_schemas.envelope import Envelope
from shared_schemas.events import CallState, Desk, EventData
from statistics_service.application.ports import Rebuild
from statistics_service.config import StatisticsSettings
from statistics_service.contracts import HEARS
from statistics_service.domain.profiles import NENA_2020
from statistics_service.domain.recap import Recap, recap
from statistics_service.handlers import KeepRows
from statistics_service.storage import rebuilds as room
from statistics_service.storage.generations import Generations
from statistics_service.storage.rebuilds import DONE, LogRebuilds
from tests.integration.small_service import TENANT, configured, eventually, tell_tenant

pytestmark = pytest.mark.integration

MONTH = "2031-02"
STARTED = datetime(2031, 2, 3, 4, 5, tzinfo=UTC)
CALLS = 40


async def no_wait(_: float) -> None:
    """Replicas need time to notice a generation; here is only one, and it looks at once."""


class Statistics:
    """Statistics on the real broker and store, with its parts within reach."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.service = Service(f"{settings.group_prefix}statistics", settings)
        self.generations = Generations(self.service.database)
        self.rebuilds = LogRebuilds(
            self.service.database,
            self.generations,
            self.service.tenants,
            settings.kafka_bootstrap,
            utc_now,
            wait=no_wait,
        )
        self.service.prepare(self.generations.prepare)
        self.service.on_close(self.rebuilds.stop)
        self.service.hear(HEARS, KeepRows(self.generations, self.service.tenants))

    async def recap(self) -> Recap:
        return recap(await self.generations.month(TENANT, MONTH), NENA_2020)

    async def rebuild(self) -> Rebuild:
        rebuild_id = random.randbytes(8).hex()
        await self.rebuilds.start(rebuild_id, by="siti", at=utc_now())
        found: list[Rebuild] = []

        async def over() -> bool:
            one = await self.rebuilds.get(rebuild_id)
            found[:] = [one] if one is not None and one.status != "running" else []
            return bool(found)

        await eventually(over)
        return found[0]


@pytest.fixture
async def statistics(settings: ServiceSettings) -> AsyncIterator[Statistics]:
    assert StatisticsSettings.model_fields.keys() == ServiceSettings.model_fields.keys()
    made = Statistics(settings)
    task = asyncio.create_task(made.service.run())

    async def ready() -> bool:
        return await made.service.ready() == []

    await eventually(ready)
    await tell_tenant(made.service, configured())
    await made.service.tenants.wait_for(TENANT, seconds=10)
    yield made
    made.service.stop()
    assert await task == 0


def call(number: int, mark: str, *, outcome: str | None, desk: Desk | None = None) -> CallState:
    return CallState(
        tenant=TENANT,
        recorded_at=utc_now(),
        call_id=f"{mark}-{number}",
        trunk="pbx-ttu",
        exchange_call_id=str(number),
        stage="ended" if outcome else "ringing",
        outcome=outcome,
        started_at=STARTED,
        waiting_seconds=number if outcome else None,
        witnesses=("queue_log",),
        desk=desk,
    )


def story(mark: str) -> list[tuple[str, int, CallState]]:
    """Return what intake and triage say of some calls: source, sequence, state."""
    told: list[tuple[str, int, CallState]] = []
    for number in range(CALLS):
        told.append(("intake", 1, call(number, mark, outcome=None)))
        told.append(("intake", 2, call(number, mark, outcome="answered")))
        told.append(("triage", 1, call(number, mark, outcome="answered", desk=Desk(classification="ghost"))))
        told.append(("triage", 2, call(number, mark, outcome="answered", desk=Desk(classification="prank"))))
    return told


async def say(service: Service, told: Sequence[tuple[str, int, EventData]]) -> None:
    """Put events on the bus in this order, a call's first on the topic of its own."""
    for source, sequence, data in told:
        call_id = str(data.model_dump()["call_id"])
        topic = "call.received" if (source, sequence) == ("intake", 1) else "call.updated"
        envelope = Envelope(source, f"call/{call_id}", topic, 1, TENANT, sequence, utc_now())
        await service.producer.send(
            topic,
            partition=slot_of(call_id, (0, 1)),
            key=call_id.encode(),
            value=data.model_dump_json().encode(),
            headers=envelope.headers(),
        )


async def test_shuffled_and_repeated_events_and_a_rebuild_give_the_same_figures(
    statistics: Statistics,
) -> None:
    mark = random.randbytes(4).hex()
    told = story(mark) * 2
    random.Random(7).shuffle(told)
    await say(statistics.service, told)

    async def all_kept() -> bool:
        shown = await statistics.recap()
        return shown.value("calls_answered") == shown.value("calls_by_class", "prank") == CALLS

    await eventually(all_kept)
    before = await statistics.recap()
    assert before.value("calls_by_class", "ghost") == 0
    done = await statistics.rebuild()
    assert (done.status, done.equal, done.differing) == (DONE, True, 0)
    assert done.read >= len(told)
    assert await statistics.recap() == before


async def test_rebuilt_twice_with_the_partitions_in_another_order_every_byte_is_the_same(
    statistics: Statistics, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = random.randbytes(4).hex()
    await say(statistics.service, story(mark))

    async def all_kept() -> bool:
        rows = await bytes_of(statistics.generations)
        ours = [decode(raw) for name, raw in rows.items() if f"/{mark}-" in name]
        return [one["sequence"] for one in ours] == [2] * 2 * CALLS

    await eventually(all_kept)
    shown = await bytes_of(statistics.generations)
    for backwards in (False, True):
        read: list[TopicPartition] = []
        monkeypatch.setattr(room, "read_log", partition_by_partition(read, backwards=backwards))
        done = await statistics.rebuild()
        assert (done.status, done.equal) == (DONE, True)
        assert read == sorted(read, reverse=backwards)
        assert len(set(read)) > 1
        assert await bytes_of(statistics.generations) == shown


def partition_by_partition(
    read: list[TopicPartition], *, backwards: bool
) -> Callable[..., AsyncIterator[ConsumerRecord]]:
    """Read the log one partition after the other, and note which."""

    async def reading(
        bootstrap: str, *, until: Ends, after: Ends | None = None, client: str
    ) -> AsyncIterator[ConsumerRecord]:
        for place in sorted(until, reverse=backwards):
            if until[place] <= (after or {}).get(place, 0):
                continue
            if after is None:
                read.append(place)
            async for record in read_log(bootstrap, until={place: until[place]}, after=after, client=client):
                yield record

    return reading


async def bytes_of(generations: Generations) -> dict[str, bytes]:
    """Return the rows in force as they lie in the store."""
    raw = CodecOptions(document_class=RawBSONDocument)
    found = generations.present.collection.with_options(codec_options=raw).find({})
    return {str(document["_id"]): bytes(document.raw) async for document in found}


async def test_a_rebuild_mends_what_somebody_broke_and_says_so(statistics: Statistics) -> None:
    mark = random.randbytes(4).hex()
    await say(statistics.service, story(mark))
    rows = statistics.generations.present.collection
    query = {"_id": f"{TENANT}/intake/call/{mark}-3"}

    async def kept() -> bool:
        found = await rows.find_one(query)
        return found is not None and found["sequence"] == 2

    await eventually(kept)
    await rows.update_one(query, {"$set": {"rows.0.outcome": "unanswered"}})
    done = await statistics.rebuild()
    assert (done.status, done.equal, done.differing) == (DONE, False, 1)
    mended = await statistics.generations.present.collection.find_one(query)
    assert mended is not None
    assert mended["rows"][0]["outcome"] == "answered"
