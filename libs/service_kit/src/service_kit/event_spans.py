"""What is done about an event is one span of the event's own trace, and each log line in it carries its ids."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.trace import SpanKind
from structlog.contextvars import bound_contextvars

from service_kit.event import Event
from service_kit.telemetry import span
from shared_schemas.topics import TOPICS


@contextmanager
def event_span(event: Event[Any], operation: str, *, group: str, linked: str = "") -> Iterator[None]:
    """Do something about an event; `linked` is the trace context in which its story goes on elsewhere.

    Names are those of OpenTelemetry's semantic conventions for messaging.
    """
    one = event.envelope
    attributes = {
        "messaging.system": "kafka",
        "messaging.operation.name": operation,
        "messaging.destination.name": one.topic,
        "messaging.consumer.group.name": group,
        "siaga.tenant": one.tenant,
        "siaga.subject": one.subject,
    }
    name, kind = f"{one.topic} {operation}", SpanKind.CONSUMER
    running = span(name, parent=one.traceparent, kind=kind, attributes=attributes, linked=linked)
    with running, bound_contextvars(**_ids(event)):
        yield


def _ids(event: Event[Any]) -> dict[str, str]:
    """Return the ids that each log line about an event carries: its tenant, its call or its ticket."""
    one = event.envelope
    topic = TOPICS[one.topic]
    return {topic.key: topic.key_of(event.data), "tenant": one.tenant, "subject": one.subject}
