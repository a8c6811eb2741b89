"""Time that costs nothing: an event loop that jumps to the next timer as soon as nobody has work."""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from contextvars import Context
from heapq import heappop, heappush
from itertools import count
from typing import Any, TypeVar, TypeVarTuple

Result = TypeVar("Result")
Given = TypeVarTuple("Given")


class NothingEverHappens(RuntimeError):
    """Everybody waits and no timer is set: the simulated world stands still for ever."""


class VirtualLoop(asyncio.BaseEventLoop):
    """Runs in the order of its timers, the same at every run, without ever waiting; it has no sockets."""

    _stopping: bool

    def __init__(self) -> None:
        super().__init__()
        self._passed = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._order = count()

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._passed

    def call_soon(
        self, callback: Callable[[*Given], object], *args: *Given, context: Context | None = None
    ) -> asyncio.Handle:
        """Let something happen in the next round."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Given], object],
        *args: *Given,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Let something happen at a time; of two at the same time, the one that was set first is the first."""
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heappush(self._timers, (when, next(self._order), timer))
        return timer

    def _run_once(self) -> None:
        """Let everybody go on who has work; time passes only where nobody has."""
        self._wake()
        for _ in range(len(self._ready)):
            handle = self._ready.popleft()
            if not handle.cancelled():
                handle._run()

    def _wake(self) -> None:
        timers = self._timers
        while timers and timers[0][2].cancelled():
            heappop(timers)
        if not self._ready and not self._stopping:
            if not timers:
                raise NothingEverHappens
            self._passed = max(self._passed, timers[0][0])
        while timers and timers[0][0] <= self._passed:
            self._ready.append(heappop(timers)[2])

    def _write_to_self(self) -> None:
        """Nobody sleeps who could be woken."""


@contextmanager
def closing(loop: VirtualLoop) -> Iterator[VirtualLoop]:
    """Make it the present loop; what is left at the end is cut off."""
    asyncio.set_event_loop(loop)
    try:
        yield loop
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, Result]]) -> Result:
    """Run a coroutine on a loop of its own."""
    with closing(VirtualLoop()) as loop:
        return loop.run_until_complete(main(loop))
