"""Doorway from the spool: what waits there becomes part of its call, tenants in turn, for ever.

Two lanes: calls of people who call for the first time at once, several side by side; those of who called
a moment ago one by one, for a part of the time, so that a flood leaves store and bus to others.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

from intake.application.ports import CallsAway, Clock, Spool, SpooledCall, SpoolUnwritable
from intake.application.settle_call import SettleCall
from intake.contracts.call_trace import call_trace
from intake.domain.turn import Lane
from service_kit.telemetry import logger, span

LOG = logger(__name__)

BATCH_FACTS = 32
"""Who comes meanwhile waits for one batch: a few facts, however many wait."""
CALLS_AT_ONCE = 8
RESTS_AS_LONG = 1.0
"""Who calls again and again gets half of the time at most: as long as one such call took nothing is done for them."""
IDLE_SECONDS = 1.0
SHORTEST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
LONGEST_PUT_OFF = timedelta(minutes=5)


class Settling:
    """Carries facts from the spool into their calls; nothing leaves the spool before its call has it."""

    def __init__(
        self,
        spool: Spool,
        settle: SettleCall,
        clock: Clock,
        *,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Settle what the spool offers; `wait` is how to pause while the store is away, or others go first."""
        self._spool = spool
        self._settle = settle
        self._clock = clock
        self._wait = wait
        self._arrived = {lane: asyncio.Event() for lane in Lane}
        self._few = asyncio.Semaphore(CALLS_AT_ONCE)

    def tell(self, lane: Lane) -> None:
        """Say that something new waits, so that nobody waits for the next look."""
        self._arrived[lane].set()

    async def run(self) -> None:
        """Settle both lanes for ever; while the store is away pause, longer each time, and lose nothing."""
        async with asyncio.TaskGroup() as together:
            for lane in Lane:
                together.create_task(self._run(lane))

    async def _run(self, lane: Lane) -> None:
        pause = SHORTEST_PAUSE_SECONDS
        while True:
            self._arrived[lane].clear()
            try:
                offered = await self._settle_next(lane)
            except (CallsAway, SpoolUnwritable) as error:
                LOG.warning("settling.waits", error=type(error).__name__)
                await self._wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
                continue
            pause = SHORTEST_PAUSE_SECONDS
            if offered == 0:
                await self._until_something_arrives(lane)

    async def _settle_next(self, lane: Lane) -> int:
        """Settle the next batch of a lane; of who calls again that is one call, and then a rest."""
        if lane is Lane.FIRST:
            return await self.settle_some(lane)
        time = asyncio.get_running_loop().time
        began = time()
        offered = await self.settle_some(lane, most=1)
        if offered:
            await self._wait(min(RESTS_AS_LONG * (time() - began), LONGEST_PAUSE_SECONDS))
        return offered

    async def settle_some(self, lane: Lane | None = None, *, most: int | None = None) -> int:
        """Settle one batch of one lane or of both; tell how many calls were offered.

        Raises:
            CallsAway: the store is away; what could be settled has left the spool.
            SpoolUnwritable: settled rows could not leave; they will be settled again, which is dull.
        """
        batch = await self._spool.next_batch(most or BATCH_FACTS, self._clock(), lane)
        outcomes = await asyncio.gather(*(self._one(call) for call in batch), return_exceptions=True)
        settled = [
            one for call, outcome in zip(batch, outcomes, strict=True) if outcome is True for one in call.ids
        ]
        if settled:
            await self._spool.done(settled)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
        return len(batch)

    async def _one(self, call: SpooledCall) -> bool:
        """Settle one call; one that cannot be settled is put off, so that the others are not stopped."""
        ids = {"siaga.tenant": call.key.tenant, "siaga.id": call.key.call_id}
        async with self._few:
            try:
                with span("call settle", parent=call_trace(call.key), attributes=ids):
                    await self._settle(call)
            except CallsAway:
                raise
            except Exception as error:  # noqa: BLE001 -- a doorway: the error's text may hold what a caller said
                await self._put_off(call, error)
                return False
            return True

    async def _put_off(self, call: SpooledCall, error: Exception) -> None:
        later = min(timedelta(seconds=2 ** min(call.tries, 10)), LONGEST_PUT_OFF)
        LOG.error(
            "call.not_settled",
            tenant=call.key.tenant,
            call=call.key.call_id,
            tries=call.tries + 1,
            error=type(error).__name__,
        )
        await self._spool.put_off(call.ids, self._clock() + later)

    async def _until_something_arrives(self, lane: Lane) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(IDLE_SECONDS):
                await self._arrived[lane].wait()
