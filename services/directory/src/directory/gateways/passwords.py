"""Passwords are judged in threads, only a few at a time, so that log-ins never stop the rest."""

import asyncio

from directory.application.ports import Passwords
from service_kit import passwords


class ThreadedPasswords(Passwords):
    """Argon2id off the event loop."""

    def __init__(self, inner: passwords.Passwords, *, at_once: int) -> None:
        self._inner = inner
        self._turns = asyncio.Semaphore(at_once)

    async def hash(self, password: str) -> str:
        """Return the hash to keep."""
        async with self._turns:
            return await asyncio.to_thread(self._inner.hash, password)

    async def verify(self, password: str, kept: str | None) -> bool:
        """Tell whether it is the password; None takes as long and is a no."""
        async with self._turns:
            return await asyncio.to_thread(self._inner.verify, password, kept)

    def needs_rehash(self, kept: str) -> bool:
        """Tell whether the hash was made at another cost than today's; reads its head only."""
        return self._inner.needs_rehash(kept)
