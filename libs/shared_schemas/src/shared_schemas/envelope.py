"""The envelope of every event: CloudEvents 1.0 in binary mode over Kafka.

Source: CloudEvents 1.0.2 and its Kafka protocol binding (attributes travel as `ce_*` headers).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

TYPE_PREFIX = "id.siaga112."
CONTENT_TYPE = "application/json"
TENANT_CODE = re.compile(r"\d\d\.\d\d\Z")
_MAJOR = re.compile(r"v([1-9]\d{0,3})\Z")
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
    """Read an event's headers.

    Raises:
        EnvelopeUnreadable: a header is missing, null, not UTF-8 or out of its form.
    """
    found = _attributes(headers)
    missing = [name for name in _REQUIRED if not found.get(name)]
    if missing:
        raise EnvelopeUnreadable(f"missing ce_{', ce_'.join(missing)}")
    topic, major = _topic_and_major(found["type"])
    envelope = Envelope(
        source=found["source"],
        subject=found["subject"],
        topic=topic,
        major=major,
        tenant=_tenant(found["tenantid"]),
        sequence=_sequence(found["sequence"]),
        time=_time(found["time"]),
        traceparent=found.get("traceparent", ""),
    )
    if envelope.id != found["id"]:
        raise EnvelopeUnreadable("ce_id is not source/subject/sequence")
    return envelope


def _attributes(headers: Iterable[tuple[str, bytes | None]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        if not name.startswith("ce_"):
            continue
        if value is None:
            raise EnvelopeUnreadable(f"{name} is null")
        try:
            found[name[3:]] = value.decode("utf-8")
        except UnicodeDecodeError as error:
            raise EnvelopeUnreadable(f"{name} is not UTF-8") from error
    return found


def _topic_and_major(type_: str) -> tuple[str, int]:
    topic, _, version = type_.removeprefix(TYPE_PREFIX).rpartition(".")
    major = _MAJOR.match(version)
    if not type_.startswith(TYPE_PREFIX) or not topic or major is None:
        raise EnvelopeUnreadable("ce_type is not id.siaga112.<topic>.v<major>")
    return topic, int(major[1])


def _tenant(text: str) -> str:
    if TENANT_CODE.match(text) is None:
        raise EnvelopeUnreadable("ce_tenantid is not a Kemendagri code such as 53.03")
    return text


def _sequence(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19 and int(text) > 0):  # noqa: PLR2004 - below 2^63
        raise EnvelopeUnreadable("ce_sequence is not a positive whole number")
    return int(text)


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise EnvelopeUnreadable("ce_time is not an RFC 3339 time") from error
    if time.utcoffset() != timedelta(0):
        raise EnvelopeUnreadable("ce_time is not in UTC")
    return time
