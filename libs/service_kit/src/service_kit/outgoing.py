"""Events that wait to be sent, as they lie in an aggregate's outbox."""

from dataclasses import dataclass
from datetime import datetime

from service_kit.documents import Document
from shared_schemas.envelope import Envelope
from shared_schemas.topics import TOPICS


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One event that waits to be sent.

    Attributes:
        key: the call's or ticket's id; chooses the partition among the tenant's slots.
        body: the event's data as JSON.
        at: when the state was saved.
    """

    tenant: str
    topic: str
    source: str
    subject: str
    sequence: int
    key: str
    body: bytes
    at: datetime
    traceparent: str = ""

    @property
    def entry_id(self) -> str:
        """Names the event in its document's outbox."""
        return f"{self.sequence}:{self.topic}"

    @property
    def envelope(self) -> Envelope:
        """The event's CloudEvents attributes."""
        return Envelope(
            source=self.source,
            subject=self.subject,
            topic=self.topic,
            major=TOPICS[self.topic].major,
            tenant=self.tenant,
            sequence=self.sequence,
            time=self.at,
            traceparent=self.traceparent,
        )


def to_entry(event: Outgoing) -> Document:
    """Return the outbox entry of an event."""
    return {
        "id": event.entry_id,
        "source": event.source,
        "subject": event.subject,
        "sequence": event.sequence,
        "topic": event.topic,
        "key": event.key,
        "body": event.body,
        "at": event.at,
        "traceparent": event.traceparent,
    }


def from_entry(tenant: str, entry: Document) -> Outgoing:
    """Return the event of an outbox entry."""
    return Outgoing(
        tenant=tenant,
        topic=entry["topic"],
        source=entry["source"],
        subject=entry["subject"],
        sequence=entry["sequence"],
        key=entry["key"],
        body=bytes(entry["body"]),
        at=entry["at"],
        traceparent=entry["traceparent"],
    )
