"""What intake says of a call is what the contract promises, whatever was heard."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from intake import contracts
from intake.contracts.calls import call_said
from intake.domain.call_record import CallRecord, take
from intake.domain.facts import CallKey, Fact, FactKind
from shared_schemas.events import CallState
from shared_schemas.sealed import Sealed
from shared_schemas.topics import TOPICS

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
KEY = CallKey("53.03", "pbx-ttu", "1795418172.0")


def said(*facts: Fact) -> CallState:
    record = take(None, KEY, facts)
    assert isinstance(record, CallRecord)
    return CallState.model_validate_json(call_said(record, LATER).model_dump_json())


def test_an_answered_call_is_told_whole(say: Say) -> None:
    sealed = Sealed("call/1", "nonce", "words")
    state = said(
        say(FactKind.QUEUED, 2, queue="ttu112", caller=sealed, caller_ref="ref-1"),
        say(FactKind.AGENT_NO_ANSWER, 20, queue="ttu112", agent="Petugas 2"),
        say(FactKind.ANSWERED, 30, queue="ttu112", agent="Petugas 1", waiting=28, ringing=4),
        say(FactKind.ENDED, 90, queue="ttu112", agent="Petugas 1", talking=60, ended_by="caller"),
    )
    assert (state.tenant, state.trunk, state.exchange_call_id) == ("53.03", "pbx-ttu", "1795418172.0")
    assert (state.call_id, state.recorded_at) == (KEY.call_id, LATER)
    assert (state.stage, state.outcome, state.detail) == ("ended", "answered", "answered")
    assert (state.queue, state.agent, state.ended_by) == ("ttu112", "Petugas 1", "caller")
    assert (state.waiting_seconds, state.ringing_seconds, state.talking_seconds) == (28, 4, 60)
    assert (state.started_at, state.ended_at) == (
        NOON + timedelta(seconds=2),
        NOON + timedelta(seconds=90),
    )
    assert (state.caller, state.caller_ref, state.story) == (sealed, "ref-1", None)
    assert (state.agents_rung_without_answer, state.witnesses) == (("Petugas 2",), ("queue_log",))
    assert state.desk is None


def test_a_waiting_call_has_no_outcome_yet(say: Say) -> None:
    state = said(say(FactKind.QUEUED, queue="ttu112"))
    assert (state.stage, state.outcome, state.ended_at, state.waiting_seconds) == ("queued", None, None, None)


def test_names_of_any_length_never_stop_a_call_from_being_told(say: Say) -> None:
    long = "n" * 5_000
    key = CallKey("53.03", long, long)
    facts = [
        replace(say(FactKind.QUEUED, 0, queue=long), call=key),
        replace(say(FactKind.AGENT_NO_ANSWER, 1, queue=long, agent=long), call=key),
        replace(say(FactKind.ANSWERED, 2, queue=long, agent=long), call=key),
    ]
    record = take(None, key, facts)
    assert isinstance(record, CallRecord)
    state = call_said(record, NOON)
    labels = (state.trunk, state.exchange_call_id, state.queue, state.agent, *state.queues)
    assert {len(label) for label in labels} == {200}


def test_an_agents_telephone_that_rings_all_day_never_stops_a_call_from_being_told(say: Say) -> None:
    rings = [say(FactKind.AGENT_NO_ANSWER, at, queue="q", agent="Petugas 1") for at in range(1_500)]
    queued = [say(FactKind.QUEUED, at, queue=f"q{at}") for at in range(1_500)]
    state = said(*rings, *queued)
    assert len(state.agents_rung_without_answer) == 200
    assert len(state.queues) == 500
    assert "too_many_facts" in state.notes


def test_intake_says_what_the_topics_say_it_says() -> None:
    assert {name for name, topic in TOPICS.items() if "intake" in topic.producers} == contracts.SAYS
    assert {name for name, topic in TOPICS.items() if "intake" in topic.consumers} - {
        "tenant.configured"
    } == contracts.HEARS
