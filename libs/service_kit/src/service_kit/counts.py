"""The numbers of `/status`: each is told, or said to be unknown now; none keeps the others back."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

from service_kit.transient import is_transient

WITHIN_SECONDS = 1.5
"""Half of what `siaga status` waits for the whole report: who asks while the store hangs must have an answer."""

Count = Callable[[], Awaitable[object]]


async def or_none(count: Count) -> Any:
    """Return what is counted; None where the store or the broker cannot be asked now."""
    try:
        async with asyncio.timeout(WITHIN_SECONDS):
            return await count()
    except Exception as error:
        if not is_transient(error):
            raise
        return None


async def all_or_none(counts: Iterable[Count]) -> list[Any]:
    """Count everything side by side: while the store is away a person waits for one count, not for each."""
    return await asyncio.gather(*map(or_none, counts))


def disk_free(folder: Path) -> int | None:
    """Return how many bytes the disk of a folder still takes; None where it cannot be told."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None
