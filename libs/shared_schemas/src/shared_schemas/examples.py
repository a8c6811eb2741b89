"""The examples of every topic version: read as a service would read them, and shown to be harmless."""

import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared_schemas.envelope import Envelope, EnvelopeUnreadable, read_envelope
from shared_schemas.schemas import event_schema
from shared_schemas.topics import Topic

FEWEST = 2
_NONCE_BYTES = 12
_TAG_BYTES = 16
_SEALED_KEY = re.compile(r"[0-9a-f-]{36}/[0-9a-z]{4,32}\Z")
_PHONE_NUMBER = re.compile(r"(?<![0-9a-f-])(\+?62|0)8[0-9 -]{8,14}(?![0-9a-f-])")
_RESERVED = (".example", ".invalid", ".test")
_SEALED_PARTS = {"key_id", "nonce", "ciphertext"}


@dataclass(frozen=True, slots=True)
class Example:
    """One example file: the event's headers and its body."""

    name: str
    headers: Mapping[str, str]
    data: Mapping[str, Any]


class ExampleUnreadable(ValueError):
    """An example file is not JSON with exactly `headers` and `data`."""


def read_example(path: Path) -> Example:
    """Read one example file.

    Raises:
        ExampleUnreadable: it is not strict JSON, or not made of headers and data.
    """
    try:
        said = json.loads(path.read_text(encoding="utf-8"), parse_constant=_refuse)
    except ValueError as error:
        raise ExampleUnreadable(f"is not JSON ({error})") from error
    if not isinstance(said, dict) or set(said) != {"headers", "data"}:
        raise ExampleUnreadable("does not hold exactly headers and data")
    return Example(path.stem, said["headers"], said["data"])


def wrong_in_examples(topic: Topic, major: int, folder: Path) -> list[str]:
    """Return one sentence per mistake in the examples of one topic version."""
    paths = sorted(folder.glob("*.json"))
    schema = Draft202012Validator(event_schema(topic, major))
    found = [
        f"{path.stem}: {sentence}" for path in paths for sentence in _wrong_in(topic, major, path, schema)
    ]
    if len(paths) < FEWEST:
        found.append(f"there are {len(paths)} examples, at least {FEWEST} are needed")
    return found


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _wrong_in(topic: Topic, major: int, path: Path, schema: Draft202012Validator) -> Iterator[str]:
    try:
        example = read_example(path)
        envelope = read_envelope([(name, value.encode()) for name, value in example.headers.items()])
    except (ExampleUnreadable, EnvelopeUnreadable) as error:
        yield str(error)
        return
    for refusal in schema.iter_errors(example.data):
        yield f"the schema refuses {refusal.json_path}: {refusal.message}"
    yield from _wrong_in_body(topic, major, envelope, example.data)
    yield from wrong_in_values("data", example.data)


def _wrong_in_body(topic: Topic, major: int, envelope: Envelope, body: Mapping[str, Any]) -> Iterator[str]:
    try:
        data = topic.models[major].model_validate(body)
    except ValidationError as error:
        for one in error.errors():
            yield f"the model refuses {'.'.join(map(str, one['loc']))}: {one['msg']}"
        return
    if (envelope.topic, envelope.major) != (topic.name, major):
        yield f"ce_type is of {envelope.topic} v{envelope.major}"
    if envelope.source not in topic.producers:
        yield f"ce_source is {envelope.source}, which does not say {topic.name}"
    if envelope.subject != topic.subject_of(data):
        yield f"ce_subject is {envelope.subject}, the body's is {topic.subject_of(data)}"
    if envelope.tenant != body.get("tenant"):
        yield "ce_tenantid and the body name different tenants"
    if data.model_dump(mode="json", exclude_unset=True) != body:
        yield "what is written again is not what was read"
    for name in _unknown_fields(data, "data"):
        yield f"{name} is no field of the model"


def _unknown_fields(value: object, path: str) -> Iterator[str]:
    if isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _unknown_fields(one, f"{path}[{index}]")
    for name in getattr(value, "__pydantic_extra__", None) or {}:
        yield f"{path}.{name}"
    for name in getattr(type(value), "model_fields", {}):
        yield from _unknown_fields(getattr(value, name), f"{path}.{name}")


def wrong_in_values(path: str, value: object) -> Iterator[str]:
    """Yield one sentence per value that is not sealed as it must be, or may belong to a real person."""
    if isinstance(value, dict):
        if value.keys() >= _SEALED_PARTS:
            if not _looks_sealed(value):
                yield f"{path} does not look sealed"
            return
        for name, one in value.items():
            yield from wrong_in_values(f"{path}.{name}", one)
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from wrong_in_values(f"{path}[{index}]", one)
    elif isinstance(value, str):
        yield from _wrong_in_text(path, value)


def _looks_sealed(value: Mapping[str, Any]) -> bool:
    try:
        nonce, ciphertext = (_from_base64url(value[name]) for name in ("nonce", "ciphertext"))
    except ValueError:
        return False
    whole = len(nonce) == _NONCE_BYTES and len(ciphertext) > _TAG_BYTES
    return whole and not ciphertext.isascii() and _SEALED_KEY.match(value["key_id"]) is not None


def _from_base64url(text: str) -> bytes:
    if re.fullmatch(r"[A-Za-z0-9_-]+", text) is None:
        raise ValueError("not base64url")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _wrong_in_text(path: str, text: str) -> Iterator[str]:
    if _PHONE_NUMBER.search(text):
        yield f"{path} holds a telephone number in the clear"
    host = urlsplit(text).hostname if "://" in text else text.rpartition("@")[2] if "@" in text else None
    if host is not None and not host.endswith(_RESERVED):
        yield f"{path} names {host}, which may be real; use {', '.join(_RESERVED)}"
