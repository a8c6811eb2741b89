"""The envelope of every event: CloudEvents 1.0 in binary mode over Kafka.

Source: CloudEvents 1.0.2 and its Kafka protocol binding (attributes travel as `ce_*` headers).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

TYPE_PREFIX = "id.siaga112."
CONTENT_TYPE = "application/json"
TENANT_CODE = re.compile(r"[0-9]{2}\.[0-9]{2}\Z")
_TYPE = re.compile(r"id\.siaga112\.([a-z]{1,40}\.[a-z_]{1,40})\.v([1-9][0-9]{0,3})\Z")
_SOURCE = re.compile(r"[a-z][a-z-]{0,39}\Z")
_SUBJECT = re.compile(r"[a-z]{1,20}/[A-Za-z0-9._-]{1,64}\Z")
_SEQUENCE = re.compile(r"[1-9][0-9]{0,17}\Z")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|\+00:00)\Z")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z")
_REQUIRED = ("id", "source", "type", "specversion", "time", "subject", "tenantid", "sequence")


class EnvelopeUnreadable(ValueError):
    """The headers of a record are not those of one of our events; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who says what about whom, and how new it is.

    Attributes:
        source: the service that owns the aggregate, such as `triage`.
        subject: the aggregate, such as `ticket/<uuid>`.
        topic: the topic's name, such as `ticket.escalated`; the event's type without its version.
        major: the major version of the event's type.
        tenant: the Kemendagri code of the regency, such as `53.03`.
        sequence: the aggregate's version that the event shows; newer ones replace older ones.
        time: when the state was saved (server clock, UTC).
        traceparent: W3C trace context, or empty.
    """

    source: str
    subject: str
    topic: str
    major: int
    tenant: str
    sequence: int
    time: datetime
    traceparent: str = ""

    @property
    def id(self) -> str:
        """The event's identity: announcing the same state again is the same event."""
        return f"{self.source}/{self.subject}/{self.sequence}"

    @property
    def type(self) -> str:
        """The CloudEvents type, ending in its major version."""
        return f"{TYPE_PREFIX}{self.topic}.v{self.major}"

    def headers(self) -> list[tuple[str, bytes]]:
        """Return the Kafka headers of the binary mode."""
        attributes = {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": self.time.isoformat().replace("+00:00", "Z"),
            "subject": self.subject,
            "tenantid": self.tenant,
            "sequence": str(self.sequence),
        }
        if self.traceparent:
            attributes["traceparent"] = self.traceparent
        named = [(f"ce_{name}", value.encode()) for name, value in attributes.items()]
        return [*named, ("content-type", CONTENT_TYPE.encode())]


def read_envelope(headers: Iterable[tuple[str, bytes | None]]) -> Envelope:
    """Read an event's headers; headers of others are passed over, a broken trace context is dropped.

    Raises:
        EnvelopeUnreadable: a header is missing, null, repeated, not UTF-8 or out of its form.
    """
    found = _attributes(headers)
    missing = [name for name in _REQUIRED if not found.get(name)]
    if missing:
        raise EnvelopeUnreadable(f"missing ce_{', ce_'.join(missing)}")
    if found["specversion"] != "1.0":
        raise EnvelopeUnreadable("ce_specversion is not 1.0")
    topic, major = _topic_and_major(found["type"])
    envelope = Envelope(
        source=_in_form(found, "source", _SOURCE, "the name of a service"),
        subject=_in_form(found, "subject", _SUBJECT, "<kind>/<id>"),
        topic=topic,
        major=major,
        tenant=_in_form(found, "tenantid", TENANT_CODE, "a Kemendagri code such as 53.03"),
        sequence=int(_in_form(found, "sequence", _SEQUENCE, "a positive whole number")),
        time=_time(_in_form(found, "time", _TIME, "an RFC 3339 time in UTC")),
        traceparent=_traceparent(found.get("traceparent", "")),
    )
    if envelope.id != found["id"]:
        raise EnvelopeUnreadable("ce_id is not source/subject/sequence")
    return envelope


def _attributes(headers: Iterable[tuple[str, bytes | None]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if name == "content-type":
            _check_content_type(_text(name, value))
        elif name.startswith("ce_"):
            if name[3:] in found:
                raise EnvelopeUnreadable(f"{name} is there twice")
            found[name[3:]] = _text(name, value)
    return found


def _text(name: str, value: bytes | None) -> str:
    if value is None:
        raise EnvelopeUnreadable(f"{name} is null")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EnvelopeUnreadable(f"{name} is not UTF-8") from error


def _check_content_type(value: str) -> None:
    if value.partition(";")[0].strip().lower() != CONTENT_TYPE:
        raise EnvelopeUnreadable(f"content-type is not {CONTENT_TYPE}")


def _topic_and_major(type_: str) -> tuple[str, int]:
    match = _TYPE.match(type_)
    if match is None:
        raise EnvelopeUnreadable("ce_type is not id.siaga112.<topic>.v<major>")
    return match[1], int(match[2])


def _in_form(found: Mapping[str, str], name: str, form: re.Pattern[str], what: str) -> str:
    if form.match(found[name]) is None:
        raise EnvelopeUnreadable(f"ce_{name} is not {what}")
    return found[name]


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise EnvelopeUnreadable("ce_time is no time that exists") from error


def _traceparent(text: str) -> str:
    """Return a W3C trace context, or none: a broken trace never costs an event (W3C, 3.2)."""
    return text if _TRACEPARENT.match(text) else ""
