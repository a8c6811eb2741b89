"""How a program of the demo lives: it works until it is asked to end, and dies when its work breaks."""

import asyncio
import signal
from collections.abc import Coroutine, Iterable
from typing import Any


async def until_asked_to_end(works: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run all works at once until SIGTERM or SIGINT; an error in one of them ends the program."""
    over, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    async with asyncio.TaskGroup() as all_works:
        running = [all_works.create_task(work) for work in works]
        await over.wait()
        for task in running:
            task.cancel()
