"""A second process of a service that sleeps: takes over its work, so that the one that wakes up is late."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import psutil

from siaga_embedded.places import Places
from siaga_embedded.processes import spawn
from tests.e2e.system import ROOT
from tests.faults.history import Death

HEARS = frozenset({"triage", "dispatch", "agency-notifier", "statistics"})
"""Services that share their work among processes; the others have one door, or one disk."""

ENDS_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Newer:
    """A later version of a service: its module, and what it needs beside."""

    module: str
    environment: Mapping[str, str]


@asynccontextmanager
async def standing_in(
    program: str,
    process: psutil.Process,
    places: Places,
    newer: Newer | None = None,
    *,
    died: list[Death],
) -> AsyncIterator[None]:
    """Run a second process of a program, or a newer one of it, for the length of a block.

    It has a port and a folder of its own, and no kept place in the group. That it ended by itself is noted
    in `died`.
    """
    name = f"{program}-stand-in"
    own = {
        "SIAGA_PORT": "0",
        "SIAGA_DATA_DIR": str(places.data / name),
        "SIAGA_TRACE_FILE": str(places.data / "traces" / f"{name}.jsonl"),
        **(newer.environment if newer else {}),
    }
    (places.data / name).mkdir(exist_ok=True)
    theirs = {key: value for key, value in process.environ().items() if key != "SIAGA_REPLICA"}
    words = (sys.executable, "-m", newer.module) if newer else process.cmdline()
    environment = {**theirs, **own}
    second = await spawn(words, log=places.log_of(name), environment=environment, directory=ROOT)
    try:
        yield
    finally:
        if second.returncode is not None:
            died.append(Death(name, str(second.returncode)))
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
