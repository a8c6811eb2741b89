"""Kills and pauses programs of one system by their numbers, as its supervisor wrote them down, never by name."""

import asyncio
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import psutil

from bench.timing import Clock
from siaga_embedded.kafka import log_folder
from siaga_embedded.places import Places
from siaga_embedded.processes import read_records
from tests.faults.history import KILL, PAUSE, WIPE, Death, Fault
from tests.faults.schedule import Planned
from tests.faults.stand_in import HEARS, standing_in

LOOK_EVERY = 0.05
NEXT_LOOK = 0.005
"""A program that was started takes longer than this until it listens."""
TRIES_FOR = 10.0
"""Seconds in which one of the programs must be there to be hit; then the fault is left out."""

STORE = ("store",)
CAUGHT_AFTER = 1.5
"""Seconds in which a service that has work comes to wait for a store that does not answer."""

BOTH_LIVE_FOR = 4.0
"""Seconds in which the one that woke up and the one that stood in for it are both there."""


class Injector:
    """Does what was planned to the system in one data folder."""

    def __init__(self, home: Path) -> None:
        self._places = Places(home)
        self._asleep: list[psutil.Process] = []
        self.done: list[Fault] = []
        self.left_out: list[str] = []
        self.died: list[Death] = []
        self.over = asyncio.Event()
        """Set when everything that was planned is done, or was left out."""

    async def follow(self, planned: Sequence[Planned], clock: Clock) -> None:
        """Do each planned thing at its moment; whoever sleeps is woken in any case."""
        try:
            for one in planned:
                await clock.until(one.at)
                await self._do(one)
        finally:
            self._wake(self._asleep)
            self.over.set()

    @asynccontextmanager
    async def doing(self, program: str, kind: str) -> AsyncIterator[None]:
        """Note a fault that is done to a program in this block."""
        began = time.time()
        try:
            yield
        finally:
            self.done.append(Fault(program, kind, began, time.time()))

    async def at_rest(self, planned: Planned) -> None:
        """Do one thing at once, when nobody calls any more."""
        await self._do(planned, at_rest=True)

    async def _do(self, planned: Planned, *, at_rest: bool = False) -> None:
        until = time.monotonic() + TRIES_FOR
        while time.monotonic() < until:
            found = self._first_running(planned.programs)
            if found is not None:
                began = time.time()
                await self._hit(planned, *found)
                self.done.append(Fault(found[0], planned.kind, began, time.time(), at_rest))
                return
            await asyncio.sleep(LOOK_EVERY)
        nobody = " or ".join(planned.programs)
        self.left_out.append(
            f"{planned.kind} in second {planned.at:.0f}: {nobody} did not run in {TRIES_FOR:g} s"
        )

    async def _hit(self, planned: Planned, program: str, process: psutil.Process) -> None:
        if planned.kind == KILL:
            _signal(_tree(process), signal.SIGKILL)
            await self._kept_away(program, process, planned.seconds)
        elif planned.kind == WIPE:
            await lose_log(process, self._places)
        else:
            await self._pause(planned, program, process)

    def process_of(self, program: str) -> psutil.Process | None:
        """Return the process that a program is just now, as its supervisor wrote it down; None while there is none."""
        found = self._first_running((program,))
        return None if found is None else found[1]

    @asynccontextmanager
    async def all_asleep(self, programs: Sequence[str], *, at_rest: bool = False) -> AsyncIterator[None]:
        """Let several programs sleep for the length of a block."""
        began = time.time()
        found = [found for name in programs if (found := self._first_running((name,)))]
        trees = [one for _, process in found for one in _tree(process)]
        self._put_to_sleep(trees)
        try:
            yield
        finally:
            self._wake(trees)
            self.done += [Fault(name, PAUSE, began, time.time(), at_rest) for name, _ in found]

    async def _pause(self, planned: Planned, program: str, process: psutil.Process) -> None:
        async with AsyncExitStack() as others:
            tree = _tree(process)
            if planned.in_the_act:
                await self._catch_in_the_act(tree)
            self._put_to_sleep(tree)
            if planned.stand_in and program in HEARS:
                await others.enter_async_context(standing_in(program, process, self._places, died=self.died))
            await asyncio.sleep(planned.seconds)
            self._wake(tree)
            if planned.stand_in:
                await asyncio.sleep(BOTH_LIVE_FOR)

    async def _kept_away(self, program: str, killed: psutil.Process, seconds: float) -> None:
        """Let nobody come in a killed one's place for a while: who is started sleeps before it can listen."""
        until, asleep = time.monotonic() + seconds, list[psutil.Process]()
        while not asleep and time.monotonic() < until:
            found = self.process_of(program)
            if found is not None and found != killed:
                asleep = _tree(found)
                self._put_to_sleep(asleep)
            await asyncio.sleep(NEXT_LOOK)
        await asyncio.sleep(until - time.monotonic())
        self._wake(asleep)

    async def _catch_in_the_act(self, tree: Sequence[psutil.Process]) -> None:
        """Put a service to sleep between what it asked of the store and the write that follows from it.

        The store sleeps first, so that everything under way waits for its answer; it comes when the service
        cannot hear it any more.
        """
        async with self.all_asleep(STORE):
            await asyncio.sleep(CAUGHT_AFTER)
            self._put_to_sleep(tree)

    def _first_running(self, programs: Iterable[str]) -> tuple[str, psutil.Process] | None:
        records = {record.name: record for record in read_records(self._places)}
        for name in programs:
            process = records[name].process() if name in records else None
            if process is not None:
                return name, process
        return None

    def _put_to_sleep(self, processes: Sequence[psutil.Process]) -> None:
        self._asleep += processes
        _signal(processes, signal.SIGSTOP)

    def _wake(self, processes: Sequence[psutil.Process]) -> None:
        woken = list(processes)
        _signal(woken, signal.SIGCONT)
        self._asleep = [one for one in self._asleep if one not in woken]


async def lose_log(process: psutil.Process, places: Places) -> None:
    """Take the broker's disk away: it writes no more, its log is gone, and it dies of it."""
    broker = _tree(process)
    _signal(broker, signal.SIGSTOP)
    while process.status() != psutil.STATUS_STOPPED:  # noqa: ASYNC110 - the kernel tells it no other way
        await asyncio.sleep(LOOK_EVERY)
    shutil.rmtree(log_folder(places))
    _signal(broker, signal.SIGKILL)


def _tree(process: psutil.Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return [process, *process.children(recursive=True)]
    return []


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    """Signal processes; psutil looks that a number is still the same process's."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)
