"""A call folds from facts in any order, told any number of times, by any witnesses."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.domain.call import NotOneCall, fold
from intake.domain.facts import CallKey, Exit, Fact, FactKind, Witness
from intake.domain.telling import Note
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import CallOutcome, CallStage, EndedBy

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = CallKey("53.03", "pbx-ttu", "1795418172.0")
API = Witness.EVENTS_API


SECONDS = st.integers(0, 120).map(lambda value: timedelta(seconds=value))
TIMES = SECONDS.map(lambda later: NOON + later)
ANY_FACT = st.builds(
    Fact,
    id=st.just(""),
    call=st.just(KEY),
    kind=st.sampled_from(FactKind),
    witness=st.sampled_from(Witness),
    occurred_at=TIMES,
    recorded_at=TIMES,
    order=st.integers(0, 3),
    queue=st.sampled_from(["", "ttu112", "kupang112"]),
    agent=st.sampled_from(["", "Petugas 1", "Petugas 2"]),
    waiting=st.none() | SECONDS,
    talking=st.none() | SECONDS,
    ended_by=st.none() | st.sampled_from(EndedBy),
    exit=st.none() | st.sampled_from(Exit),
    caller=st.sampled_from([None, Sealed("key", "a", "x"), Sealed("key", "b", "x")]),
)
ANY_CALL = (
    st.lists(ANY_FACT, min_size=1, max_size=12)
    .map(lambda facts: [replace(fact, id=str(name)) for name, fact in enumerate(facts)])
    .filter(lambda facts: any(fact.kind is not FactKind.LOST_SIGHT for fact in facts))
)
"""Any facts at all about one call: impossible, contradictory, of all witnesses, within two minutes."""


@settings(max_examples=400)
@given(facts=ANY_CALL, seed=st.integers(0, 10_000))
def test_any_order_and_any_repeat_tell_the_same_call(facts: list[Fact], seed: int) -> None:
    chance = random.Random(seed)
    late = [replace(fact, recorded_at=fact.recorded_at + timedelta(hours=1)) for fact in facts]
    told_again = [*facts, *chance.choices(facts + late, k=len(facts))]
    chance.shuffle(told_again)
    assert fold(told_again) == fold(facts)


@settings(max_examples=400)
@given(facts=ANY_CALL)
def test_whatever_was_said_a_call_has_one_outcome_exactly_when_it_is_over(facts: list[Fact]) -> None:
    call = fold(facts)
    assert (call.outcome is not None) == (call.stage is CallStage.ENDED)
    assert (call.outcome is CallOutcome.ANSWERED) == (call.detail == "answered")
    assert (call.ended_by is not None) == (call.outcome is CallOutcome.ANSWERED)
    durations = [call.waiting, call.ringing, call.talking]
    assert all(value >= timedelta() for value in durations if value is not None)


def told(say: Say, *said: tuple[FactKind, float, dict[str, object]]) -> list[Fact]:
    return [say(kind, at, **known) for kind, at, known in said]


def outcome_of(facts: Sequence[Fact]) -> tuple[CallStage, CallOutcome | None, str]:
    call = fold(facts)
    return call.stage, call.outcome, call.detail


def test_a_call_goes_from_ringing_through_the_queue_to_its_end(say: Say) -> None:
    facts = [
        say(FactKind.RINGING, 0, witness=API),
        say(FactKind.QUEUED, 5, witness=API, queue="ttu112"),
        say(FactKind.ANSWERED, 15, witness=API, agent="Petugas 1"),
        say(FactKind.ENDED, 75, witness=API, ended_by=EndedBy.AGENT),
    ]
    stages = [fold(facts[:count]).stage for count in range(1, 5)]
    assert stages == [CallStage.RINGING, CallStage.QUEUED, CallStage.ANSWERED, CallStage.ENDED]
    call = fold(facts)
    assert (call.waiting, call.talking) == (timedelta(seconds=10), timedelta(seconds=60))
    assert (call.agent, call.ended_by, call.started_at) == ("Petugas 1", EndedBy.AGENT, NOON)


def test_giving_up_before_any_queue_is_giving_up_in_the_menu(say: Say) -> None:
    facts = [say(FactKind.RINGING, 0, witness=API), say(FactKind.ABANDONED, 4, witness=API)]
    assert outcome_of(facts) == (CallStage.ENDED, CallOutcome.ABANDONED_IN_MENU, "abandoned_in_menu")


def test_hanging_up_unanswered_is_giving_up_even_where_the_exchange_calls_it_an_end(say: Say) -> None:
    facts = [
        say(FactKind.QUEUED, 0, witness=API, queue="ttu112"),
        say(FactKind.ENDED, 9, witness=API, ended_by=EndedBy.CALLER),
    ]
    assert outcome_of(facts)[1:] == (CallOutcome.ABANDONED_IN_QUEUE, "abandoned_in_queue")


def test_an_end_without_answer_and_without_the_callers_hand_is_unanswered(say: Say) -> None:
    facts = [say(FactKind.RINGING, 0, witness=API), say(FactKind.ENDED, 9, witness=API)]
    assert outcome_of(facts) == (CallStage.ENDED, CallOutcome.UNANSWERED, "not_answered")


def test_leaving_a_queue_is_an_end_until_the_caller_stands_in_the_next(say: Say) -> None:
    left = [
        say(FactKind.QUEUED, 0, queue="rujukan-rs"),
        say(FactKind.EXITED, 1, queue="rujukan-rs", exit=Exit.TIMEOUT, waiting=1, order=1),
    ]
    assert outcome_of(left) == (CallStage.ENDED, CallOutcome.UNANSWERED, "exit_timeout")
    again = [*left, say(FactKind.QUEUED, 1, queue="siaga-112", order=2)]
    assert outcome_of(again) == (CallStage.QUEUED, None, "")


def test_a_transfer_back_into_a_queue_is_one_call_with_two_talks(say: Say) -> None:
    call = fold(
        told(
            say,
            (FactKind.QUEUED, 0, {"queue": "a"}),
            (FactKind.ANSWERED, 5, {"queue": "a", "agent": "Petugas 1", "waiting": 5}),
            (FactKind.TRANSFERRED, 15, {"queue": "a", "agent": "Petugas 1", "talking": 10}),
            (FactKind.QUEUED, 16, {"queue": "b"}),
            (FactKind.ANSWERED, 20, {"queue": "b", "agent": "Petugas 2", "waiting": 4}),
            (FactKind.ENDED, 50, {"queue": "b", "talking": 30, "ended_by": EndedBy.CALLER}),
        )
    )
    assert (call.queues, call.agent, call.transfers) == (("a", "b"), "Petugas 1", 1)
    assert (call.waiting, call.talking) == (timedelta(seconds=5), timedelta(seconds=40))
    assert (call.ended_by, call.hung_up_first) == (EndedBy.CALLER, EndedBy.CALLER)


def test_a_talk_whose_beginning_was_missed_was_answered_all_the_same(say: Say) -> None:
    call = fold([say(FactKind.ENDED, 60, queue="a", agent="Petugas 1", waiting=8, talking=40)])
    assert (call.outcome, call.agent) == (CallOutcome.ANSWERED, "Petugas 1")
    assert call.answered_at == NOON + timedelta(seconds=20)
    assert set(call.notes) == {Note.ENTRY_NOT_SEEN, Note.ANSWER_NOT_SEEN}


@pytest.mark.parametrize(
    ("extra", "at", "known", "note"),
    [
        (FactKind.ANSWERED, 7, {"agent": "Petugas 9"}, Note.ANSWERED_AGAIN),
        (FactKind.ABANDONED, 8, {}, Note.ABANDONED_AFTER_ANSWER),
        (FactKind.ENDED, 70, {}, Note.ENDED_TWICE),
        (FactKind.QUEUED, 6, {}, Note.QUEUED_AGAIN),
    ],
)
def test_a_fact_that_cannot_be_is_kept_and_marked_and_changes_no_outcome(
    say: Say, extra: FactKind, at: float, known: dict[str, object], note: Note
) -> None:
    facts = [
        say(FactKind.QUEUED, 0, queue="a"),
        say(FactKind.ANSWERED, 5, queue="a", agent="Petugas 1"),
        say(FactKind.ENDED, 60, queue="a", agent="Petugas 1", ended_by=EndedBy.CALLER),
    ]
    call = fold([*facts, say(extra, at, queue="a", **known)])
    assert (call.outcome, call.agent) == (CallOutcome.ANSWERED, "Petugas 1")
    assert note in call.notes


def test_numbers_that_disagree_with_the_clock_are_believed_and_marked(say: Say) -> None:
    call = fold([say(FactKind.QUEUED, 0, queue="a"), say(FactKind.ABANDONED, 50, queue="a", waiting=9)])
    assert (call.waiting, call.notes) == (timedelta(seconds=9), (Note.NUMBERS_DISAGREE,))


def test_a_wait_of_no_time_is_a_wait_of_no_time(say: Say) -> None:
    call = fold([say(FactKind.QUEUED, 0, queue="a"), say(FactKind.ABANDONED, 0, queue="a", waiting=0)])
    assert call.waiting == timedelta()


def test_two_witnesses_with_different_clocks_never_make_one_duration_together(say: Say) -> None:
    by_log = [
        say(FactKind.QUEUED, 0, queue="a"),
        say(FactKind.ANSWERED, 10, queue="a", agent="Petugas 1", waiting=10),
    ]
    by_api = [
        say(FactKind.QUEUED, 100, queue="a", witness=API),
        say(FactKind.ANSWERED, 112, agent="Petugas 1", witness=API),
        say(FactKind.ENDED, 142, witness=API, ended_by=EndedBy.CALLER),
    ]
    call = fold(by_log + by_api)
    assert (call.waiting, call.talking) == (timedelta(seconds=10), timedelta(seconds=30))
    assert (call.stage, call.witnesses) == (CallStage.ENDED, (Witness.QUEUE_LOG, API))


def test_an_answer_that_one_witness_saw_is_an_answer(say: Say) -> None:
    facts = [
        say(FactKind.QUEUED, 0, queue="a"),
        say(FactKind.ABANDONED, 20, queue="a"),
        say(FactKind.ANSWERED, 19, witness=API, agent="Petugas 1"),
        say(FactKind.ENDED, 80, witness=API, ended_by=EndedBy.AGENT),
    ]
    call = fold(facts)
    assert (call.outcome, call.agent) == (CallOutcome.ANSWERED, "Petugas 1")
    assert Note.WITNESSES_DISAGREE in call.notes


def test_no_facts_are_no_call() -> None:
    with pytest.raises(NotOneCall):
        fold([])


def test_facts_of_two_calls_are_not_one_call(say: Say) -> None:
    with pytest.raises(NotOneCall):
        fold([say(FactKind.RINGING), say(FactKind.RINGING, call_id="another")])


def test_the_same_call_has_the_same_id_everywhere_and_another_tenants_has_another() -> None:
    assert KEY.call_id == CallKey("53.03", "pbx-ttu", "1795418172.0").call_id
    assert KEY.call_id != CallKey("53.71", KEY.trunk, KEY.exchange_call_id).call_id
