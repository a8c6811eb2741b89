"""Passwords are judged in threads, only a few at a time, so that log-ins never stop the rest."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from directory.application.ports import Passwords
from service_kit import passwords
from service_kit.transient import Away

MOST_IN_LINE = 256
"""Some ten seconds of work; who comes later would have given up before the turn came."""


class TooManyPasswords(Away):
    """Too many passwords wait to be judged: try again, nothing was looked at."""


class ThreadedPasswords(Passwords):
    """Argon2id off the event loop."""

    def __init__(self, inner: passwords.Passwords, *, at_once: int, most_in_line: int = MOST_IN_LINE) -> None:
        self._inner = inner
        self._turns = asyncio.Semaphore(at_once)
        self._places = most_in_line

    async def hash(self, password: str) -> str:
        """Return the hash to keep. Raises TooManyPasswords."""
        async with self._place():
            return await asyncio.to_thread(self._inner.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Tell whether it is the password; None takes as long and is a no. Raises TooManyPasswords."""
        async with self._place():
            return await asyncio.to_thread(self._inner.verify, password, kept)

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._places == 0:
            raise TooManyPasswords("too many passwords wait to be judged; try again")
        self._places -= 1
        try:
            async with self._turns:
                yield
        finally:
            self._places += 1

    def needs_rehash(self, kept: str) -> bool:
        """Tell whether the hash was made at another cost than today's; reads its head only."""
        return self._inner.needs_rehash(kept)
