"""Writes a recorded queue log line by line into a file, as Asterisk would: `python -m siaga_demo.replay`.

The place in the recording is read from the written file itself, so a replay that was interrupted at any
byte carries on there. A finished replay begins a new hour with the next `siaga run`, not before.
"""

import asyncio
import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from io import FileIO
from pathlib import Path

from siaga_demo.pace import speed_from_environment
from siaga_demo.recording import Recording, read_recording, shift_for


@dataclass(frozen=True, slots=True)
class Hour:
    """One replay: kept in a file, so that programs and tests can tell recorded ids from written ones.

    Attributes:
        shift: the constant that was added to all times, seconds.
        begins_at_byte: where the written file stood when the hour began.
        run: the `siaga run` that began it; the same run never begins a second hour.
        finished: whether the last line is written.
        earlier: the constants of all hours before.
    """

    shift: int
    begins_at_byte: int
    run: str
    finished: bool = False
    earlier: tuple[int, ...] = ()


def next_hour(
    kept: Hour | None, recording: Recording, *, now: float, live: bool, written: int, run: str
) -> Hour:
    """Return the hour to write: the interrupted one, or a new one whose ids are all new."""
    if kept is not None and (not kept.finished or kept.run == run):
        return kept
    earlier = (*kept.earlier, kept.shift) if kept else ()
    return Hour(shift_for(recording, now, live=live, earlier=earlier), written, run, earlier=earlier)


def remaining(recording: Recording, hour: Hour, written: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield what is still to be written after the hour's bytes so far, each with its recorded time.

    A line that was cut in the middle is completed, not written again.
    """
    done = written.count(b"\n")
    begun = written.rpartition(b"\n")[2]
    for number, line in enumerate(recording.lines[done:]):
        whole = line.shifted(hour.shift) + b"\n"
        yield line.at, whole.removeprefix(begun) if number == 0 else whole


def read_hour(path: Path) -> Hour | None:
    """Read the kept hour; None where there was none yet."""
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Hour(**{**kept, "earlier": tuple(kept["earlier"])})


def keep_hour(path: Path, hour: Hour) -> None:
    """Write the hour down before its first line, and again after its last."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(hour), indent=1), encoding="utf-8")
    fresh.replace(path)


async def replay(recording: Recording, target: Path, state: Path, *, speed: float, run: str) -> None:
    """Write the hour to its end at the given speed (0: as fast as possible)."""
    live = 0 < speed <= 1
    with _opened(target) as log:
        size = log.seek(0, os.SEEK_END)
        hour = next_hour(read_hour(state), recording, now=time.time(), live=live, written=size, run=run)
        keep_hour(state, hour)
        log.seek(hour.begins_at_byte)
        written = log.read()
        pace = Pace(speed, hour.shift)
        for at, line in remaining(recording, hour, written):
            await pace.until(at)
            log.write(line)
    keep_hour(state, replace(hour, finished=True))


def _opened(target: Path) -> FileIO:
    """Open the written file, without a buffer: a follower sees each line when it is written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    target.touch()
    return FileIO(target, "r+")


class Pace:
    """Says when a recorded moment has come: the recorded distances divided by the speed."""

    def __init__(self, speed: float, shift: int) -> None:
        self._speed, self._shift = speed, shift
        self._begun = time.time()
        self._first_at: int | None = None

    def wait(self, at: int, now: float) -> float:
        """Return how many seconds are left; no line is ever written before its own time has come."""
        if self._first_at is None:
            self._first_at = at
        paced = self._begun + (at - self._first_at) / self._speed if self._speed else now
        return max(0.0, paced - now, at + self._shift - now)

    async def until(self, at: int) -> None:
        """Return when the moment has come."""
        left = self.wait(at, time.time())
        if left:
            await asyncio.sleep(left)


async def _run() -> None:
    """Replay what the environment names, then wait to be ended: a supervisor restarts what ends."""
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    writing = asyncio.create_task(
        replay(
            read_recording(Path(os.environ["SIAGA_DEMO_RECORDING"])),
            Path(os.environ["SIAGA_DEMO_QUEUE_LOG"]),
            Path(os.environ["SIAGA_DEMO_DIR"]) / "replay.json",
            speed=speed_from_environment(),
            run=os.environ.get("SIAGA_DEMO_RUN", ""),
        )
    )
    writing.add_done_callback(lambda done: None if done.cancelled() else done.result())
    ended = asyncio.create_task(over.wait())
    await asyncio.wait([writing, ended], return_when=asyncio.FIRST_COMPLETED)
    if writing.done():
        writing.result()
        await ended
    writing.cancel()


def main() -> None:
    """Run as a program."""
    asyncio.run(_run())


if __name__ == "__main__":
    main()
