"""A second process of a service that sleeps: takes over its work, so that the one that wakes up is late."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import psutil

from siaga_embedded.places import Places
from siaga_embedded.processes import spawn

HEARS = frozenset({"triage", "dispatch", "agency-notifier", "statistics"})
"""Services that share their work among processes; the others have one door, or one disk."""

ENDS_WITHIN = 10.0


@asynccontextmanager
async def standing_in(program: str, process: psutil.Process, places: Places) -> AsyncIterator[None]:
    """Run a second process of a program for the length of a block, with a port and a folder of its own and no kept place in the group."""
    name = f"{program}-stand-in"
    own = {
        "SIAGA_PORT": "0",
        "SIAGA_DATA_DIR": str(places.data / name),
        "SIAGA_TRACE_FILE": str(places.data / "traces" / f"{name}.jsonl"),
    }
    (places.data / name).mkdir(exist_ok=True)
    theirs = {key: value for key, value in process.environ().items() if key != "SIAGA_REPLICA"}
    second = await spawn(process.cmdline(), log=places.log_of(name), environment={**theirs, **own})
    try:
        yield
    finally:
        await _end(second)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ask it to end; kill it where it does not listen."""
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), ENDS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
