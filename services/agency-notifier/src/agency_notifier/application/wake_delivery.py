"""A delivery's time has come: its next try is claimed and handed to the pool."""

from functools import partial

from agency_notifier.application.follow_response import Worker
from agency_notifier.application.ports import Clock, Deliveries, Sending
from agency_notifier.domain.delivery import claim, renew
from service_kit.decisions import Saved


class WakeDelivery:
    """Takes the next try of a delivery whose time has come."""

    def __init__(self, deliveries: Deliveries, sending: Sending, clock: Clock, worker: Worker) -> None:
        self._deliveries, self._sending, self._clock, self._worker = deliveries, sending, clock, worker

    async def __call__(self, tenant: str, delivery_id: str) -> None:
        """Claim the try, or hold on to the claim of one that waits for its turn here."""
        decide = renew if self._sending.holds(delivery_id) else claim
        terms = partial(decide, by=self._worker.name, now=self._clock(), lease=self._worker.lease)
        saved = await self._deliveries.change(tenant, delivery_id, terms)
        if isinstance(saved, Saved) and saved.state.claimed_by(self._worker.name):
            self._sending.take(saved.state)
