"""Whose fault a failure is: the event's own, or that of something that is away."""

from collections.abc import Awaitable, Callable

from service_kit.transient import is_transient, tells_no_cause

LOOKED_AT_AFTER_SECONDS = 20.0
"""So long an event waits for a store that only says that something went wrong; then others' writes tell more."""


class Blame:
    """Tells events that fail by themselves from those that wait for the store, the broker or the vault.

    A store that runs into its own fault answers as one whose disk is full: with an internal error. What
    tells the two apart is whether it writes anything else meanwhile. Without that one event would keep
    its neighbours waiting for ever.
    """

    def __init__(self, write_something: Callable[[], Awaitable[object]]) -> None:
        """Have something small written by this, which raises while the store takes no writes."""
        self._write_something = write_something

    async def is_the_events(self, error: Exception, *, waited: float) -> bool:
        """Whether the event itself made this error, after it has waited so many seconds for others."""
        if not is_transient(error):
            return True
        if waited < LOOKED_AT_AFTER_SECONDS or not tells_no_cause(error):
            return False
        try:
            await self._write_something()
        except Exception as trouble:
            if not is_transient(trouble):
                raise
            return False
        return True
