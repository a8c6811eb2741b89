"""Time that costs nothing: an event loop that jumps to the next timer as soon as nobody has work."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


class NothingEverHappens(RuntimeError):
    """Everybody waits and no timer is set: the simulated world stands still for ever."""


class _NoSockets(selectors.BaseSelector):
    """Waits for nothing but time, and time passes at once."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        self._pass_time = pass_time
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Note the loop's own pipe, which nobody writes to."""
        self._keys[fileobj] = selectors.SelectorKey(fileobj, 0, events, data)
        return self._keys[fileobj]

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Forget it."""
        return self._keys.pop(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return what was noted."""
        return self._keys

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Let the time pass that the loop wants to wait."""
        if timeout is None:
            raise NothingEverHappens
        if timeout > 0:
            self._pass_time(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs in the order of its timers, the same at every run, without ever waiting."""

    def __init__(self) -> None:
        self._passed = 0.0
        super().__init__(_NoSockets(self._pass))
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the virtual seconds since the beginning."""
        return self._passed

    def _pass(self, seconds: float) -> None:
        self._passed += seconds


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
