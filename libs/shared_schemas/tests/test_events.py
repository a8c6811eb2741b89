"""Bodies keep what they do not know, refuse what JSON does not have, and stay of a sensible size."""

import json
from enum import StrEnum
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared_schemas import events
from shared_schemas import vocabulary as words
from shared_schemas.events import AgencyReplied, CallState, EventData, TicketState
from shared_schemas.examples import read_example
from shared_schemas.places import this_checkout
from shared_schemas.sealed import Sealed


def body(topic: str, example: str) -> dict[str, Any]:
    return dict(read_example(this_checkout().examples / topic / "v1" / f"{example}.json").data)


def call(**said: Any) -> dict[str, Any]:
    return body("call.updated", "a-fire-call-was-answered-and-ended") | said


def ticket(**said: Any) -> dict[str, Any]:
    return body("ticket.opened", "a-house-on-fire-near-the-market") | said


def test_a_known_word_is_read_as_its_enum() -> None:
    read = CallState.model_validate(call(outcome="answered"))
    assert read.outcome is words.CallOutcome.ANSWERED


def test_a_known_word_is_read_as_its_enum_from_json_too() -> None:
    read = CallState.model_validate_json(json.dumps(call(stage="ended")))
    assert read.stage is words.CallStage.ENDED


def test_a_word_of_a_newer_service_is_kept_as_text_and_handed_on() -> None:
    read = CallState.model_validate(call(outcome="called_back_by_drone"))
    assert read.outcome == "called_back_by_drone"
    assert not isinstance(read.outcome, words.CallOutcome)
    assert read.model_dump(mode="json")["outcome"] == "called_back_by_drone"


OWN_MODELS = [
    one
    for one in vars(events).values()
    if isinstance(one, type) and issubclass(one, EventData) and one.__module__ == events.__name__
]
FIELDS_OF_WORDS = [
    pytest.param(hint, id=f"{model.__name__}.{name}")
    for model in OWN_MODELS
    for name, hint in get_type_hints(model, include_extras=True).items()
    if words.__name__ in repr(hint)
]


def known_words(hint: Any) -> list[StrEnum]:
    """The words of the enum inside a field's type."""
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return list(hint)
    return [word for inside in get_args(hint) for word in known_words(inside)]


def test_there_are_fields_of_words_to_look_at() -> None:
    assert len(FIELDS_OF_WORDS) >= 18


@pytest.mark.parametrize("hint", FIELDS_OF_WORDS)
def test_every_field_of_words_reads_each_known_word_as_its_enum(hint: Any) -> None:
    assert known_words(hint)
    for word in known_words(hint):
        assert TypeAdapter(hint).validate_python(word.value) is word
        assert TypeAdapter(hint).validate_json(f'"{word.value}"') is word


@pytest.mark.parametrize("hint", FIELDS_OF_WORDS)
def test_every_field_of_words_keeps_a_word_of_tomorrow(hint: Any) -> None:
    read = TypeAdapter(hint).validate_python("a_word_of_tomorrow")
    assert type(read) is str
    assert TypeAdapter(hint).dump_python(read, mode="json") == "a_word_of_tomorrow"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"\Anew_[a-z]{1,20}\Z"), json_values, max_size=4))
def test_unknown_fields_survive_reading_and_writing(news: dict[str, Any]) -> None:
    read = CallState.model_validate(call(**news))
    assert read.model_dump(mode="json", exclude_unset=True) == call(**news)


def test_unknown_fields_survive_deep_inside_too() -> None:
    place = ticket()["place"] | {"landmark": {"kind": "church"}}
    read = TicketState.model_validate(ticket(place=place))
    assert read.model_dump(mode="json")["place"]["landmark"] == {"kind": "church"}


NOT_NUMBERS = [float("nan"), float("inf"), float("-inf")]


@pytest.mark.parametrize("number", NOT_NUMBERS)
@pytest.mark.parametrize("name", ["waiting_seconds", "ringing_seconds", "a_new_field"])
def test_what_json_has_no_number_for_is_refused(name: str, number: float) -> None:
    with pytest.raises(ValidationError):
        CallState.model_validate(call(**{name: number}))


@pytest.mark.parametrize("number", NOT_NUMBERS)
@pytest.mark.parametrize("wrap", [lambda n: [n], lambda n: {"x": [{"y": n}]}], ids=["list", "deep"])
def test_it_is_refused_deep_inside_unknown_fields_too(wrap: Any, number: float) -> None:
    with pytest.raises(ValidationError, match="NaN or infinity"):
        CallState.model_validate(call(news=wrap(number)))


def test_nan_is_refused_as_json_text_too() -> None:
    text = json.dumps(call(waiting_seconds=1.5, news=[2.5]))
    for number in ("1.5", "2.5"):
        with pytest.raises(ValidationError):
            CallState.model_validate_json(text.replace(number, "NaN"))


TOO_MUCH: dict[str, dict[str, Any]] = {
    "an endless label": call(agent="a" * 201),
    "an endless word": call(outcome="a" * 65),
    "an empty id": call(call_id=""),
    "an endless id": call(call_id="a" * 65),
    "a thousand and one queues": call(queues=["q"] * 1001),
    "negative seconds": call(waiting_seconds=-1),
    "a count beyond 31 bits": call(transfers=2**31),
    "a tenant by name": call(tenant="TTU"),
    "a tenant in Arabic digits": call(tenant="٥٣.٠٣"),
    "a time without zone": call(started_at="2026-11-22T11:42:00"),
    "a number in the clear": call(caller="081200000042"),
    "a sealed value without nonce": call(caller={"key_id": "k/1", "ciphertext": "x"}),
    "an endless sealed value": call(caller={"key_id": "k/1", "nonce": "n", "ciphertext": "x" * 65_537}),
    "no stage": {name: value for name, value in call().items() if name != "stage"},
}


@pytest.mark.parametrize("said", TOO_MUCH.values(), ids=TOO_MUCH.keys())
def test_a_body_out_of_its_bounds_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        CallState.model_validate(said)


def test_the_largest_ticket_of_a_great_disaster_still_fits() -> None:
    calls = [f"{number:036d}" for number in range(10_000)]
    read = TicketState.model_validate(ticket(calls=calls))
    assert len(read.model_dump_json()) < 900_000  # below what the kit sends in one record


def test_every_time_is_told_in_utc_whatever_clock_said_it() -> None:
    read = CallState.model_validate(call(started_at="2026-11-22T19:42:00+08:00"))
    assert read.model_dump(mode="json")["started_at"] == "2026-11-22T11:42:00Z"


def test_a_time_that_utc_cannot_tell_is_refused() -> None:
    with pytest.raises(ValidationError):
        CallState.model_validate(call(started_at="0001-01-01T00:00:00+08:00"))


def test_a_sealed_value_is_the_domains_own_type() -> None:
    caller = CallState.model_validate(call()).caller
    assert isinstance(caller, Sealed)


def test_a_body_cannot_be_changed_after_it_was_read() -> None:
    read = AgencyReplied.model_validate(body("agency.replied", "the-fire-brigade-accepts"))
    with pytest.raises(ValidationError, match="frozen"):
        read.agency = "bpbd"  # type: ignore[misc] # that is the point
