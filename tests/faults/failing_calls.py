"""Lets system calls of a running process fail, through strace: a disk that takes data and cannot keep it."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

FSYNC = "fsync,fdatasync,sync_file_range,msync"
WITHIN = 10.0


class CannotInject(RuntimeError):
    """strace is not there, or may not attach; the text says which."""


@asynccontextmanager
async def calls_fail(process: psutil.Process, calls: str, error: str) -> AsyncIterator[None]:
    """Answer these calls of a process with an error for the length of a block.

    Raises:
        CannotInject: this machine does not let us.
    """
    strace = shutil.which("strace")
    if strace is None:
        raise CannotInject("strace is not installed")
    words = ("-qq", "-f", "-o", "/dev/null", "-e", f"trace={calls}", "-e", f"inject={calls}:error={error}")
    tracer = await asyncio.create_subprocess_exec(strace, *words, "-p", str(process.pid))
    try:
        await _attached(process, tracer)
        yield
    finally:
        if tracer.returncode is None:
            tracer.terminate()
        await tracer.wait()


async def _attached(process: psutil.Process, tracer: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(WITHIN):
        while not all(_tracer_of(task) == tracer.pid for task in _tasks(process)):
            if tracer.returncode is not None:
                raise CannotInject(f"strace may not attach (exit {tracer.returncode})")
            await asyncio.sleep(0.02)


def _tasks(process: psutil.Process) -> list[Path]:
    return list(Path(f"/proc/{process.pid}/task").iterdir())


def _tracer_of(task: Path) -> int:
    """Return who traces a thread; one that has just ended needs nobody."""
    try:
        lines = (task / "status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("TracerPid"))
