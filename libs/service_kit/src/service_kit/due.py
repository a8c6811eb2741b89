"""Deadlines are data: a worker asks the store what is due, so that no clock dies with a process."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from service_kit import metrics
from service_kit.clock import Clock
from service_kit.store import AggregateStore, Due
from service_kit.telemetry import logger, span
from service_kit.transient import is_transient

LOG = logger(__name__)

POLL_SECONDS = 0.25
MOST_AT_ONCE = 100

Tick = Callable[[str, str], Awaitable[object]]
"""Lets one aggregate (tenant, id) act on the deadline that has come."""


class DueWorker:
    """Polls one collection for deadlines that have come and lets each aggregate decide."""

    def __init__(
        self, store: AggregateStore[Any], tick: Tick, clock: Clock, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        """Several replicas may run: the lost race is dull."""
        self._store = store
        self._tick = tick
        self._clock = clock
        self._poll_seconds = poll_seconds

    async def run_for_ever(self) -> None:
        """Poll; survive a store that is away and an aggregate that cannot decide."""
        while True:
            try:
                taken = await self.run_once()
            except Exception as error:
                if not is_transient(error):
                    raise
                metrics.RETRIES.labels("clock").inc()
                taken = 0
            if taken < MOST_AT_ONCE:
                await asyncio.sleep(self._poll_seconds)

    async def run_once(self) -> int:
        """Let everything that is due act; returns how many."""
        due = await self._store.due(self._clock(), MOST_AT_ONCE)
        for one in due:
            await self._let_act(one)
        return len(due)

    async def _let_act(self, one: Due) -> None:
        kind = self._store.aggregate.kind
        attributes = {"siaga.tenant": one.tenant, "siaga.subject": f"{kind}/{one.id}"}
        with span(f"{kind} deadline", parent=one.traceparent, attributes=attributes):
            try:
                await self._tick(one.tenant, one.id)
            except Exception as error:
                if is_transient(error):
                    raise
                LOG.exception("deadline.not_met", kind=kind, id=one.id, tenant=one.tenant)
