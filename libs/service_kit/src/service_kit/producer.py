"""Sends events so that an acknowledgement means kept: acks=all, idempotent, replaced when broken."""

import asyncio
import zlib
from collections.abc import Sequence

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from service_kit import metrics
from service_kit.telemetry import logger
from service_kit.transient import Away

LOG = logger(__name__)

ACKNOWLEDGED_WITHIN_SECONDS = 10.0
LARGEST_REQUEST_BYTES = 900_000
"""Below the topics' max.message.bytes, so that the broker never refuses what the client took."""
START_WITHIN_SECONDS = 5.0


class EventTooLarge(ValueError):
    """An event is larger than the broker takes; sending it again cannot help."""


Headers = Sequence[tuple[str, bytes]]


def slot_of(key: str, slots: Sequence[int]) -> int:
    """Return the partition of a call or ticket among its tenant's slots (decision 12)."""
    return slots[zlib.crc32(key.encode()) % len(slots)]


class Producer:
    """One idempotent producer; after an error that it cannot survive a new one takes its place."""

    def __init__(
        self, bootstrap: str, *, client: str, linger_ms: int = 3, largest_bytes: int = LARGEST_REQUEST_BYTES
    ) -> None:
        """Name the brokers and this client; nothing connects before `start`."""
        self._bootstrap = bootstrap
        self._client = client
        self._linger_ms = linger_ms
        self._largest_bytes = largest_bytes
        self._inner: AIOKafkaProducer | None = None
        self._replacing = asyncio.Lock()
        self._closed = False
        self.healthy = False

    def settings(self) -> dict[str, object]:
        """Return what guarantees delivery, as it is in force."""
        return {
            "bootstrap_servers": self._bootstrap,
            "client_id": self._client,
            "acks": "all",
            "enable_idempotence": True,
            "linger_ms": self._linger_ms,
            "request_timeout_ms": int(ACKNOWLEDGED_WITHIN_SECONDS * 1000),
            "max_request_size": self._largest_bytes,
        }

    async def _ready(self) -> AIOKafkaProducer:
        async with self._replacing:
            if self._inner is not None:
                return self._inner
            if self._closed:
                raise Away("the producer is closed")
            inner = AIOKafkaProducer(**self.settings())
            try:
                await asyncio.wait_for(inner.start(), START_WITHIN_SECONDS)
            except (KafkaError, OSError, TimeoutError) as error:
                await inner.stop()
                raise Away("the broker cannot be reached") from error
            self._inner = inner
            self.healthy = True
            return inner

    async def send(
        self, topic: str, *, partition: int, key: bytes | None, value: bytes, headers: Headers
    ) -> None:
        """Send one record and wait until the brokers have it.

        Raises:
            Away: it was not acknowledged in time; it may arrive all the same.
            EventTooLarge: it never will be.
        """
        inner = await self._ready()
        try:
            async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
                sent = await inner.send(
                    topic, value=value, key=key, partition=partition, headers=list(headers)
                )
                await sent
        except MessageSizeTooLargeError as error:
            raise EventTooLarge(f"an event for {topic} is too large") from error
        except (KafkaError, OSError, TimeoutError) as error:
            metrics.SEND_FAILURES.labels(topic).inc()
            await self._replace(inner, error)
            raise Away(f"{topic} was not acknowledged") from error
        self.healthy = True
        metrics.EVENTS_SENT.labels(topic).inc()

    async def _replace(self, broken: AIOKafkaProducer, error: Exception) -> None:
        """Put a new producer in the broken one's place: an idempotent one may never recover."""
        if self._inner is not broken:
            return
        self._inner = None
        self.healthy = False
        LOG.warning("producer.replaced", error=type(error).__name__)
        await _stop(broken)

    async def stop(self) -> None:
        """Send what is buffered, then close."""
        self._closed = True
        inner, self._inner = self._inner, None
        if inner is not None:
            await _stop(inner)


async def _stop(inner: AIOKafkaProducer) -> None:
    try:
        await asyncio.wait_for(inner.stop(), START_WITHIN_SECONDS)
    except (KafkaError, OSError, TimeoutError) as error:
        LOG.warning("producer.not_stopped_cleanly", error=type(error).__name__)
