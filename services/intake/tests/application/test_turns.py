"""Turns are of callers within their tenant; a call keeps its own, and an answer ends all waiting."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from intake.application.turns import Turns
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told

Say = Callable[..., Fact]
SRI, ADI = Caller("+62 812 0000 1234", "Bu Sri"), Caller("081399990000")


@pytest.fixture
def turns() -> Turns:
    return Turns()


def turn(turns: Turns, fact: Fact, caller: Caller | None = None) -> int:
    return turns.of([Told(fact, caller)]).get(fact.call.call_id, 0)


def test_each_further_call_of_one_number_has_a_later_turn_and_others_have_not(turns: Turns, say: Say) -> None:
    same = [turn(turns, say(FactKind.RINGING, call_id=f"{number}"), SRI) for number in range(3)]
    assert same == [0, 1, 2]
    assert turn(turns, say(FactKind.RINGING, call_id="another"), ADI) == 0


def test_one_number_in_two_spellings_is_one_caller(turns: Turns, say: Say) -> None:
    turn(turns, say(FactKind.RINGING, call_id="a"), SRI)
    assert turn(turns, say(FactKind.RINGING, call_id="b"), Caller("081200001234")) == 1


def test_the_same_number_in_another_tenant_calls_there_for_the_first_time(turns: Turns, say: Say) -> None:
    fact = say(FactKind.RINGING)
    turn(turns, fact, SRI)
    assert turn(turns, replace(fact, call=CallKey("53.71", "pbx-kupang", "1")), SRI) == 0


def test_all_facts_of_one_call_have_its_turn_whether_or_not_they_name_its_number(
    turns: Turns, say: Say
) -> None:
    turn(turns, say(FactKind.RINGING, call_id="a"), SRI)
    told = [(FactKind.RINGING, SRI), (FactKind.QUEUED, SRI), (FactKind.RINGING, SRI), (FactKind.ENDED, None)]
    assert [turn(turns, say(kind, call_id="b"), caller) for kind, caller in told] == [1, 1, 1, 1]


@pytest.mark.parametrize("spoken_with", [FactKind.ANSWERED, FactKind.TRANSFERRED])
def test_whom_an_agent_answered_waits_behind_nobody(turns: Turns, say: Say, spoken_with: FactKind) -> None:
    turn(turns, say(FactKind.RINGING, call_id="a"), SRI)
    kinds = (FactKind.RINGING, spoken_with, FactKind.ENDED)
    assert [turn(turns, say(kind, call_id="b"), SRI) for kind in kinds] == [1, 0, 0]


def test_who_withholds_the_number_is_always_somebody_new(turns: Turns, say: Say) -> None:
    for number in range(3):
        assert turn(turns, say(FactKind.RINGING, call_id=f"{number}"), Caller("", "anonymous")) == 0
        assert turn(turns, say(FactKind.RINGING, call_id=f"none {number}")) == 0


def test_memory_is_bounded_and_the_longest_unheard_leave_first(say: Say) -> None:
    turns, last = Turns(most=2), Caller("081200005678")
    callers = (SRI, ADI, last, SRI, last)
    taken = [turn(turns, say(FactKind.RINGING, call_id=f"{at}"), one) for at, one in enumerate(callers)]
    assert taken == [0, 0, 0, 0, 1]
