"""Kept first, answered then, settled after that; every step may happen twice."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Arrival, SealedCaller, SpooledCall, SpoolUnwritable
from intake.application.settle_call import SettleCall
from intake.application.take_facts import TakeFacts
from intake.domain.call import NotOneCall, fold
from intake.domain.call_record import CallRecord, NothingNew, take
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told
from intake.domain.turn import Lane
from shared_schemas.sealed import Sealed

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = CallKey("53.03", "pbx-ttu", "1795418172.0")
CALLER = Caller("081200001234", "Bu Sri")


class OnlyAppends:
    """As much of a spool as taking needs."""

    def __init__(self) -> None:
        self.kept: list[Arrival] = []
        self.is_full = False

    async def append(self, arrival: Arrival) -> None:
        if self.is_full:
            raise SpoolUnwritable("full")
        self.kept.append(arrival)


class Calls:
    def __init__(self) -> None:
        self.records: dict[CallKey, CallRecord] = {}

    async def take(self, key: CallKey, facts: Sequence[Fact]) -> None:
        taken = take(self.records.get(key), key, facts)
        if isinstance(taken, CallRecord):
            self.records[key] = taken


class Callers:
    async def seal(self, key: CallKey, caller: Caller) -> SealedCaller:
        return SealedCaller(Sealed(key.call_id, "nonce", caller.number[::-1]), "ref-1")


async def test_what_is_taken_is_kept_before_it_is_listed_and_settling_is_told(say: Say) -> None:
    spool, current, told = OnlyAppends(), CurrentCalls(), list[Lane]()
    take_facts = TakeFacts(spool, current, told.append)
    arrival = Arrival(source="test", told=[Told(say(FactKind.QUEUED, queue="a"), CALLER)])
    await take_facts(arrival)
    assert (spool.kept, told) == ([arrival], [Lane.FIRST])
    assert [call.queue for call in current.of("53.03", NOON)] == ["a"]


async def test_who_calls_again_is_kept_behind_who_calls_for_the_first_time(say: Say) -> None:
    spool, told = OnlyAppends(), list[Lane]()
    take_facts = TakeFacts(spool, CurrentCalls(), told.append)
    for call_id in ("a", "b"):
        await take_facts(Arrival(source="test", told=[Told(say(FactKind.RINGING, call_id=call_id), CALLER)]))
    again = CallKey("53.03", "pbx-ttu", "b").call_id
    assert [arrival.turns for arrival in spool.kept] == [{}, {again: 1}]
    assert told == [Lane.FIRST, Lane.AGAIN]


async def test_what_the_spool_could_not_keep_was_not_heard(say: Say) -> None:
    spool, current, told = OnlyAppends(), CurrentCalls(), list[Lane]()
    spool.is_full = True
    with pytest.raises(SpoolUnwritable):
        await TakeFacts(spool, current, told.append)(
            Arrival(source="test", told=[Told(say(FactKind.QUEUED))])
        )
    assert (current.of("53.03", NOON), told) == ([], [])


async def test_settling_seals_the_caller_and_doing_it_twice_is_dull(say: Say) -> None:
    calls, fact = Calls(), say(FactKind.QUEUED)
    settle = SettleCall(calls, Callers(), CurrentCalls())
    spooled = SpooledCall(KEY, (Told(fact, CALLER), Told(say(FactKind.ENDED, 9))), ("1", "2"))
    await settle(spooled)
    once = calls.records[KEY]
    await settle(spooled)
    assert calls.records[KEY] is once
    assert (once.call.caller, once.call.caller_ref) == (Sealed(KEY.call_id, "nonce", "432100002180"), "ref-1")


def test_facts_taken_in_two_steps_make_the_call_that_one_step_makes(say: Say) -> None:
    facts = [say(FactKind.QUEUED, queue="a"), say(FactKind.ANSWERED, 4, queue="a"), say(FactKind.ENDED, 9)]
    late_first = take(None, KEY, facts[2:])
    assert isinstance(late_first, CallRecord)
    whole = take(late_first, KEY, facts[:2])
    assert isinstance(whole, CallRecord)
    assert whole.call == fold(facts)
    assert isinstance(take(whole, KEY, facts), NothingNew)


def test_a_fact_of_another_call_is_never_taken(say: Say) -> None:
    with pytest.raises(NotOneCall):
        take(None, KEY, [say(FactKind.QUEUED, call_id="another")])


def test_current_calls_leave_the_list_when_they_end_and_never_show_to_another_tenant(say: Say) -> None:
    current = CurrentCalls()
    current.hear([Told(say(FactKind.QUEUED, 0, queue="a")), Told(say(FactKind.QUEUED, 1, call_id="second"))])
    assert [call.key.exchange_call_id for call in current.of("53.03", NOON)] == ["1795418172.0", "second"]
    assert current.of("53.71", NOON) == []
    current.hear([Told(say(FactKind.ABANDONED, 7, queue="a"))])
    assert [call.key.exchange_call_id for call in current.of("53.03", NOON)] == ["second"]


def test_current_calls_are_bounded_and_keep_those_that_are_not_over(say: Say) -> None:
    current = CurrentCalls(most=10)
    current.hear([Told(say(FactKind.QUEUED, 0, call_id="still here"))])
    for number in range(30):
        ended = say(FactKind.ABANDONED, 5, call_id=f"over {number}", queue="a")
        current.hear([Told(ended)])
    assert [call.key.exchange_call_id for call in current.of("53.03", NOON)] == ["still here"]
    current.hear([Told(say(FactKind.QUEUED, 9, call_id=f"new {number}")) for number in range(30)])
    assert len(current.of("53.03", NOON)) == 10


def test_current_calls_that_the_store_knows_are_left_to_it(say: Say) -> None:
    current, queued, ringing = CurrentCalls(), say(FactKind.QUEUED), say(FactKind.AGENT_RINGING, 3)
    current.hear([Told(queued)])
    current.settled(SpooledCall(KEY, (Told(queued),), ("1",)))
    assert (len(current.of("53.03", NOON)), current.of("53.03", NOON, unsettled_only=True)) == (1, [])
    current.hear([Told(ringing)])
    assert len(current.of("53.03", NOON, unsettled_only=True)) == 1


def test_a_call_of_another_tenant_is_not_in_memory_for_this_one(say: Say) -> None:
    current = CurrentCalls()
    current.hear([Told(say(FactKind.QUEUED))])
    assert current.get("53.03", KEY.call_id) is not None
    assert current.get("53.71", KEY.call_id) is None
