"""A change that would break somebody is named in one sentence; any other is let through."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from shared_schemas.compatibility import breaking_changes
from shared_schemas.schemas import event_schema
from shared_schemas.topics import TOPICS

Schema = dict[str, Any]
Change = Callable[[Schema], object]

CALL = event_schema(TOPICS["call.updated"], 1)
TICKET = event_schema(TOPICS["ticket.updated"], 1)


def after(change: Change, schema: Schema = CALL) -> list[str]:
    changed = copy.deepcopy(schema)
    change(changed)
    assert changed != schema, "the change must change something"
    return breaking_changes(schema, changed)


def fields(schema: Schema, *path: str) -> Schema:
    inside: Schema = schema
    for name in path:
        inside = inside["$defs"][name]
    found: Schema = inside["properties"]
    return found


def reversed_(change: Change, schema: Schema = CALL) -> list[str]:
    changed = copy.deepcopy(schema)
    change(changed)
    return breaking_changes(changed, schema)


BREAKING: dict[str, tuple[Change, str]] = {
    "a removed field": (lambda s: fields(s).pop("notes"), "body.notes: the field was removed"),
    "a field removed deep inside": (
        lambda s: fields(s, "Desk").pop("ticket_id"),
        "body.desk.ticket_id: the field was removed",
    ),
    "a changed type": (
        lambda s: fields(s)["transfers"].update(type="string"),
        "body.transfers: the type changed from integer to string",
    ),
    "a whole number that becomes any number": (
        lambda s: fields(s)["transfers"].update(type="number"),
        "body.transfers: the type changed from integer to number",
    ),
    "a value that may no longer be missing": (
        lambda s: fields(s)["waiting_seconds"]["anyOf"].pop(),
        "body.waiting_seconds: may no longer be null",
    ),
    "a value that may now be missing": (
        lambda s: fields(s).update(trunk={"anyOf": [fields(s)["trunk"], {"type": "null"}]}),
        "body.trunk: may now also be null, which older readers refuse",
    ),
    "a new required field": (
        lambda s: (fields(s).update(colour={"type": "string"}), s["required"].append("colour")),
        "body.colour: the field is new and required, and older writers do not say it",
    ),
    "a field that became required": (
        lambda s: s["required"].append("queue"),
        "body.queue: the field is required now, and older writers do not say it",
    ),
    "a field that is no longer required": (
        lambda s: s["required"].remove("stage"),
        "body.stage: the field is no longer required, and older readers need it",
    ),
    "a removed word of an open list": (
        lambda s: s["$defs"]["CallOutcome"]["enum"].remove("unanswered"),
        "body.outcome: the word 'unanswered' was removed",
    ),
    "a list of words that was closed": (
        lambda s: fields(s)["stage"].update(anyOf=fields(s)["stage"]["anyOf"][:1]),
        "body.stage: any text was allowed, now only a list of words",
    ),
    "a smaller largest length": (
        lambda s: fields(s)["agent"].update(maxLength=100),
        "body.agent: maxLength was tightened from 200 to 100",
    ),
    "a new largest length": (
        lambda s: fields(s)["trunk"].update(minLength=1),
        "body.trunk: minLength was tightened from none to 1",
    ),
    "a higher lowest number": (
        lambda s: fields(s)["transfers"].update(minimum=1),
        "body.transfers: minimum was tightened from 0 to 1",
    ),
    "a shorter list": (
        lambda s: fields(s)["queues"].update(maxItems=5),
        "body.queues: maxItems was tightened from 1000 to 5",
    ),
    "shorter entries of a list": (
        lambda s: fields(s)["queues"]["items"].update(maxLength=5),
        "body.queues[]: maxLength was tightened from 200 to 5",
    ),
    "another pattern": (
        lambda s: fields(s)["tenant"].update(pattern="^53"),
        "body.tenant: pattern was changed from ^[0-9]{2}[.][0-9]{2}$ to ^53",
    ),
    "another format": (
        lambda s: fields(s)["started_at"].update(format="date"),
        "body.started_at: format was changed from date-time to date",
    ),
    "a value that is fixed now": (
        lambda s: fields(s)["queue"].update(const="ttu112"),
        "body.queue: only 'ttu112' is allowed now",
    ),
    "an addition to a sealed value": (
        lambda s: fields(s, "Sealed").update(algorithm={"type": "string"}),
        "body.caller.algorithm: a field was added to a closed form, and older readers would lose it",
    ),
    "unknown fields refused": (
        lambda s: s.update(additionalProperties=False),
        "body: unknown fields are refused now",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), BREAKING.values(), ids=BREAKING.keys())
def test_a_breaking_change_is_named_in_one_sentence(change: Change, sentence: str) -> None:
    assert sentence in after(change)


@pytest.mark.parametrize(
    "name",
    [
        "a removed field",
        "a changed type",
        "a smaller largest length",
        "a shorter list",
        "a new required field",
    ],
)
def test_one_change_makes_one_sentence(name: str) -> None:
    change, sentence = BREAKING[name]
    assert after(change) == [sentence]


HARMLESS: dict[str, Change] = {
    "a new field that may be missing": lambda s: fields(s).update(colour={"type": "string", "default": ""}),
    "a new word of an open list": lambda s: s["$defs"]["CallOutcome"]["enum"].append("called_back"),
    "a longer largest length": lambda s: fields(s)["agent"].update(maxLength=400),
    "a bound that is gone": lambda s: fields(s)["agent"].pop("maxLength"),
    "a pattern that is gone": lambda s: fields(s)["tenant"].pop("pattern"),
    "a lower lowest number": lambda s: fields(s)["transfers"].update(minimum=-1),
    "other words about a field": lambda s: fields(s)["started_at"].update(description="Anders."),
    "another title": lambda s: s.update(title="Call"),
    "another default": lambda s: fields(s)["queue"].update(default="?"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS.keys())
def test_an_addition_or_a_wider_bound_is_let_through(change: Change) -> None:
    assert after(change) == []


def test_a_list_of_words_may_be_opened() -> None:
    assert reversed_(lambda s: fields(s)["stage"].update(anyOf=fields(s)["stage"]["anyOf"][:1])) == []


def test_a_model_that_moved_to_another_name_is_the_same() -> None:
    def rename(schema: Schema) -> None:
        schema["$defs"]["Spot"] = schema["$defs"].pop("Place")
        fields(schema)["place"]["$ref"] = "#/$defs/Spot"

    assert after(rename, TICKET) == []


def test_a_model_that_holds_itself_is_compared_once() -> None:
    node: Schema = {
        "type": "object",
        "properties": {"next": {"$ref": "#/$defs/Node"}, "name": {"type": "string"}},
    }
    old = {"$ref": "#/$defs/Node", "$defs": {"Node": node}}
    new = copy.deepcopy(old)
    new["$defs"]["Node"]["properties"].pop("name")  # type: ignore[index] # a plain dict
    assert breaking_changes(old, new) == ["body.name: the field was removed"]


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_no_change_is_no_finding(topic: Any) -> None:
    schema = event_schema(topic, 1)
    assert breaking_changes(schema, copy.deepcopy(schema)) == []
