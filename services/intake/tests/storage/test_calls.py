"""A call is kept as its facts; what they tell is worked out once and never kept."""

from collections.abc import Callable
from dataclasses import replace

from pydantic import TypeAdapter

from intake.domain.call_record import CallRecord, take
from intake.domain.facts import Fact, FactKind

Say = Callable[..., Fact]
KEPT = TypeAdapter(CallRecord)


def record_of(*facts: Fact) -> CallRecord:
    taken = take(None, facts[0].call, facts)
    assert isinstance(taken, CallRecord)
    return taken


def test_the_facts_are_folded_once_for_whatever_is_asked_of_the_call(say: Say) -> None:
    record = record_of(say(FactKind.QUEUED))
    assert record.call is record.call


def test_more_facts_tell_another_call(say: Say) -> None:
    record = record_of(say(FactKind.QUEUED))
    assert not record.call.is_final
    ended = replace(record, facts=(*record.facts, say(FactKind.ABANDONED, 5)))
    assert ended.call.is_final


def test_what_the_facts_tell_is_not_kept_with_them(say: Say) -> None:
    record = record_of(say(FactKind.QUEUED))
    before = KEPT.dump_python(record, mode="json")
    assert record.call.queued_at is not None
    assert KEPT.dump_python(record, mode="json") == before
    assert KEPT.validate_python(before) == record
