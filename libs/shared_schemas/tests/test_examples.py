"""The examples are true, told in two or more stories per topic version, and harmless to everybody."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared_schemas.examples import wrong_in_examples
from shared_schemas.places import this_checkout
from shared_schemas.topics import TOPICS

TOPIC = TOPICS["ticket.opened"]
STORY = "a-house-on-fire-near-the-market"
SAID = Path(this_checkout().examples / TOPIC.name / "v1" / f"{STORY}.json").read_text(encoding="utf-8")

Change = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS.keys())
def test_every_example_is_true(topic: Any) -> None:
    for major in topic.models:
        assert wrong_in_examples(topic, major, this_checkout().examples / topic.name / f"v{major}") == []


def wrong(folder: Path, text: str) -> list[str]:
    """What is found in a folder of a good example and this one."""
    (folder / "good.json").write_text(SAID, encoding="utf-8")
    (folder / "story.json").write_text(text, encoding="utf-8")
    return wrong_in_examples(TOPIC, 1, folder)


def test_one_example_is_not_enough(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_text(SAID, encoding="utf-8")
    assert wrong_in_examples(TOPIC, 1, tmp_path) == ["there are 1 examples, at least 2 are needed"]


def test_two_good_examples_are(tmp_path: Path) -> None:
    assert wrong(tmp_path, SAID) == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "story: is not JSON"),
        ("[]", "story: does not hold exactly headers and data"),
        ('{"headers": {}}', "story: does not hold exactly headers and data"),
        ('{"headers": {}, "data": NaN}', "story: is not JSON (NaN is not JSON)"),
        ('{"headers": {}, "data": {}}', "story: missing ce_id, ce_source"),
    ],
)
def test_a_file_that_is_no_example_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    assert wrong(tmp_path, text)[0].startswith(sentence)


MISTAKES: dict[str, tuple[Change, str]] = {
    "a missing field": (lambda s: s["data"].pop("number"), "the model refuses number: Field required"),
    "what the schema refuses": (
        lambda s: s["data"].update(round=-1),
        "the schema refuses $.round: -1 is less than the minimum of 0",
    ),
    "a misspelt field": (lambda s: s["data"].update(proirity="P1"), "data.proirity is no field of the model"),
    "a misspelt field inside": (
        lambda s: s["data"]["place"].update(distrikt="x"),
        "data.place.distrikt is no field of the model",
    ),
    "another topic": (
        lambda s: s["headers"].update(ce_type="id.siaga112.ticket.updated.v1"),
        "ce_type is of ticket.updated v1",
    ),
    "another version": (
        lambda s: s["headers"].update(ce_type="id.siaga112.ticket.opened.v2"),
        "ce_type is of ticket.opened v2",
    ),
    "another service": (
        lambda s: s["headers"].update(
            ce_source="intake", ce_id=s["headers"]["ce_id"].replace("triage/", "intake/")
        ),
        "ce_source is intake, which does not say ticket.opened",
    ),
    "another subject": (
        lambda s: s["headers"].update(ce_subject="ticket/1", ce_id="triage/ticket/1/1"),
        "ce_subject is ticket/1, the body's is ticket/",
    ),
    "another tenant": (
        lambda s: s["headers"].update(ce_tenantid="53.04"),
        "ce_tenantid and the body name different tenants",
    ),
    "a time that is not in UTC": (
        lambda s: s["data"].update(opened_at="2026-11-22T19:42:44+08:00"),
        "what is written again is not what was read",
    ),
    "a nonce that is too short": (
        lambda s: s["data"]["caller"].update(nonce="AAAA"),
        "data.caller does not look sealed",
    ),
    "a story in the clear, in base64": (
        lambda s: s["data"]["story"].update(ciphertext="cnVtYWggdGVyYmFrYXIgZGVrYXQgcGFzYXIgYmFydQ"),
        "data.story does not look sealed",
    ),
    "a story in the clear": (
        lambda s: s["data"]["story"].update(ciphertext="rumah terbakar dekat pasar"),
        "data.story does not look sealed",
    ),
    "a place sealed with a number for a key": (
        lambda s: s["data"]["place"]["description"].update(key_id="081200000042"),
        "data.place.description does not look sealed",
    ),
    "a telephone number": (
        lambda s: s["data"].update(closed_by="0812 0000 0042"),
        "data.closed_by holds a telephone number in the clear",
    ),
    "an international number": (
        lambda s: s["data"].update(calls=["+6281200000042"]),
        "data.calls[0] holds a telephone number in the clear",
    ),
    "an address that may be real": (
        lambda s: s["data"].update(opened_by="siti@gmail.com"),
        "data.opened_by names gmail.com, which may be real",
    ),
    "a site that may be real": (
        lambda s: s["data"].update(opened_by="https://damkar.go.id/x"),
        "data.opened_by names damkar.go.id, which may be real",
    ),
}


@pytest.mark.parametrize(("change", "sentence"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_in_an_example_is_named(tmp_path: Path, change: Change, sentence: str) -> None:
    said = json.loads(SAID)
    change(said)
    found = wrong(tmp_path, json.dumps(said))
    assert any(one.startswith(f"story: {sentence}") for one in found), found
