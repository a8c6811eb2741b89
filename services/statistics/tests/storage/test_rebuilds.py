"""A rebuild that fails at any step leaves complete figures behind, and nothing else."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace

import pytest
from aiokafka import ConsumerRecord

from service_kit.clock import utc_now
from service_kit.documents import Database
from service_kit.replay import Ends
from service_kit.tenancy import Tenants
from service_kit.transient import Away
from statistics_service.application.ports import Rebuild
from statistics_service.contracts import CALL, Projected
from statistics_service.storage import rebuilds as room
from statistics_service.storage.generations import FIRST, Generations
from statistics_service.storage.rebuilds import DONE, FAILED, RUNNING, LogRebuilds
from statistics_service.storage.rows import NAMED, Rows

TENANT, MONTH = "53.03", "2031-02"


def a_call(number: int) -> Projected:
    return Projected(TENANT, CALL, "intake", f"call/{number}", 1, MONTH, str(number), ({"call_id": number},))


async def kept_in(rows: Rows) -> set[str]:
    return {aggregate async for aggregate, _ in rows.digests()}


@pytest.fixture
async def generations(database: Database) -> Generations:
    made = Generations(database)
    await made.prepare()
    await made.put(a_call(1))
    return made


class Log:
    """The broker's log, which holds one call more than was heard; it goes away when told to."""

    def __init__(self, generations: Generations) -> None:
        self.asked = 0
        self.away_at = 0
        self._generations = generations

    async def ends_of(self, *_: object, **__: object) -> Ends:
        self.asked += 1
        if self.asked == self.away_at:
            raise Away("the log cannot be read now")
        return {}

    async def read_log(self, *_: object, **__: object) -> AsyncIterator[ConsumerRecord]:
        """Tell of no record; what is heard meanwhile comes by itself."""
        await self._generations.put(a_call(1))
        nothing: ConsumerRecord
        for nothing in ():
            yield nothing


@pytest.fixture
def log(generations: Generations, monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log(generations)
    monkeypatch.setattr(room, "ends_of", made.ends_of)
    monkeypatch.setattr(room, "read_log", made.read_log)
    return made


Waits = Callable[[], None]


async def rebuilt(database: Database, generations: Generations, *, waits: Waits = lambda: None) -> Rebuild:
    async def wait(_: float) -> None:
        waits()

    made = LogRebuilds(database, generations, Tenants(), "nowhere", utc_now, wait=wait)
    await made.start("one", by="siti", at=utc_now())
    for task in list(made._running):
        await task
    found = await made.get("one")
    assert found is not None
    return found


async def test_what_was_rebuilt_is_shown_and_the_former_is_gone(
    database: Database, generations: Generations, log: Log
) -> None:
    former = generations.present
    done = await rebuilt(database, generations)
    assert (done.status, log.asked) == (DONE, 2)
    assert generations.present.generation != FIRST
    assert await kept_in(generations.present) == {f"{TENANT}/intake/call/1"}
    assert await kept_in(former) == set()


async def test_what_is_heard_while_generations_are_compared_is_no_difference(
    database: Database, generations: Generations, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Rows.digests_of

    async def heard_between(rows: Rows, aggregates: Sequence[str]) -> dict[str, str]:
        monkeypatch.setattr(Rows, "digests_of", real)
        await generations.put(replace(a_call(1), sequence=2, rows=({"call_id": 1, "outcome": "answered"},)))
        return await rows.digests_of(aggregates)

    monkeypatch.setattr(Rows, "digests_of", heard_between)
    done = await rebuilt(database, generations)
    assert (done.status, done.equal, done.differing) == (DONE, True, 0)


async def test_what_differs_at_every_look_is_told(
    database: Database, generations: Generations, log: Log
) -> None:
    await generations.present.put(a_call(7))
    done = await rebuilt(database, generations)
    assert (done.status, done.equal, done.differing) == (DONE, False, 1)


async def test_a_log_that_goes_away_before_the_switch_changes_nothing(
    database: Database, generations: Generations, log: Log
) -> None:
    log.away_at = 1
    assert (await rebuilt(database, generations)).status == FAILED
    assert generations.present.generation == FIRST
    assert await kept_in(generations.present) == {f"{TENANT}/intake/call/1"}


async def test_a_log_that_goes_away_after_the_switch_costs_no_figure(
    database: Database, generations: Generations, log: Log
) -> None:
    log.away_at = 2
    assert (await rebuilt(database, generations)).status == FAILED
    assert await kept_in(generations.present) == {f"{TENANT}/intake/call/1"}
    await generations.put(a_call(2))
    assert len(await kept_in(generations.present)) == 2


async def test_what_is_heard_during_the_switch_is_in_both_generations(
    database: Database, generations: Generations
) -> None:
    fresh = await generations.begin()
    former = await generations.show(fresh)
    await generations.put(a_call(2))
    assert f"{TENANT}/intake/call/2" in await kept_in(fresh)
    assert f"{TENANT}/intake/call/2" in await kept_in(former)
    await generations.settle()
    await generations.put(a_call(3))
    assert f"{TENANT}/intake/call/3" not in await kept_in(former)


async def test_a_rebuild_that_was_killed_leaves_nothing_to_keep_up(database: Database) -> None:
    before = Generations(database)
    await before.prepare()
    fresh = await before.begin()
    await before.put(a_call(1))
    await database.get_collection("rebuilds").insert_one({"_id": "one", "status": RUNNING})

    after = Generations(database)
    await after.prepare()
    await LogRebuilds(database, after, Tenants(), "nowhere", utc_now).fail_what_was_cut()

    assert await database.list_collection_names() == ["generations", f"{NAMED}{FIRST}", "rebuilds"]
    await after.put(a_call(2))
    assert await kept_in(fresh) == set()
    found = await database.get_collection("rebuilds").find_one({"_id": "one"})
    assert found is not None
    assert found["status"] == FAILED


async def test_what_is_in_one_generation_alone_or_not_the_same_is_suspected(database: Database) -> None:
    shown, fresh = Rows(database, "shown"), Rows(database, "fresh")
    for rows, calls in ((shown, (1, 2, 3, 5)), (fresh, (2, 3, 4, 5, 6))):
        for number in calls:
            await rows.put(a_call(number))
    await fresh.put(replace(a_call(3), sequence=2))
    suspected = await room._suspected(shown, fresh)
    assert suspected == [f"{TENANT}/intake/call/{number}" for number in (1, 3, 4, 6)]
