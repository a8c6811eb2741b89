"""The AsyncAPI document is whole: every reference leads somewhere, every example fits its payload."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from faststream.specification.asyncapi.v3_0_0.schema import ApplicationSchema
from jsonschema import Draft202012Validator

from shared_schemas.asyncapi import document, event_doc_files, table
from shared_schemas.places import this_checkout
from shared_schemas.topics import TOPICS

DOCUMENT = document()


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for one in value.values():
            yield from references(one)
    elif isinstance(value, list):
        for one in value:
            yield from references(one)


def at(reference: str) -> Any:
    found: Any = DOCUMENT
    for name in reference.removeprefix("#/").split("/"):
        found = found[name]
    return found


def test_another_implementation_of_asyncapi_3_reads_it() -> None:
    read = ApplicationSchema.model_validate(DOCUMENT)
    assert read.asyncapi == "3.0.0"
    assert set(read.channels) == set(TOPICS)


def test_every_reference_leads_somewhere() -> None:
    found = list(references(DOCUMENT))
    assert len(found) > 100
    assert all(at(one) for one in found)


def test_every_message_of_an_operation_is_one_of_its_channel() -> None:
    for operation in DOCUMENT["operations"].values():
        channel = operation["channel"]["$ref"]
        assert all(one["$ref"].startswith(f"{channel}/messages/") for one in operation["messages"])


def test_every_service_says_and_hears_what_its_topics_tell() -> None:
    told = {f"{one}.send.{name}" for name, topic in TOPICS.items() for one in topic.producers}
    told |= {f"{one}.receive.{name}" for name, topic in TOPICS.items() for one in topic.consumers}
    assert set(DOCUMENT["operations"]) == told


@pytest.mark.parametrize("name", DOCUMENT["components"]["messages"])
def test_every_example_fits_its_payload_and_headers(name: str) -> None:
    message = DOCUMENT["components"]["messages"][name]
    assert len(message["examples"]) >= 2
    for part, example in (("payload", "payload"), ("headers", "headers")):
        schema = {"$ref": message[part]["$ref"], "components": DOCUMENT["components"]}
        for one in message["examples"]:
            Draft202012Validator(schema).validate(one[example])


def test_no_model_points_outside_the_document() -> None:
    assert all(one.startswith("#/") for one in references(DOCUMENT))
    assert "$defs" not in yaml.safe_dump(DOCUMENT)


def test_the_committed_page_is_the_document() -> None:
    written = (this_checkout().event_docs / "asyncapi.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(written) == yaml.safe_load(yaml.safe_dump(DOCUMENT))


def test_the_table_has_one_line_per_topic() -> None:
    lines = [line for line in table().splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == list(TOPICS)
    assert "| dispatch, triage | dispatch, statistics, triage | `ticket_id` | 400 days |" in table()


def test_the_pages_lie_under_docs_events() -> None:
    names = [path.name for path in event_doc_files(TOPICS, this_checkout())]
    assert names == ["asyncapi.yaml", "README.md"]
