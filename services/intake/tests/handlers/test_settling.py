"""From the real spool into the calls: what fails waits, what is poison stops nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Arrival, CallsAway, SealedCaller
from intake.application.settle_call import SettleCall
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told
from intake.domain.turn import Lane
from intake.gateways.spool import SqliteSpool
from intake.handlers import settling as settling_module
from intake.handlers.settling import Settling
from service_kit.vault import Quarantine
from shared_schemas.sealed import Sealed

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Enough(Exception):
    """What was to be seen was seen."""


class Calls:
    """The calls' home; it can be away, and it can choke on one call."""

    def __init__(self) -> None:
        self.taken: dict[str, int] = {}
        self.is_away = False
        self.poison: str | None = None
        self.heard = asyncio.Event()

    async def take(self, key: CallKey, facts: Sequence[Fact]) -> None:
        if self.is_away:
            raise CallsAway("no store")
        if key.exchange_call_id == self.poison:
            raise ValueError("cannot be saved")
        self.taken[key.exchange_call_id] = len(facts)
        self.heard.set()


class Callers:
    async def seal(self, key: CallKey, caller: Caller) -> SealedCaller:
        return SealedCaller(Sealed(key.call_id, "nonce", "ciphertext"))


class Time:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def calls() -> Calls:
    return Calls()


@pytest.fixture
async def spool(tmp_path: Path, time: Time) -> AsyncIterator[SqliteSpool]:
    opened = SqliteSpool(tmp_path / "spool.db", Quarantine(b"o" * 32), time)
    await opened.start()
    yield opened
    await opened.close()


async def keep(spool: SqliteSpool, *facts: Fact, turn: int = 0) -> None:
    turns = {fact.call.call_id: turn for fact in facts}
    await spool.append(Arrival(source="test", told=[Told(fact) for fact in facts], turns=turns))


async def test_what_is_settled_leaves_the_spool(
    spool: SqliteSpool, calls: Calls, time: Time, say: Say
) -> None:
    await keep(spool, say(FactKind.QUEUED), say(FactKind.ENDED), say(FactKind.QUEUED, call_id="b"))
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), time)
    assert await settling.settle_some() == 2
    assert calls.taken == {"1795418172.0": 2, "b": 1}
    assert await spool.waiting() == []
    assert await settling.settle_some() == 0


async def test_while_the_store_is_away_everything_stays_and_pauses_grow(
    spool: SqliteSpool, calls: Calls, time: Time, say: Say
) -> None:
    pauses: list[float] = []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 4:
            raise Enough

    await keep(spool, say(FactKind.QUEUED))
    calls.is_away = True
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), time, wait=wait)
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(settling.run(), timeout=10)
    assert pauses == [0.1, 0.2, 0.4, 0.8]
    assert [one.facts for one in await spool.waiting()] == [1]


async def test_a_call_that_cannot_be_settled_is_put_off_and_stops_nobody(
    spool: SqliteSpool, calls: Calls, time: Time, say: Say
) -> None:
    await keep(spool, say(FactKind.QUEUED, call_id="poison"), say(FactKind.QUEUED, call_id="fine"))
    calls.poison = "poison"
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), time)
    assert await settling.settle_some() == 2
    assert (calls.taken, await settling.settle_some()) == ({"fine": 1}, 0)
    calls.poison = None
    time.now += timedelta(seconds=1)
    assert await settling.settle_some() == 1
    assert calls.taken == {"fine": 1, "poison": 1}


async def test_new_facts_are_settled_as_soon_as_they_are_told_of(
    spool: SqliteSpool, calls: Calls, time: Time, say: Say
) -> None:
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), time)
    running = asyncio.create_task(settling.run())
    await keep(spool, say(FactKind.QUEUED))
    settling.tell(Lane.FIRST)
    async with asyncio.timeout(5):
        await calls.heard.wait()
    running.cancel()
    assert calls.taken == {"1795418172.0": 1}


class SlowCalls(Calls):
    """A home in which each call takes a second of the loop's clock; it tells the order in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.order: list[str] = []

    async def take(self, key: CallKey, facts: Sequence[Fact]) -> None:
        await asyncio.sleep(0.02)
        await super().take(key, facts)
        self.order.append(key.exchange_call_id)


async def test_who_calls_again_is_settled_one_by_one_and_rests_as_long_as_it_took(
    spool: SqliteSpool, time: Time, say: Say
) -> None:
    calls, rests = SlowCalls(), list[float]()

    async def wait(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 3:
            raise Enough

    await keep(spool, *(say(FactKind.RINGING, call_id=f"again {number}") for number in range(3)), turn=1)
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), time, wait=wait)
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(settling.run(), timeout=10)
    assert calls.order == ["again 0", "again 1", "again 2"]
    assert all(rest >= 0.02 for rest in rests)


async def test_after_a_store_that_stood_still_nobody_rests_as_long_as_it_stood(
    spool: SqliteSpool, time: Time, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling_module, "LONGEST_PAUSE_SECONDS", 0.01)
    rests = list[float]()

    async def wait(seconds: float) -> None:
        rests.append(seconds)
        raise Enough

    await keep(spool, say(FactKind.RINGING, call_id="again"), turn=1)
    settling = Settling(spool, SettleCall(SlowCalls(), Callers(), CurrentCalls()), time, wait=wait)
    with pytest.raises(ExceptionGroup):
        await asyncio.wait_for(settling.run(), timeout=10)
    assert rests == [0.01]


async def test_a_first_call_is_settled_while_those_who_call_again_rest(
    spool: SqliteSpool, calls: Calls, time: Time, say: Say
) -> None:
    resting, rested = asyncio.Event(), asyncio.Event()

    async def wait(_: float) -> None:
        resting.set()
        await rested.wait()

    await keep(spool, *(say(FactKind.RINGING, call_id=f"again {number}") for number in range(9)), turn=1)
    settling = Settling(spool, SettleCall(calls, Callers(), CurrentCalls()), time, wait=wait)
    async with asyncio.timeout(10), asyncio.TaskGroup() as together:
        running = together.create_task(settling.run())
        await resting.wait()
        calls.heard.clear()
        await keep(spool, say(FactKind.RINGING, call_id="first"))
        settling.tell(Lane.FIRST)
        await calls.heard.wait()
        running.cancel()
    assert list(calls.taken) == ["again 0", "first"]
