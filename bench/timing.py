"""One clock for the load: seconds since its beginning, and the wall clock they stand for."""

import asyncio
import time


class Clock:
    """Runs from a moment a little ahead, so that the first call is not late already."""

    def __init__(self, *, starts_in: float) -> None:
        self._zero = time.monotonic() + starts_in
        self._zero_of_day = time.time() + starts_in

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return time.monotonic() - self._zero

    def wall(self, moment: float) -> float:
        """Return a moment of this clock in seconds since 1970."""
        return self._zero_of_day + moment

    async def until(self, moment: float) -> None:
        """Wait for a moment of this clock."""
        await asyncio.sleep(max(0.0, moment - self.now()))
