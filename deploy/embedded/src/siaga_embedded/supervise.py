"""The supervisor of one machine: starts programs, restarts the ones that die, ends all of them in order.

Lower tiers carry higher ones: tier 0 is broker and store, services stand above, the demo on top. Ending
goes from the top down, each tier together, all within one deadline.
"""

import asyncio
import re
import signal
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from siaga_embedded import processes
from siaga_embedded.places import Places, rotate
from siaga_embedded.refusal import ExitCode, Refusal

Ready = Callable[[], Awaitable[bool]]
"""Asks once whether a program does its work; raising means no."""

Prepare = Callable[[], None]
"""Makes ready what a program needs on the disk, before each of its starts (blocking)."""

LOOK_AGAIN = 0.05  # seconds between two questions whether a program is ready
ASK_WHETHER_BROKEN_EVERY = 2.0  # seconds between two questions whether a program says that it is broken
BROKEN_FOR = 3  # answers in a row after which it is believed
READY_WITHIN = timedelta(seconds=60)
END_WITHIN = timedelta(seconds=9)
SHORTEST_GRACE = 0.5  # seconds that a tier gets even when the tiers above used the time up
KILLED_WITHIN = timedelta(seconds=2)
SERVERS, SERVICES, DEMO = 0, 10, 20
YIELDS_USUALLY = 5
"""Niceness of a program that no caller waits for: who answers callers yields nothing, and has the processor first."""
JAVA_FRAME = re.compile(r"at [\w.$/]+[.][\w$<>]+\(|[.]{3} \d+ more$")


Broken = Callable[[], Awaitable[bool]]
"""Asks once whether a program says of itself that it is broken; raising means that it says nothing."""


class DidNotComeUp(Refusal):
    """A program ended or stayed silent instead of becoming ready."""

    exit_code = ExitCode.DID_NOT_COME_UP


class State(StrEnum):
    """Where a program stands."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Program:
    """What is to be kept running.

    Attributes:
        yields: niceness towards programs that yield less; what must answer first yields nothing.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    tier: int = SERVICES
    grace: timedelta = timedelta(seconds=4)
    prepare: Prepare | None = None
    yields: int = YIELDS_USUALLY


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait before a program that died is started again.

    Who lived for a while was well: something else killed it, and waiting would only lengthen the gap.
    """

    first: timedelta = timedelta(milliseconds=200)
    longest: timedelta = timedelta(seconds=10)
    forgiven_after: timedelta = timedelta(seconds=10)

    def in_a_row(self, deaths: int, lived: timedelta) -> int:
        """Count one more death; who lived long enough begins again at one."""
        return 1 if lived > self.forgiven_after else deaths + 1

    def wait(self, deaths: int) -> timedelta:
        """Double with each death in a row, up to the longest."""
        return min(self.longest, self.first * (1 << min(deaths - 1, 16)))


@dataclass(frozen=True, slots=True)
class Happening:
    """News for the person who watches: a program is ready, died, or ended."""

    program: str
    state: State
    detail: str = ""


@dataclass(slots=True)
class Child:
    """One program and the process that is it just now."""

    program: Program
    state: State = State.STARTING
    process: asyncio.subprocess.Process | None = None
    restarts: int = 0
    deaths_in_a_row: int = 0
    last_exit: int | None = None
    unwanted: asyncio.Event = field(default_factory=asyncio.Event)
    ready: Ready | None = None
    broken: Broken | None = None
    was_broken: bool = False
    keeper: asyncio.Task[None] | None = None

    @property
    def why_it_ended(self) -> str:
        """How its last process ended, in a few words."""
        return f"exit {self.last_exit}" + (", it said that it was broken" if self.was_broken else "")

    @property
    def pid(self) -> int | None:
        """The running process's number."""
        return self.process.pid if self.process and self.process.returncode is None else None


class Supervisor:
    """Keeps programs running until `end` is called."""

    def __init__(
        self,
        places: Places,
        *,
        on_news: Callable[[Happening], None] = lambda _: None,
        backoff: Backoff | None = None,
    ) -> None:
        self._places = places
        self._on_news = on_news
        self._backoff = backoff or Backoff()
        self._children: dict[str, Child] = {}

    @property
    def children(self) -> tuple[Child, ...]:
        """All programs in the order of their start."""
        return tuple(self._children.values())

    async def start(
        self,
        program: Program,
        ready: Ready | None = None,
        *,
        broken: Broken | None = None,
        within: timedelta = READY_WITHIN,
    ) -> Child:
        """Start a program and return when it is ready; from then on it is restarted whenever it dies.

        One that lives on and says, several times in a row, that it is broken is killed and so restarted.
        """
        log = self._places.log_of(program.name)
        rotate(log)
        child = self._children[program.name] = Child(program, ready=ready, broken=broken)
        self._say(child, State.STARTING)
        await self._spawn(child)
        await self._until_ready(child, within)
        self._say(child, State.READY)
        child.keeper = asyncio.create_task(self._keep(child), name=f"keep {program.name}")
        return child

    async def end_one(self, name: str) -> None:
        """End one program for good (its state stays visible)."""
        child = self._children[name]
        await self._end_children([child], child.program.grace)

    async def end(self, within: timedelta = END_WITHIN) -> None:
        """End everything from the top tier down, asking first, killing what does not listen in time."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + within.total_seconds()
        for tier in sorted({child.program.tier for child in self.children}, reverse=True):
            children = [child for child in self.children if child.program.tier == tier]
            share = max(SHORTEST_GRACE, deadline - clock() - _grace_below(self.children, tier))
            await self._end_children(children, min(_longest_grace(children), timedelta(seconds=share)))

    async def _spawn(self, child: Child) -> None:
        program = child.program
        if program.prepare is not None:
            await asyncio.to_thread(program.prepare)
        child.process = await processes.spawn(
            program.command,
            log=self._places.log_of(program.name),
            environment=program.environment,
            directory=program.directory,
            yields=program.yields,
        )
        processes.write_record(self._places, program.name, child.process.pid)

    async def _until_ready(self, child: Child, within: timedelta) -> None:
        """Wait for the condition itself; a program that ends or is silent too long is refused by name."""
        try:
            async with asyncio.timeout(within.total_seconds()):
                while not await _asked(child.ready):
                    self._require_alive(child)
                    await asyncio.sleep(LOOK_AGAIN)
        except TimeoutError as late:
            await self._end_children([child], timedelta(seconds=1))
            raise self._silent(child, within) from late

    def _require_alive(self, child: Child) -> None:
        code = child.process.returncode if child.process else None
        if code is None:
            return
        processes.forget_record(self._places, child.program.name)
        child.state = State.ENDED
        log = self._places.log_of(child.program.name)
        last = last_line(log)
        raise DidNotComeUp(
            f"{child.program.name} berhenti saat dimulai (kode {code}): {last} — baca {log}, perbaiki, lalu ulangi.",
            f"{child.program.name} ended while starting (code {code}): {last} — read {log}, mend it, then try again.",
        )

    def _silent(self, child: Child, within: timedelta) -> DidNotComeUp:
        name, log, seconds = (
            child.program.name,
            self._places.log_of(child.program.name),
            within.total_seconds(),
        )
        return DidNotComeUp(
            f"{name} belum siap setelah {seconds:.0f} detik dan dihentikan: baca {log}, perbaiki, lalu ulangi.",
            f"{name} was not ready after {seconds:.0f} seconds and was ended: read {log}, mend it, then try again.",
        )

    async def _keep(self, child: Child) -> None:
        """Wait for the program's death and start it again, for as long as it is wanted."""
        clock = asyncio.get_running_loop().time
        while child.process is not None:
            begun = clock()
            await self._while_alive(child)
            if child.unwanted.is_set():
                return
            lived = timedelta(seconds=clock() - begun)
            child.deaths_in_a_row = self._backoff.in_a_row(child.deaths_in_a_row, lived)
            self._say(child, State.RESTARTING, child.why_it_ended)
            if await _happens(child.unwanted, within=self._backoff.wait(child.deaths_in_a_row)):
                return
            child.restarts += 1
            try:
                await self._spawn(child)
            except (OSError, Refusal) as error:  # a full disk, a folder taken away: tried again
                self._say(child, State.RESTARTING, f"not started: {_why(error)}")
            if child.unwanted.is_set():  # the end was asked for while it was being started
                _signal(child, signal.SIGKILL)

    async def _while_alive(self, child: Child) -> None:
        """Return when the process has ended; say meanwhile when a restarted one is ready."""
        assert child.process is not None
        while child.state is State.RESTARTING and child.pid is not None:
            if await _asked(child.ready):
                self._say(child, State.READY, f"restart {child.restarts}")
            else:
                await asyncio.sleep(LOOK_AGAIN)
        death = asyncio.ensure_future(child.process.wait())
        child.was_broken = False
        while child.broken is not None and not await _ended(death, within=ASK_WHETHER_BROKEN_EVERY):
            child.was_broken = await _says_it_is(child.broken)
            if child.was_broken:
                _signal(child, signal.SIGKILL)
                break
        child.last_exit = await death
        processes.forget_record(self._places, child.program.name)

    async def _end_children(self, children: Sequence[Child], grace: timedelta) -> None:
        """Ask all at once, wait together, kill the rest."""
        for child in children:
            child.unwanted.set()
            _signal(child, signal.SIGTERM)
        await self._wait_for(children, grace)
        for child in children:
            _signal(child, signal.SIGKILL)
        await self._wait_for(children, KILLED_WITHIN)
        for child in children:
            processes.forget_record(self._places, child.program.name)
            self._say(child, State.ENDED)

    async def _wait_for(self, children: Sequence[Child], within: timedelta) -> None:
        waits = [asyncio.ensure_future(child.process.wait()) for child in children if child.process]
        keepers = [child.keeper for child in children if child.keeper]
        if waits:
            await asyncio.wait([*waits, *keepers], timeout=within.total_seconds())

    def _say(self, child: Child, state: State, detail: str = "") -> None:
        child.state = state
        self._on_news(Happening(child.program.name, state, detail))


@contextmanager
def stop_asked() -> Iterator[asyncio.Event]:
    """Give an event that is set by Ctrl-C, by SIGTERM, or when the terminal goes away."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    heard = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in heard:
        loop.add_signal_handler(number, asked.set)
    try:
        yield asked
    finally:
        for number in heard:
            loop.remove_signal_handler(number)


def last_line(log: Path) -> str:
    """The last thing a program said, for the sentence that tells why it ended; not where in its code it was."""
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "–"
    said = (line.strip() for line in reversed(lines))
    return next((line for line in said if line and not JAVA_FRAME.match(line)), "–")[:300]


def _why(error: OSError | Refusal) -> str:
    return str(error) if isinstance(error, Refusal) else str(error.strerror or error)


def _grace_below(children: Sequence[Child], tier: int) -> float:
    """Seconds that the tiers below will ask for."""
    below = {child.program.tier for child in children if child.program.tier < tier}
    graces = [_longest_grace([child for child in children if child.program.tier == level]) for level in below]
    return sum(graces, timedelta()).total_seconds()


def _longest_grace(children: Sequence[Child]) -> timedelta:
    return max(child.program.grace for child in children)


def _signal(child: Child, number: signal.Signals) -> None:
    if child.pid is not None:
        processes.signal_group(child.pid, number)


async def _asked(ready: Ready | None) -> bool:
    try:
        return ready is None or await ready()
    except Exception:  # noqa: BLE001 - any trouble while asking means: not yet
        return False


async def _ended(death: asyncio.Future[int], *, within: float) -> bool:
    return bool((await asyncio.wait([death], timeout=within))[0])


async def _says_it_is(broken: Broken) -> bool:
    """Believe it only when it is said several times in a row: one answer may have another reason."""
    for _ in range(BROKEN_FOR):
        try:
            if not await broken():
                return False
        except Exception:  # noqa: BLE001 - who does not answer is away, paused or starting, and says nothing
            return False
        await asyncio.sleep(LOOK_AGAIN)
    return True


async def _happens(event: asyncio.Event, *, within: timedelta) -> bool:
    try:
        await asyncio.wait_for(event.wait(), within.total_seconds())
    except TimeoutError:
        return False
    return True
