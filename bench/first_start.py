"""What a stranger waits for: the set-up of a fresh clone, and from `make run` to ready."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, Section
from bench.system import Note
from siaga_embedded.servers import written_servers

SETUP = Path("deploy/embedded/src/siaga_embedded/bootstrap.py")
READY_WITHIN = 180.0
READY_SENTENCE = "Everything is ready"
END_WITHIN = 15.0
READY_GOAL, END_GOAL = 20.0, 10.0


class DidNotStart(RuntimeError):
    """A clone could not be set up, or `siaga run` did not become ready; the text is its last words."""


@dataclass(frozen=True, slots=True)
class Started:
    """Seconds that one run of `siaga run` took until ready, and then until ended."""

    ready: float
    ended: float


def measure_setup(checkout: Path) -> float:
    """Clone HEAD and set it up; returns the seconds of both."""
    with tempfile.TemporaryDirectory(prefix="siaga-clone-") as folder:
        clone, began = Path(folder) / "siaga112", time.monotonic()
        _call(["git", "clone", "--quiet", "--no-hardlinks", str(checkout), str(clone)], Path(folder))
        _call([sys.executable, str(SETUP)], clone)
        return time.monotonic() - began


def _call(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DidNotStart((done.stderr or done.stdout).strip()[-300:])


async def measure_starts(data: Path, times: int, note: Note) -> list[Started]:
    """Run `siaga run` several times on one data folder, without the replay; each ends by Ctrl-C."""
    return [await _measure_start(data, note) for _ in range(times)]


async def _measure_start(data: Path, note: Note) -> Started:
    began = time.monotonic()
    program = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).with_name("siaga")),
        *("run", "--replay", "off", "--no-board"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "SIAGA_HOME": str(data), "SIAGA_LANG": "en"},
    )
    try:
        async with asyncio.timeout(READY_WITHIN):
            await _until_ready(program)
        ready = time.monotonic() - began
        if (servers := written_servers(data)) is not None:
            note(servers)
    except TimeoutError as error:
        raise DidNotStart(f"not ready after {READY_WITHIN:.0f} s") from error
    finally:
        asked = time.monotonic()
        await _end(program)
    return Started(ready, time.monotonic() - asked)


async def _until_ready(program: asyncio.subprocess.Process) -> None:
    """Wait for the sentence that a person waits for."""
    assert program.stdout is not None
    said = ""
    async for line in program.stdout:
        said = line.decode(errors="replace").strip()
        if READY_SENTENCE in said:
            return
    raise DidNotStart(said)


async def _end(program: asyncio.subprocess.Process) -> None:
    if program.returncode is not None:
        return
    program.send_signal(signal.SIGINT)
    try:
        await asyncio.wait_for(program.communicate(), END_WITHIN)
    except TimeoutError:
        program.kill()
        await program.wait()


def start_section(setup: float | None, starts: list[Started]) -> Section:
    """Tell what a stranger waits for."""
    waited = "not measured in the short form" if setup is None else f"{setup:.0f} s"
    reason = (
        "git clone, virtual environment, locked packages, Kafka's jars; package index and caches as they are"
    )
    figures = [Figure("set-up of a fresh clone", waited, reason=reason)]
    if len(starts) > 1:
        first, later = starts[0], starts[-1]
        figures.append(
            Figure("start to ready, first run", f"{first.ready:.1f} s", reason="makes topics and accounts")
        )
        figures.append(
            Figure(
                "start to ready, later run",
                f"{later.ready:.1f} s",
                f"about {READY_GOAL:.0f} s",
                later.ready <= READY_GOAL,
            )
        )
        figures.append(
            Figure("Ctrl-C to end", f"{later.ended:.1f} s", f"≤ {END_GOAL:.0f} s", later.ended <= END_GOAL)
        )
    return Section("Start", tuple(figures))
