"""What waits in the spool about one call becomes part of that call, with the caller sealed."""

from dataclasses import replace

from intake.application.current_calls import CurrentCalls
from intake.application.ports import Callers, Calls, SpooledCall
from intake.domain.facts import Fact, Told


class SettleCall:
    """Carry one call's spooled facts into the call; doing it twice is dull."""

    def __init__(self, calls: Calls, callers: Callers, current: CurrentCalls) -> None:
        """Use the calls' home, what seals callers, and the memory that need not stand in for the home now."""
        self._calls = calls
        self._callers = callers
        self._current = current

    async def __call__(self, spooled: SpooledCall) -> None:
        """Settle one call; when this returns its rows may leave the spool.

        Raises:
            CallsAway: the store or the vault is away; nothing is lost, try again.
        """
        facts = [await self._sealed(told) for told in spooled.told]
        await self._calls.take(spooled.key, facts)
        self._current.settled(spooled)

    async def _sealed(self, told: Told) -> Fact:
        if told.caller is None:
            return told.fact
        caller = await self._callers.seal(told.fact.call, told.caller)
        return replace(told.fact, caller=caller.sealed, caller_ref=caller.ref, story=caller.story)
