"""What any exchange may say over HTTP: in any order, told any number of times, it is the same call."""

import itertools
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from intake.contracts.calls import call_state
from intake.contracts.exchange_events import ExchangeEvent, ExchangeEventKind, told_by, understood
from intake.domain.call_record import CallRecord, NothingNew, take
from intake.domain.facts import Told, Trunk
from shared_schemas.events import CallState

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TTU = Trunk("53.03", "pbx-ttu")
SECONDS = st.none() | st.floats(0, 600)
WORDS = st.sampled_from(["", "ttu112", "Petugas 1"])
EVENTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from([kind.value for kind in ExchangeEventKind]),
        "occurred_at": st.integers(0, 90).map(
            lambda seconds: (NOON + timedelta(seconds=seconds)).isoformat()
        ),
        "queue": WORDS,
        "agent": WORDS,
        "waiting_seconds": SECONDS,
        "talking_seconds": SECONDS,
        "ended_by": st.sampled_from([None, "caller", "agent", "operator"]),
        "target": st.sampled_from(["", "118", "081200001234"]),
    }
)


def heard(said: dict[str, Any], recorded_at: datetime) -> Told:
    event = ExchangeEvent.model_validate({"call_id": "1795418172.0", **said})
    assert event.kind is not None
    return told_by(event, event.kind, TTU, recorded_at)


def told_in(messages: list[Told]) -> CallRecord:
    """Take messages one by one, as separate deliveries."""
    record: CallRecord | None = None
    for message in messages:
        taken = take(record, message.fact.call, [message.fact])
        record = taken.record if isinstance(taken, NothingNew) else taken
    assert record is not None
    return record


@settings(max_examples=300)
@given(said=st.lists(EVENTS, min_size=1, max_size=8), seed=st.integers(0, 10_000))
def test_any_order_and_any_repeat_of_events_give_the_same_public_state(
    said: list[dict[str, Any]], seed: int
) -> None:
    chance = random.Random(seed)
    in_order = [heard(one, NOON + timedelta(minutes=at)) for at, one in enumerate(said)]
    again = [heard(one, NOON + timedelta(hours=1)) for one in said]
    shuffled = [*in_order, *chance.choices(in_order + again, k=len(said))]
    chance.shuffle(shuffled)
    expected = call_state(told_in(in_order).call, NOON)
    assert call_state(told_in(shuffled).call, NOON) == expected
    assert CallState.model_validate_json(expected.model_dump_json()) == expected


def test_each_statement_has_a_name_of_its_own() -> None:
    base = {"event": "answered", "occurred_at": NOON.isoformat(), "queue": "a", "agent": "b"}
    changes: list[dict[str, str]] = [
        {},
        {"event": "ended"},
        {"queue": "c"},
        {"agent": "c"},
        {"occurred_at": (NOON + timedelta(seconds=1)).isoformat()},
        {"call_id": "another"},
    ]
    names = [heard({**base, **change}, NOON).fact.id for change in changes]
    assert len(set(names)) == len(names)


def test_a_callers_number_is_no_part_of_any_name() -> None:
    base = {"event": "queued", "occurred_at": NOON.isoformat()}
    named, withheld = heard({**base, "number": "081200001234"}, NOON), heard(base, NOON)
    assert named.fact.id == withheld.fact.id
    assert named.caller is not None
    assert withheld.caller is None


def test_a_transfer_keeps_short_targets_and_no_persons_number() -> None:
    base = {"event": "transferred", "occurred_at": NOON.isoformat()}
    targets = [heard({**base, "target": target}, NOON).fact.target for target in ("118", "081200001234")]
    assert targets == ["118", ""]


def test_unknown_fields_of_a_newer_exchange_are_ignored() -> None:
    told = heard({"event": "ringing", "occurred_at": NOON.isoformat(), "codec": {"name": "alaw"}}, NOON)
    assert told.fact.kind == "ringing"


def test_every_order_of_a_whole_call_is_the_same_answered_call() -> None:
    life = [("ringing", 0), ("queued", 2), ("answered", 9), ("ended", 60)]
    told = [
        heard({"event": kind, "occurred_at": (NOON + timedelta(seconds=at)).isoformat(), "queue": "q"}, NOON)
        for kind, at in life
    ]
    for order in itertools.permutations(told):
        call = told_in(list(order)).call
        assert (call.outcome, call.waiting, call.talking, call.notes) == (
            "answered",
            timedelta(seconds=7),
            timedelta(seconds=51),
            (),
        )


def test_null_is_nothing_said_and_never_costs_a_call() -> None:
    silent = dict.fromkeys(("number", "name", "queue", "agent", "target", "ended_by", "waiting_seconds"))
    said = {"event": "ringing", "call_id": "7", "occurred_at": "2026-11-22T03:00:00Z", **silent}
    event = ExchangeEvent.model_validate(said)
    assert (event.number, event.name, event.queue, event.agent) == ("", "", "", "")


IDENTIFYING = {"event": "queued", "call_id": "7", "occurred_at": "2026-11-22T03:00:00Z"}
OPTIONAL = sorted(set(ExchangeEvent.model_fields) - set(IDENTIFYING))
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(foolish=st.dictionaries(st.sampled_from(OPTIONAL), ANYTHING))
def test_whatever_stands_in_a_field_that_does_not_identify_it_the_event_is_heard(
    foolish: dict[str, Any],
) -> None:
    read = understood(json.dumps({**IDENTIFYING, **foolish}).encode(), largest=1_000_000)
    assert (read.event.call_id, read.event.kind) == ("7", ExchangeEventKind.QUEUED)
    assert set(read.left_out) <= set(foolish)
    told_by(read.event, ExchangeEventKind.QUEUED, TTU, NOON)
