"""A call whose end never comes is not open for ever; whatever is heard later corrects it."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from intake.domain.call import NotOneCall, fold
from intake.domain.call_record import CallRecord, NothingNew, lose_sight, take
from intake.domain.facts import CallKey, Fact, FactKind
from shared_schemas.vocabulary import CallStage

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = CallKey("53.03", "pbx-ttu", "1795418172.0")
SILENCE = timedelta(hours=4)


def record_of(facts: Sequence[Fact]) -> CallRecord:
    taken = take(None, KEY, facts)
    assert isinstance(taken, CallRecord)
    return taken


def lost(record: CallRecord, *, at: datetime | None = None) -> CallRecord:
    deadline = record.lost_sight_at(SILENCE)
    assert deadline is not None
    ended = lose_sight(record, SILENCE, at or deadline)
    assert isinstance(ended, CallRecord)
    return ended


def test_the_deadline_follows_the_last_word_by_our_own_clock(say: Say) -> None:
    first = replace(say(FactKind.QUEUED), recorded_at=NOON + timedelta(hours=2))
    second = replace(say(FactKind.AGENT_RINGING, 9), recorded_at=NOON + timedelta(hours=1))
    assert record_of([first, second]).lost_sight_at(SILENCE) == NOON + timedelta(hours=6)


def test_nothing_is_lost_before_the_deadline(say: Say) -> None:
    record = record_of([say(FactKind.QUEUED)])
    early = lose_sight(record, SILENCE, NOON + SILENCE - timedelta(microseconds=1))
    assert isinstance(early, NothingNew)
    assert isinstance(lose_sight(record, SILENCE, NOON + SILENCE), CallRecord)


def test_a_call_that_is_over_is_never_lost(say: Say) -> None:
    record = record_of([say(FactKind.QUEUED), say(FactKind.ABANDONED, 5)])
    assert record.lost_sight_at(SILENCE) is None
    assert isinstance(lose_sight(record, SILENCE, NOON + timedelta(days=9)), NothingNew)


@pytest.mark.parametrize(
    ("seen", "outcome", "detail", "ended_by"),
    [
        ([FactKind.RINGING], "unanswered", "lost_sight", None),
        ([FactKind.QUEUED], "unanswered", "lost_sight", None),
        ([FactKind.QUEUED, FactKind.ANSWERED], "answered", "answered", "unknown"),
    ],
)
def test_it_ends_with_the_outcome_that_was_seen_marked_and_without_a_time_of_its_end(
    say: Say, seen: list[FactKind], outcome: str, detail: str, ended_by: str | None
) -> None:
    record = record_of([say(kind, at, queue="q") for at, kind in enumerate(seen)])
    call = lost(record).call
    assert (call.stage, call.outcome, call.detail, call.ended_by) == ("ended", outcome, detail, ended_by)
    assert (call.ended_at, call.talking) == (None, None)
    assert ("lost_sight" in call.notes, "clock" in call.witnesses) == (True, False)
    assert "lost_sight" not in record.call.notes


def test_losing_sight_twice_is_dull(say: Say) -> None:
    ended = lost(record_of([say(FactKind.QUEUED)]))
    assert ended.lost_sight_at(SILENCE) is None
    assert isinstance(lose_sight(ended, SILENCE, NOON + timedelta(days=1)), NothingNew)


def test_two_replicas_that_lose_sight_at_once_say_the_same(say: Say) -> None:
    record = record_of([say(FactKind.QUEUED)])
    one, other = lost(record), lost(record, at=NOON + timedelta(hours=5))
    both = take(one, KEY, other.facts)
    assert isinstance(both, NothingNew)


def test_the_true_end_told_late_corrects_it_in_any_order(say: Say) -> None:
    queued = say(FactKind.QUEUED, queue="q")
    told_late = replace(say(FactKind.ABANDONED, 40, queue="q"), recorded_at=NOON + timedelta(hours=7))
    clock = lost(record_of([queued])).facts
    expected = fold([queued, told_late])
    assert (expected.outcome, expected.notes) == ("abandoned_in_queue", ())
    for order in permutations({*clock, told_late}):
        assert record_of(list(order)).call == expected


def test_a_sign_of_life_opens_it_again_with_a_new_deadline(say: Say) -> None:
    ended = lost(record_of([say(FactKind.QUEUED, queue="q")]))
    alive = replace(say(FactKind.ANSWERED, 16_000, queue="q"), recorded_at=NOON + timedelta(hours=5))
    again = take(ended, KEY, [alive])
    assert isinstance(again, CallRecord)
    assert (again.call.stage, again.call.outcome) == (CallStage.ANSWERED, None)
    assert again.lost_sight_at(SILENCE) == NOON + timedelta(hours=9)
    assert lost(again).call.outcome == "answered"


def test_a_word_that_was_heard_in_time_but_saved_late_refutes_it(say: Say) -> None:
    ended = lost(record_of([say(FactKind.QUEUED, queue="q")]))
    from_another_spool = replace(say(FactKind.AGENT_RINGING, 60), recorded_at=NOON + timedelta(hours=3))
    again = take(ended, KEY, [from_another_spool])
    assert isinstance(again, CallRecord)
    assert (again.call.stage, again.lost_sight_at(SILENCE)) == (CallStage.QUEUED, NOON + timedelta(hours=7))


def test_a_repeat_of_an_old_word_is_no_sign_of_life(say: Say) -> None:
    queued = say(FactKind.QUEUED, queue="q")
    ended = lost(record_of([queued]))
    repeated = replace(queued, recorded_at=NOON + timedelta(hours=5))
    assert isinstance(take(ended, KEY, [repeated]), NothingNew)


def test_the_clock_alone_tells_no_call(say: Say) -> None:
    with pytest.raises(NotOneCall):
        fold([say(FactKind.LOST_SIGHT)])
