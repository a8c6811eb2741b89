"""The events' documentation, made from the same models: AsyncAPI 3.0 and a table for people."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic.json_schema import models_json_schema

from shared_schemas.envelope import CONTENT_TYPE, TYPE_PREFIX
from shared_schemas.events import EventData
from shared_schemas.examples import read_example
from shared_schemas.places import Places, this_checkout
from shared_schemas.topics import TOPICS, Topic

Part = dict[str, Any]

_DESCRIPTION = (
    "What the services of Siaga 112 say to each other, on Kafka, as CloudEvents 1.0 in binary mode. "
    "An event carries the aggregate's whole public state; readers keep the newest ce_sequence per "
    "(ce_source, ce_subject) and ignore older ones and repeats."
)
_HEADERS = {
    "ce_specversion": "Always 1.0.",
    "ce_id": "source/subject/sequence: announcing the same state again is the same event.",
    "ce_source": "The service that says it.",
    "ce_type": f"{TYPE_PREFIX}<topic>.v<major>.",
    "ce_time": "When the state was saved, RFC 3339, UTC.",
    "ce_subject": "The aggregate, <kind>/<id>.",
    "ce_tenantid": "Kemendagri code of the regency, such as 53.03.",
    "ce_sequence": "The aggregate's version; newer replaces older.",
    "ce_traceparent": "W3C trace context; may be missing.",
    "content-type": f"Always {CONTENT_TYPE}.",
}
_OPTIONAL = {"ce_traceparent", "content-type"}


def document(topics: Mapping[str, Topic] = TOPICS, places: Places | None = None) -> Part:
    """Return the AsyncAPI 3.0 document of all channels, operations and messages."""
    examples = (places or this_checkout()).examples
    pairs = [(topic, major) for topic in topics.values() for major in topic.models]
    return {
        "asyncapi": "3.0.0",
        "id": "urn:siaga112:events",
        "info": {
            "title": "Siaga 112 events",
            "version": "1.0.0",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {topic.name: _channel(topic) for topic in topics.values()},
        "operations": _operations(topics),
        "components": {
            "messages": {_message_name(*pair): _message(*pair, examples) for pair in pairs},
            "schemas": {
                "EventHeaders": _headers(),
                **_bodies([topic.models[major] for topic, major in pairs]),
            },
        },
    }


def event_doc_files(topics: Mapping[str, Topic], places: Places) -> dict[Path, str]:
    """Return every generated page about events with the content that it must have."""
    written = yaml.safe_dump(document(topics, places), sort_keys=False, allow_unicode=True, width=110)
    head = "# Generated from libs/shared_schemas by `make docs`; do not edit.\n"
    return {
        places.event_docs / "asyncapi.yaml": head + written,
        places.event_docs / "README.md": table(topics),
    }


def table(topics: Mapping[str, Topic] = TOPICS) -> str:
    """Return the page that tells each topic in one line."""
    lines = [
        "# Events",
        "",
        "Generated from `libs/shared_schemas/topics` by `make docs`; do not edit.",
        "The models in full: [asyncapi.yaml](asyncapi.yaml). A new event: [adding-an-event](../adding-an-event.md).",
        "",
        "| topic | purpose | said by | heard by | key | kept |",
        "|---|---|---|---|---|---|",
        *(_row(topic) for topic in topics.values()),
    ]
    return "\n".join(lines) + "\n"


def _row(topic: Topic) -> str:
    kept = "newest per key" if topic.compacted else "for ever"
    if topic.retention is not None:
        kept = f"{topic.retention.days} days"
    said, heard = (", ".join(sorted(names)) for names in (topic.producers, topic.consumers))
    return f"| `{topic.name}` | {topic.purpose} | {said} | {heard} | `{topic.key}` | {kept} |"


def _channel(topic: Topic) -> Part:
    names = [_message_name(topic, major) for major in topic.models]
    policy = "compact" if topic.compacted else "delete"
    limit = {} if topic.retention is None else {"retention.ms": int(topic.retention.total_seconds() * 1000)}
    return {
        "address": topic.name,
        "description": topic.purpose,
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "topicConfiguration": {"cleanup.policy": [policy], **limit},
                "bindingVersion": "0.5.0",
            }
        },
    }


def _operations(topics: Mapping[str, Topic]) -> Part:
    made: Part = {}
    for topic in topics.values():
        for action, services in (("send", topic.producers), ("receive", topic.consumers)):
            for service in sorted(services):
                made[f"{service}.{action}.{topic.name}"] = _operation(action, service, topic)
    return made


def _operation(action: str, service: str, topic: Topic) -> Part:
    channel = f"#/channels/{topic.name}"
    group = {
        "bindings": {"kafka": {"groupId": {"type": "string", "enum": [service]}, "bindingVersion": "0.5.0"}}
    }
    return {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{service} {'says' if action == 'send' else 'hears'} {topic.name}.",
        "tags": [{"name": service}],
        "messages": [{"$ref": f"{channel}/messages/{_message_name(topic, major)}"} for major in topic.models],
        **(group if action == "receive" and topic.partitions == "slots" else {}),
    }


def _message_name(topic: Topic, major: int) -> str:
    return f"{topic.name}.v{major}"


def _message(topic: Topic, major: int, examples: Path) -> Part:
    found = sorted((examples / topic.name / f"v{major}").glob("*.json"))
    return {
        "name": f"{TYPE_PREFIX}{topic.name}.v{major}",
        "title": f"{topic.name} v{major}",
        "summary": topic.purpose,
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/EventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{topic.models[major].__name__}"},
        "bindings": {"kafka": {"key": _key(topic), "bindingVersion": "0.5.0"}},
        "examples": [
            {"name": one.name, "headers": one.headers, "payload": one.data}
            for one in map(read_example, found)
        ],
    }


def _key(topic: Topic) -> Part:
    return {"type": "string", "description": f"The tenant and the body's {topic.key}."}


def _headers() -> Part:
    return {
        "type": "object",
        "required": [name for name in _HEADERS if name not in _OPTIONAL],
        "properties": {name: {"type": "string", "description": text} for name, text in _HEADERS.items()},
    }


def _bodies(models: list[type[EventData]]) -> Part:
    distinct = list(dict.fromkeys(models))
    _, made = models_json_schema(
        [(model, "validation") for model in distinct], ref_template="#/components/schemas/{model}"
    )
    bodies: Part = made["$defs"]
    return bodies
