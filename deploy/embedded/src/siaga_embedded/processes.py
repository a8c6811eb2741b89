"""Child processes: started in their own group, tied to us, written down, and ended by number, never by name."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from siaga_embedded import tether
from siaga_embedded.places import Places

SAME_START = 1.0  # seconds: two readings of one process's start time differ by less
ORPHAN_GRACE = 3.0  # seconds from asking to killing


@dataclass(frozen=True, slots=True)
class Record:
    """One process that was ours: its number means nothing without the moment it was started."""

    name: str
    pid: int
    started: float

    def process(self) -> psutil.Process | None:
        """The very process, or nothing where its number is free or now someone else's."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < SAME_START
        except psutil.Error:
            return None
        return found if same and found.status() != psutil.STATUS_ZOMBIE else None


def write_record(places: Places, name: str, pid: int) -> None:
    """Write down that a process is ours, so that the next start finds it if we are killed."""
    try:
        started = psutil.Process(pid).create_time()
    except psutil.Error:
        return
    _record_file(places, name).write_text(json.dumps({"pid": pid, "started": started}), encoding="utf-8")


def forget_record(places: Places, name: str) -> None:
    """A process has ended and was reaped."""
    _record_file(places, name).unlink(missing_ok=True)


def read_records(places: Places) -> tuple[Record, ...]:
    """Read what was started and not yet seen to end; a half-written record says nothing."""
    records = []
    for file in sorted(places.records.glob("*.json")):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            read = json.loads(file.read_text(encoding="utf-8"))
            records.append(Record(file.stem, int(read["pid"]), float(read["started"])))
    return tuple(records)


def end_orphans(places: Places) -> tuple[str, ...]:
    """End what an earlier, killed supervisor left running; returns the names."""
    left = [(record, process) for record in read_records(places) if (process := record.process())]
    processes = [process for _, process in left]
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(processes, timeout=ORPHAN_GRACE)
    for process in stubborn:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=ORPHAN_GRACE)
    for file in places.records.glob("*.json"):
        file.unlink(missing_ok=True)
    return tuple(record.name for record, _ in left)


async def spawn(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str],
    directory: Path | None = None,
    yields: int = 0,
) -> asyncio.subprocess.Process:
    """Start a program that writes to its log, does not hear our terminal, and dies with us.

    It `yields` the processor by so much niceness to programs that yield less.
    """
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *tethered(command, yields),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
            cwd=directory,
            start_new_session=True,
        )


def tethered(command: Sequence[str], yields: int = 0) -> tuple[str, ...]:
    """Put the tether before a command where the kernel knows it (Linux)."""
    if not sys.platform.startswith("linux"):
        return tuple(command)
    return (sys.executable, "-I", "-S", str(tether.__file__), str(os.getpid()), str(yields), *command)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a child and what it started itself (it leads its own group)."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _record_file(places: Places, name: str) -> Path:
    return places.records / f"{name}.json"
