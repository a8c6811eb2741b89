"""JSON Schemas, generated from the models: what is committed is what the services read and write."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared_schemas.events import EventData
from shared_schemas.places import Places
from shared_schemas.tenant_files import tenant_json_schema
from shared_schemas.topics import Topic

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_name(topic: str, major: int) -> str:
    """Return the file name of the schema of one topic version."""
    return f"{topic}.v{major}.json"


def event_schema(topic: Topic, major: int) -> dict[str, Any]:
    """Return the JSON Schema of one topic version's body."""
    model: type[EventData] = topic.models[major]
    made = model.model_json_schema()
    identity = {"$schema": DIALECT, "$id": f"urn:siaga112:schema:{topic.name}:v{major}"}
    return {**identity, **made, "title": f"{topic.name} v{major}"}


def schema_files(topics: Mapping[str, Topic], places: Places) -> dict[Path, str]:
    """Return every generated schema file with the content that it must have."""
    events = {
        places.schemas / schema_name(topic.name, major): as_json(event_schema(topic, major))
        for topic in topics.values()
        for major in topic.models
    }
    return {**events, places.tenant_schema: as_json(tenant_json_schema())}


def as_json(value: object) -> str:
    """Write JSON as we commit it: indented, in the order of the models, ending in a new line."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def write_files(files: Mapping[Path, str]) -> list[Path]:
    """Write the files whose content differs; return those that were written."""
    changed = [path for path, content in files.items() if not is_current(path, content)]
    for path in changed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return changed


def is_current(path: Path, content: str) -> bool:
    """Whether a file is there and says exactly this."""
    return path.is_file() and path.read_text(encoding="utf-8") == content
