"""Ticket numbers from blocks that each process takes by compare-and-set (A8)."""

import asyncio

from pymongo.errors import DuplicateKeyError

from service_kit.documents import Database
from triage.application.ports import Numbers

BLOCK = 10
TRIES_MOST = 100


class NoNumberWon(RuntimeError):
    """Other processes took the counter at every one of many tries."""


class MongoNumbers(Numbers):
    """One counter a tenant and day; a process takes ten at a time, so a crash leaves a gap of nine at most."""

    def __init__(self, database: Database) -> None:
        self._counters = database.get_collection("ticket_numbers")
        self._block: dict[str, tuple[str, range]] = {}
        self._one_at_a_time = asyncio.Lock()

    async def take(self, tenant: str, stem: str) -> int:
        """Return a number that nobody else gets for this stem, from 1 upwards; there may be gaps.

        Raises:
            NoNumberWon: the counter was never won.
        """
        async with self._one_at_a_time:
            of_stem, left = self._block.get(tenant, ("", range(0)))
            if of_stem != stem or not left:
                left = await self._take_block(f"{tenant}/{stem}")
            self._block[tenant] = (stem, left[1:])
            return left[0]

    async def _take_block(self, counter: str) -> range:
        for _ in range(TRIES_MOST):
            found = await self._counters.find_one({"_id": counter})
            first = 1 if found is None else int(found["next"])
            if await self._write(counter, first, is_new=found is None):
                return range(first, first + BLOCK)
        raise NoNumberWon(counter)

    async def _write(self, counter: str, first: int, *, is_new: bool) -> bool:
        """Move the counter on; tell whether it still stood where it was read."""
        moved = {"_id": counter, "next": first + BLOCK}
        if is_new:
            try:
                await self._counters.insert_one(moved)
            except DuplicateKeyError:
                return False
            return True
        result = await self._counters.replace_one({"_id": counter, "next": first}, moved)
        return result.matched_count == 1
