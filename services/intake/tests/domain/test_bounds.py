"""A call keeps the facts that tell it; what repeats without end is counted."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from intake.domain.bounds import MOST_OF_A_KIND, MOST_OF_A_RING
from intake.domain.call_record import CallRecord, NothingNew, take
from intake.domain.facts import CallKey, Fact, FactKind
from shared_schemas.sealed import Sealed

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
KEY = CallKey("53.03", "pbx-ttu", "1795418172.0")
RINGS = [FactKind.AGENT_RINGING, FactKind.AGENT_NO_ANSWER, FactKind.AGENT_RING_CANCELED]


def after(record: CallRecord | None, facts: list[Fact]) -> CallRecord:
    taken = take(record, KEY, facts)
    return taken.record if isinstance(taken, NothingNew) else taken


@pytest.mark.parametrize("kind", RINGS)
def test_the_first_rings_are_kept_and_the_others_counted(say: Say, kind: FactKind) -> None:
    rings = [say(kind, at) for at in range(MOST_OF_A_RING + 50)]
    record = after(None, [*rings, say(FactKind.QUEUED, 900)])
    assert [fact for fact in record.facts if fact.kind is kind] == rings[:MOST_OF_A_RING]
    assert record.left_out.count == 50
    assert "too_many_facts" in record.call.notes


def test_a_call_within_its_bounds_keeps_everything_and_is_not_marked(say: Say) -> None:
    rings = [say(FactKind.AGENT_NO_ANSWER, at) for at in range(MOST_OF_A_RING)]
    record = after(None, rings)
    assert (len(record.facts), record.left_out.count, record.call.notes) == (MOST_OF_A_RING, 0, ())


def test_facts_that_tell_a_call_are_kept_beside_any_number_of_rings(say: Say) -> None:
    record = after(None, [say(FactKind.AGENT_NO_ANSWER, at) for at in range(1_000)])
    record = after(
        record, [say(FactKind.QUEUED, 0), say(FactKind.ANSWERED, 2_000), say(FactKind.ENDED, 2_001)]
    )
    assert (record.call.outcome, len(record.facts)) == ("answered", MOST_OF_A_RING + 3)


def test_told_one_by_one_they_are_counted_one_by_one(say: Say) -> None:
    rings = [say(FactKind.AGENT_NO_ANSWER, at) for at in range(MOST_OF_A_RING + 20)]
    record: CallRecord | None = None
    for ring in rings:
        record = after(record, [ring])
    assert record == after(None, rings)


def test_a_repeat_of_what_was_left_out_is_dull(say: Say) -> None:
    rings = [say(FactKind.AGENT_NO_ANSWER, at) for at in range(MOST_OF_A_RING + 20)]
    record = after(None, rings)
    assert isinstance(take(record, KEY, rings), NothingNew)
    assert isinstance(take(record, KEY, rings[-5:]), NothingNew)


def test_any_order_keeps_the_same_facts(say: Say) -> None:
    rings = [say(FactKind.AGENT_NO_ANSWER, at) for at in range(MOST_OF_A_RING + 100)]
    shuffled = random.Random(7).sample(rings, k=len(rings))
    record: CallRecord | None = None
    for first in range(0, len(shuffled), 30):
        record = after(record, shuffled[first : first + 30])
    assert record is not None
    assert record.call == after(None, rings).call


def test_an_exchange_that_gives_every_call_one_id_cannot_fill_the_store(say: Say) -> None:
    record = after(None, [say(FactKind.QUEUED, at) for at in range(3 * MOST_OF_A_KIND)])
    assert (len(record.facts), record.left_out.count) == (MOST_OF_A_KIND, 2 * MOST_OF_A_KIND)


def test_the_same_words_sealed_again_after_a_crash_are_the_same_fact(say: Say) -> None:
    fact = replace(say(FactKind.QUEUED), caller=Sealed("k", "nonce 1", "words"), caller_ref="r")
    for nonce in ("nonce 0", "nonce 2"):
        resealed = replace(fact, caller=Sealed("k", nonce, "words"))
        assert isinstance(take(after(None, [fact]), KEY, [resealed]), NothingNew)


def test_an_earlier_hearing_of_one_statement_wins_whichever_came_first(say: Say) -> None:
    late = replace(say(FactKind.QUEUED), recorded_at=NOON + timedelta(hours=1))
    early = replace(late, recorded_at=NOON)
    assert after(after(None, [late]), [early]) == after(after(None, [early]), [late])
