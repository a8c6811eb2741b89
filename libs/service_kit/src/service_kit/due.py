"""Deadlines are data: a worker asks the store what is due, so that no clock dies with a process."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from structlog.contextvars import bound_contextvars

from service_kit import metrics
from service_kit.clock import Clock
from service_kit.store import AggregateStore, Due
from service_kit.telemetry import logger, span
from service_kit.transient import is_transient, tells_no_cause

LOG = logger(__name__)

POLL_SECONDS = 0.25
MOST_AT_ONCE = 100
FIRST_REST = timedelta(seconds=1)
LONGEST_REST = timedelta(minutes=1)
LONGEST_REST_FOR_THE_STORE = timedelta(seconds=5)
"""Who may only have met a store in trouble is not kept from its deadline for longer once that is well again."""

Tick = Callable[[str, str], Awaitable[object]]
"""Lets one aggregate (tenant, id) act on the deadline that has come."""


@dataclass(frozen=True, slots=True)
class _Rest:
    """How long an aggregate that could not act is left alone."""

    tries: int
    until: datetime


class DueWorker:
    """Polls one collection for deadlines that have come and lets each aggregate decide.

    One that cannot act is left alone for a while, longer each time: it keeps nobody else waiting.
    """

    def __init__(
        self, store: AggregateStore[Any], tick: Tick, clock: Clock, *, poll_seconds: float = POLL_SECONDS
    ) -> None:
        """Several replicas may run: the lost race is dull."""
        self._store = store
        self._tick = tick
        self._clock = clock
        self._poll_seconds = poll_seconds
        self._resting: dict[str, _Rest] = {}

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
        """Let everything that is due act; returns how many acted or tried to."""
        now = self._clock()
        due = await self._store.due(now, MOST_AT_ONCE + len(self._resting))
        self._resting = {one.id: self._resting[one.id] for one in due if one.id in self._resting}
        awake = [one for one in due if one.id not in self._resting or self._resting[one.id].until <= now]
        for one in awake:
            await self._let_act(one)
        return len(awake)

    async def _let_act(self, one: Due) -> None:
        kind = self._store.aggregate.kind
        subject = f"{kind}/{one.id}"
        attributes = {"siaga.tenant": one.tenant, "siaga.subject": subject}
        with (
            span(f"{kind} deadline", parent=one.traceparent, attributes=attributes),
            bound_contextvars(tenant=one.tenant, subject=subject),
        ):
            try:
                await self._tick(one.tenant, one.id)
            except Exception as error:
                untold = tells_no_cause(error)
                if is_transient(error) and not untold:
                    raise
                LOG.exception("deadline.not_met")
                self._rest(one, LONGEST_REST_FOR_THE_STORE if untold else LONGEST_REST)
            else:
                self._resting.pop(one.id, None)

    def _rest(self, one: Due, longest: timedelta) -> None:
        before = self._resting.get(one.id)
        tries = before.tries + 1 if before else 0
        pause = min(FIRST_REST * (1 << min(tries, 10)), longest)
        self._resting[one.id] = _Rest(tries, self._clock() + pause)
