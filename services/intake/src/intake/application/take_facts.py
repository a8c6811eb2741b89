"""Intake never says no: what is heard is kept first, and answered for only then (A10)."""

from collections.abc import Callable

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Arrival, Keeps


class TakeFacts:
    """Keep what was heard; when this returns, no crash and no power cut can lose it."""

    def __init__(self, spool: Keeps, current: CurrentCalls, tell_settling: Callable[[], None]) -> None:
        """Use a spool, the list of current calls, and a way to say that there is work to settle."""
        self._spool = spool
        self._current = current
        self._tell_settling = tell_settling

    async def __call__(self, arrival: Arrival) -> None:
        """Keep an arrival whole.

        Raises:
            SpoolUnwritable: nothing of it was kept; whoever sent it must send it again.
        """
        await self._spool.append(arrival)
        self._current.hear(arrival.told)
        if arrival.told:
            self._tell_settling()
