"""A record of the bus becomes a typed event, or says which rule it broke without quoting its content."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from service_kit.decisions import Heard
from service_kit.event import EventUnreadable, read_event, read_json
from shared_schemas.topics import CONTRACTS_DIR

EXAMPLE = json.loads(
    next((CONTRACTS_DIR / "examples" / "ticket.opened" / "v1").glob("*.json")).read_text("utf-8")
)


def record(
    topic: str = "ticket.opened",
    headers: dict[str, str] | None = None,
    data: dict[str, Any] | None = None,
    *,
    raw: bytes | None = b"",
) -> ConsumerRecord:
    value = json.dumps(EXAMPLE["data"] | (data or {})).encode() if raw == b"" else raw
    told = EXAMPLE["headers"] | (headers or {})
    return ConsumerRecord(
        topic=topic,
        partition=0,
        offset=0,
        timestamp=0,
        timestamp_type=0,
        key=b"k",
        value=value,
        checksum=None,
        serialized_key_size=1,
        serialized_value_size=len(value or b""),
        headers=tuple((name, str(value).encode()) for name, value in told.items()),
    )


def refused(one: ConsumerRecord) -> str:
    with pytest.raises(EventUnreadable) as why:
        read_event(one)
    return str(why.value)


def test_a_record_is_read_with_its_envelope_and_its_state() -> None:
    event = read_event(record())
    headers = EXAMPLE["headers"]
    assert event.tenant == headers["ce_tenantid"]
    assert event.data.model_dump(mode="json", exclude_unset=True) == EXAMPLE["data"]
    assert event.heard == Heard(
        headers["ce_source"].removeprefix("/"),
        headers["ce_subject"],
        int(headers["ce_sequence"]),
        datetime.fromisoformat(headers["ce_time"]).astimezone(UTC),
    )


def test_an_event_on_another_topic_is_refused() -> None:
    assert refused(record("ticket.closed")) == "a ticket.opened event on the topic ticket.closed"


def test_a_major_version_that_nobody_knows_is_refused() -> None:
    newer = EXAMPLE["headers"]["ce_type"].removesuffix("1") + "9"
    assert refused(record(headers={"ce_type": newer})) == "no version v9 of ticket.opened; known are v1"


def test_a_record_without_a_body_is_no_json() -> None:
    assert refused(record(raw=None)) == "not JSON"


def test_a_body_that_does_not_fit_names_its_fields_and_no_value() -> None:
    wrong = {"round": "many", "ticket_id": 7}
    said = refused(record(data=wrong))
    assert said.startswith("the body does not fit its model: ")
    assert {*said.removeprefix("the body does not fit its model: ").split(", ")} == {*wrong}
    assert "many" not in said


def test_of_many_wrong_fields_five_are_named_and_deep_ones_by_their_path() -> None:
    data = EXAMPLE["data"]
    deep = refused(record(data={"place": {"district": 4}}))
    assert deep == "the body does not fit its model: place.district"
    nothing = refused(record(raw=b"{}"))
    assert nothing.count(", ") == 4
    assert len(data) > 5


def test_a_body_that_is_no_object_is_named_as_such() -> None:
    assert refused(record(raw=b"[]")) == "the body does not fit its model: body"


def test_two_tenants_in_one_event_are_refused() -> None:
    other = {"tenant": "99.99"}
    assert refused(record(data=other)) == "ce_tenantid and the body name different tenants"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"NaN", "NaN is not JSON"),
        (b'{"a": -Infinity}', "-Infinity is not JSON"),
        (b'{"a": 1, "a": 1}', "a name is there twice"),
        (b"{", "not JSON"),
        (b'"\\udc00"', "not UTF-8 text"),
        (b"\xff", "not UTF-8 text"),
        (b"[[1]]", "nested deeper than 1"),
        (b'"xxxxx"', "larger than 6 bytes"),
    ],
)
def test_a_body_that_is_not_strict_json_says_which_rule_it_broke(raw: bytes, said: str) -> None:
    with pytest.raises(EventUnreadable, match=f"^{said}$"):
        read_json(raw, largest=6 if said.startswith("larger") else 100, deepest=1)
    assert read_json(b'"xxxx"', largest=6) == "xxxx"
