"""One event as a handler receives it: the envelope and the typed state."""

import json
import re
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from service_kit.decisions import Heard
from shared_schemas.envelope import Envelope, EnvelopeUnreadable, read_envelope
from shared_schemas.events import EventData
from shared_schemas.topics import UnknownEvent, model_of

Data = TypeVar("Data", bound=EventData)

LARGEST_BYTES = 900_000
DEEPEST = 24
_TEXTS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
"""Texts, an unclosed one to its end; possessive, so that every byte is looked at once, whoever sent it."""
_BRACKETS = re.compile(rb"[\[\]{}]")
_ESCAPE = rb"\u"


class EventUnreadable(ValueError):
    """A record is not a valid event; the text says why, without quoting its content."""


@dataclass(frozen=True, slots=True)
class Event(Generic[Data]):
    """What was said, by whom and how new it is."""

    envelope: Envelope
    data: Data

    @property
    def tenant(self) -> str:
        """The regency that the event belongs to."""
        return self.envelope.tenant

    @property
    def heard(self) -> Heard:
        """What an aggregate notes of having heard this event."""
        one = self.envelope
        return Heard(one.source, one.subject, one.sequence, one.time)


def read_event(record: ConsumerRecord) -> Event[EventData]:
    """Read a record of the bus.

    Raises:
        EventUnreadable: headers, size, JSON or model do not fit.
    """
    try:
        envelope = read_envelope(record.headers)
        if envelope.topic != record.topic:
            raise EventUnreadable(f"a {envelope.topic} event on the topic {record.topic}")
        data = model_of(envelope.topic, envelope.major).model_validate(read_json(record.value or b""))
    except (EnvelopeUnreadable, UnknownEvent) as error:
        raise EventUnreadable(str(error)) from error
    except ValidationError as error:
        wrong = ", ".join(".".join(map(str, one["loc"])) or "body" for one in error.errors()[:5])
        raise EventUnreadable(f"the body does not fit its model: {wrong}") from error
    if getattr(data, "tenant", envelope.tenant) != envelope.tenant:
        raise EventUnreadable("ce_tenantid and the body name different tenants")
    return Event(envelope, data)


def read_json(raw: bytes, *, largest: int = LARGEST_BYTES, deepest: int = DEEPEST) -> object:
    """Read strict JSON: bounded size and depth, no NaN, no lone surrogates, no repeated names.

    Raises:
        EventUnreadable: it is not; the text says which rule was broken.
    """
    if len(raw) > largest:
        raise EventUnreadable(f"larger than {largest} bytes")
    if raw.count(b"[") + raw.count(b"{") > deepest and _depth(raw) > deepest:
        raise EventUnreadable(f"nested deeper than {deepest}")
    try:
        text = raw.decode("utf-8")
        value = _STRICT.decode(text)
        if _ESCAPE in raw:  # a lone surrogate can only come from an escape: UTF-8 itself has none
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise EventUnreadable("not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, EventUnreadable) else "not JSON"
        raise EventUnreadable(reason) from error
    return value


def _depth(raw: bytes) -> int:
    """Count nesting without building anything; brackets inside texts do not count."""
    depth = deepest = 0
    for bracket in _BRACKETS.findall(_TEXTS.sub(b"", raw)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _refuse_constant(name: str) -> float:
    raise EventUnreadable(f"{name} is not JSON")


def _no_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise EventUnreadable("a name is there twice")
    return found


_STRICT = json.JSONDecoder(parse_constant=_refuse_constant, object_pairs_hook=_no_repeats)
