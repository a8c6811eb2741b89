"""Intake never says no: what is heard is kept first, and answered for only then (A10)."""

from collections.abc import Callable
from dataclasses import replace

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Arrival, Keeps
from intake.application.turns import Turns
from intake.domain.turn import Lane


class TakeFacts:
    """Keep what was heard; when this returns, no crash and no power cut can lose it."""

    def __init__(self, spool: Keeps, current: CurrentCalls, tell_settling: Callable[[Lane], None]) -> None:
        """Use a spool, the list of current calls, and a way to say where there is work to settle."""
        self._spool = spool
        self._current = current
        self._tell_settling = tell_settling
        self._turns = Turns()

    async def __call__(self, arrival: Arrival) -> None:
        """Keep an arrival whole.

        Raises:
            SpoolUnwritable: nothing of it was kept; whoever sent it must send it again.
        """
        ordered = replace(arrival, turns=self._turns.of(arrival.told))
        await self._spool.append(ordered)
        self._current.hear(ordered.told)
        for lane in ordered.lanes:
            self._tell_settling(lane)
