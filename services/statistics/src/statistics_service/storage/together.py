"""What is to be kept at the same time is written together: one command to the store for many events."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from statistics_service.contracts import Projected

Write = Callable[[Sequence[Projected]], Awaitable[Sequence[bool]]]
"""Keeps the rows of different aggregates; tells of each whether they were newer than those kept."""


class Together:
    """Gathers what comes while a write is under way for the next one; nothing waits for more to come."""

    def __init__(self, write: Write) -> None:
        """Write through this."""
        self._write = write
        self._waiting: list[tuple[Projected, asyncio.Future[bool]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, projected: Projected) -> bool:
        """Keep one aggregate's rows; returns, or raises, when the write that took them along has ended."""
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((projected, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        return await kept

    async def _write_all(self) -> None:
        await asyncio.sleep(0)  # whoever is about to put something at this very moment comes along
        while self._waiting:
            taken, self._waiting = self._waiting, []
            try:
                kept = await self._write([projected for projected, _ in taken])
            except Exception as error:  # noqa: BLE001 - each of those who wait is told
                self._settle(taken, [error] * len(taken))
            else:
                self._settle(taken, kept)

    @staticmethod
    def _settle(
        taken: Sequence[tuple[Projected, asyncio.Future[bool]]], ends: Sequence[bool | Exception]
    ) -> None:
        for (_, waiting), end in zip(taken, ends, strict=True):
            if waiting.done():  # who waited has been cancelled
                continue
            if isinstance(end, Exception):
                waiting.set_exception(end)
            else:
                waiting.set_result(end)
