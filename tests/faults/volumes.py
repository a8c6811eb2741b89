"""Small disks of their own for parts of a system, so that one can be full without the machine being so."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

FILLER = "filler"
BLOCK = b"\0" * 4096


@asynccontextmanager
async def small_disks(sizes: Mapping[Path, int]) -> AsyncIterator[None]:
    """Mount a tmpfs of so many MB on each folder for the length of a block.

    Raises:
        PermissionError: this machine does not let us mount.
    """
    async with AsyncExitStack() as mounted:
        for folder, megabytes in sizes.items():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            await _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "siaga", str(folder))
            mounted.push_async_callback(_run, "umount", "--lazy", str(folder))
        yield


async def _run(*words: str) -> None:
    done = await asyncio.to_thread(subprocess.run, words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PermissionError(f"{' '.join(words)}: {done.stderr.strip()}")


def fill(folder: Path) -> int:
    """Fill a disk to its last block; returns how many bytes that took."""
    written = 0
    with (folder / FILLER).open("ab", buffering=0) as filler, suppress(OSError):
        while True:
            written += filler.write(BLOCK)
    return written


def make_room(folder: Path) -> None:
    """Take away what filled a disk."""
    (folder / FILLER).unlink(missing_ok=True)
