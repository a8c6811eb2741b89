"""Tries beside requests and handlers: bounded for each channel, tenant and endpoint.

A slow endpoint holds two places, a tenant at most half of a channel, so one regency's dead servers
leave room for everybody else's. Of those who wait in a lane the most urgent go first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass, field

from opentelemetry.trace import SpanKind

from agency_notifier.application.ports import AddressBook, Sending
from agency_notifier.domain.delivery import Delivery
from agency_notifier.gateways import metrics
from agency_notifier.gateways.lane import Lane
from service_kit.telemetry import logger, span
from service_kit.transient import is_transient
from service_kit.urgency import rank
from shared_schemas.vocabulary import ContactChannel, DeliveryStatus

LOG = logger(__name__)
FINISH_WITHIN_SECONDS = 2.0

Send = Callable[[str, str], Awaitable[Delivery | None]]
"""Makes the claimed try of one delivery (tenant, id)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many tries run at once."""

    channels: Mapping[ContactChannel, int] = field(default_factory=lambda: dict.fromkeys(ContactChannel, 16))
    tenant: int = 8
    endpoint: int = 2


class Pool(Sending):
    """Runs tries as tasks of this process."""

    def __init__(self, send: Send, book: AddressBook, bounds: Bounds) -> None:
        """Nothing runs before the first try is taken."""
        self._send, self._book, self._bounds = send, book, bounds
        self._running: dict[str, asyncio.Task[None]] = {}
        self._lanes: dict[Hashable, Lane] = {}

    def take(self, delivery: Delivery) -> None:
        """Make the try that was claimed, as soon as its turn comes; taking it twice is dull."""
        if self.holds(delivery.delivery_id):
            return
        task = asyncio.create_task(self._run(delivery), name=f"delivery {delivery.delivery_id}")
        self._running[delivery.delivery_id] = task
        metrics.IN_HAND.set(len(self._running))
        task.add_done_callback(lambda _: self._done(delivery.delivery_id))

    def holds(self, delivery_id: str) -> bool:
        """Tell whether a try of this delivery waits for its turn or is under way here."""
        return delivery_id in self._running

    def in_hand(self) -> int:
        """Count the tries that wait for their turn or are under way here."""
        return len(self._running)

    async def idle(self) -> None:
        """Wait until nothing is in hand."""
        while self._running:
            await asyncio.wait(list(self._running.values()))

    async def close(self) -> None:
        """Let what is under way end, for a moment; the rest is tried again after the restart."""
        running = list(self._running.values())
        if running:
            await asyncio.wait(running, timeout=FINISH_WITHIN_SECONDS)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def _done(self, delivery_id: str) -> None:
        self._running.pop(delivery_id, None)
        metrics.IN_HAND.set(len(self._running))

    async def _run(self, delivery: Delivery) -> None:
        try:
            endpoint, tenant, channel = self._lanes_of(delivery)
            urgency = rank(delivery.priority)
            async with endpoint.turn(urgency), tenant.turn(urgency), channel.turn(urgency):
                await self._make(delivery)
        except Exception as error:  # noqa: BLE001 - the doorway of a task: logged, and made good by the claim
            # Nothing is lost: the claim runs out and the try is taken again.
            level = LOG.warning if is_transient(error) else LOG.exception
            level("delivery.not_tried", id=delivery.delivery_id, error=type(error).__name__)

    async def _make(self, delivery: Delivery) -> None:
        about = {"siaga.tenant": delivery.tenant, "siaga.subject": f"delivery/{delivery.delivery_id}"}
        with span("delivery send", kind=SpanKind.CLIENT, attributes=about):
            after = await self._send(delivery.tenant, delivery.delivery_id)
        if after is not None and len(after.attempts) > len(delivery.attempts):
            _observe(after)

    def _lanes_of(self, delivery: Delivery) -> tuple[Lane, Lane, Lane]:
        """Return the lanes to wait in, the narrowest first: who waits in it holds no wider one."""
        contact = self._book.contact(delivery.tenant, delivery.agency, delivery.contact)
        address = contact.addresses.get(delivery.channel, "") if contact else ""
        channel, bounds = delivery.channel, self._bounds
        return (
            self._lane((channel, delivery.tenant, address), bounds.endpoint),
            self._lane((channel, delivery.tenant), bounds.tenant),
            self._lane(channel, bounds.channels[channel]),
        )

    def _lane(self, name: Hashable, most: int) -> Lane:
        return self._lanes.setdefault(name, Lane(most))


def _observe(delivery: Delivery) -> None:
    last = delivery.attempts[-1]
    result = "delivered" if last.succeeded else delivery.status.value
    metrics.TRIES.labels(delivery.tenant, last.channel.value, result).inc()
    if delivery.status is DeliveryStatus.DELIVERED and delivery.delivered_at is not None:
        took = delivery.delivered_at - delivery.asked_at  # two servers' clocks: never less than nothing
        metrics.DELIVERED_SECONDS.labels(last.channel.value).observe(max(0.0, took.total_seconds()))
