"""One simulated world: all services in one process on a virtual clock, its people, and its weather."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import Any

from aiokafka import ConsumerRecord

from agency_notifier.application.notice import Notice
from service_kit.outgoing import Outgoing
from statistics_service.domain.recap import Figure as ToldFigure
from statistics_service.domain.recap import Recap
from tests.faults.history import Figure, Figures
from tests.simulation import ends
from tests.simulation.agencies import Agency, Supervisor, is_for_supervisor
from tests.simulation.endpoints import Endpoints
from tests.simulation.exchange import Ring
from tests.simulation.faults import KINDS, Faults, Weather
from tests.simulation.homes import Homes
from tests.simulation.invariants import Invariants
from tests.simulation.memory_bus import MemoryBus
from tests.simulation.memory_store import Disk
from tests.simulation.people import Person
from tests.simulation.process import UTC_NOON, Life, adopt_tasks
from tests.simulation.progress import Progress
from tests.simulation.queries import Document
from tests.simulation.regencies import MARKS, configured
from tests.simulation.server import Server
from tests.simulation.services import ASSEMBLE
from tests.simulation.story import Story
from tests.simulation.sums import Sums, wrong_sums
from tests.simulation.takers import Taker
from tests.simulation.virtual_clock import VirtualLoop

WITA = timezone(timedelta(hours=8))
WRONG_CLOCK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is unusual about a world; see `hour.Plan`."""

    begin: datetime = UTC_NOON
    age: int = 0
    narrow: bool = False


USUAL = Settings()


class World:
    """Everything of one seed; `town.Town` is what its people see of it."""

    def __init__(self, loop: VirtualLoop, seed: str, *, weather: Weather, settings: Settings = USUAL) -> None:
        self._loop, self.seed, self._begin, self._narrow = loop, seed, settings.begin, settings.narrow
        adopt_tasks(loop)
        self.story = Story(loop.time)
        self.faults = Faults(random.Random(f"{seed}/faults"), weather)
        self.invariants = Invariants(self.blame)
        self.bus = MemoryBus(self.invariants.heard_of, Progress(self.blame))
        self.homes, self.sums = Homes(self.blame), Sums(self.blame)
        self.spool = self.homes.spool
        self.disks = {name: Disk(partial(self._saved, name), settings.age) for name in ASSEMBLE}
        self.endpoints = Endpoints(
            self.faults, self.story, random.Random(f"{seed}/endpoints"), self.asked, self._checked
        )
        self.servers = {name: self._server(name) for name in ASSEMBLE}
        self.open_tickets: dict[str, list[str]] = defaultdict(list)
        self.calls: dict[str, Ring] = {}
        self.busy: set[asyncio.Task[None]] = set()
        self._happening: list[asyncio.Task[None]] = []
        self.wrong = ""
        self._wronged = asyncio.Event()

    intake = property(lambda self: self.servers["intake"])
    triage = property(lambda self: self.servers["triage"])
    dispatch = property(lambda self: self.servers["dispatch"])
    notifier = property(lambda self: self.servers["agency-notifier"])
    statistics = property(lambda self: self.servers["statistics"])

    def _server(self, name: str) -> Server:
        return Server(
            name,
            disk=self.disks[name],
            spool=self.spool,
            bus=self.bus,
            faults=self.faults,
            story=self.story,
            endpoints=self.endpoints,
            new_life=lambda name: Life(name, self.faults, self.story, self._begin),
            bury=self._buried,
            chance=random.Random(f"{self.seed}/{name}"),
            narrow=self._narrow,
        )

    def open(self) -> None:
        """Start every service, with the tenants configured."""
        for tenant in MARKS:
            self.configure(tenant, 1)
        for server in self.servers.values():
            self._loop.create_task(server.live_for_ever())

    def configure(self, tenant: str, version: int) -> None:
        """Tell a tenant's configuration as the directory does."""
        data = configured(tenant, version=version, at=self.true_time())
        event = Outgoing(
            tenant=tenant,
            topic="tenant.configured",
            source="directory",
            subject=f"tenant/{tenant}",
            sequence=version,
            key=tenant,
            body=data.model_dump_json().encode(),
            at=data.applied_at,
        )
        self.bus.append(event.topic, 0, tenant.encode(), event.body, event.envelope.headers())

    # What people see -------------------------------------------------------------------------

    def true_time(self) -> datetime:
        """Return the time by which the sun rises."""
        return self._begin + timedelta(seconds=self._loop.time())

    async def until(self, seconds: float) -> None:
        """Wait until so many seconds after the beginning."""
        await asyncio.sleep(max(0.0, seconds - self._loop.time()))

    async def sleep(self, seconds: float) -> None:
        """Let time pass."""
        await asyncio.sleep(seconds)

    def start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Let somebody do something beside everybody else."""
        task = self._loop.create_task(work)
        self.busy.add(task)
        task.add_done_callback(self._at_rest)
        return task

    def hang_on(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen beside everything else that nobody waits for."""
        self._happening.append(self._loop.create_task(work))

    def _at_rest(self, task: "asyncio.Task[None]") -> None:
        self.busy.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.blame(f"somebody could not go on: {error!r}")

    def acknowledged(self, call: Ring, kind: str, fact_id: str) -> None:
        """Note that intake has said yes."""
        self.story.note("exchange", "{} of {} is acknowledged", kind, call.name)
        self.calls[call.key.call_id] = call
        self.homes.promise(fact_id, f"{kind} of call {call.name}")

    def blame(self, sentence: str) -> None:
        """Note the first thing that is wrong; the world ends with it."""
        if not self.wrong:
            self.wrong = sentence
            self.story.note("!!", "{}", sentence)
            self._wronged.set()

    # What happens behind them ----------------------------------------------------------------

    def _saved(
        self, service: str, collection: str, before: Document | None, now: Document, raw: bytes
    ) -> None:
        if "version" in now and (before is None or before["version"] != now["version"]):
            line = now["timeline"][-1]
            self.story.note(
                service,
                "{}/{} v{}: {} {}",
                collection,
                now["_id"][:8],
                now["version"],
                line["what"],
                line["why"],
            )
        self.invariants.saved(service, collection, before, now, raw)
        if (service, collection) == ("intake", "calls"):
            self.homes.saved(before, now)
        elif service == "statistics" and "rows" in now:
            self.sums.kept(now)
        self.servers[service].news.set()

    def _buried(self, service: str, record: ConsumerRecord, reason: str) -> None:
        self.blame(f"{service} buried {record.topic} {record.partition}/{record.offset}: {reason}")

    def _checked(self, notice: Notice, address: str) -> None:
        mark = MARKS[notice.tenant]
        about = (address, notice.agency_name, notice.number, notice.story or mark, notice.place or mark)
        if not all(mark.strip("-") in one.lower() for one in about):
            self.blame(f"{address} was told of a ticket of {notice.tenant}: {notice.number}")

    def asked(self, notice: Notice) -> None:
        """Let whoever got a message act on it."""
        if is_for_supervisor(notice):
            self.start(Supervisor(self, notice.tenant, f"pengawas/{notice.delivery_id[:8]}").called(notice))
        else:
            self.start(
                Agency(self, notice.tenant, f"{notice.agency}/{notice.delivery_id[:8]}").answer(notice)
            )

    def think_again(self, notice: Notice) -> None:
        """Let somebody at the desk want more help just when there was enough."""
        if not self.faults.ceased:
            taker = Taker(self, notice.tenant, f"taker/{notice.delivery_id[:8]}")
            self.start(taker.think_again(notice.ticket_id))

    # How it ends -----------------------------------------------------------------------------

    async def unless_wrong(self, work: Coroutine[Any, Any, None]) -> None:
        """Go on until something is wrong."""
        task = self._loop.create_task(work)
        wronged = self._loop.create_task(self._wronged.wait())
        await asyncio.wait({task, wronged}, return_when=asyncio.FIRST_COMPLETED)
        wronged.cancel()
        if task.done():
            task.result()
        task.cancel()

    def unrest(self) -> list[str]:
        """Say what is still under way."""
        found = list(ends.unfinished(self.disks))
        found += [f"{name} is down" for name, one in self.servers.items() if one.life is None]
        for name, server in self.servers.items():
            if server.listener is not None and (behind := server.listener.behind()):
                found.append(f"{name} has {behind} events to hear or to commit")
        if self.spool.execute("SELECT count(*) FROM facts").fetchone()[0]:
            found.append("the spool is not empty")
        return found

    async def figures(self) -> dict[str, Figures]:
        """Ask for the figures of every month that this world saw, and look at their sums."""
        return {tenant: await self._figures_of(tenant) for tenant in MARKS}

    async def _figures_of(self, tenant: str) -> Figures:
        shown: dict[tuple[str, str, str], Figure] = {}
        for month in self._months():
            recap = await self._recap(tenant, month)
            for sentence in wrong_sums(tenant, recap):
                self.blame(sentence)
            if recap.value("calls_received") or recap.value("tickets_opened"):
                shown |= {(month, one.indicator, one.of): _figure(one) for one in recap.figures}
        return shown

    def _months(self) -> list[str]:
        """Return the local months of this world, those of clocks that are wrong included."""
        around = (self._begin - WRONG_CLOCK, self.true_time() + WRONG_CLOCK)
        return sorted({f"{one.astimezone(WITA):%Y-%m}" for one in around})

    async def _recap(self, tenant: str, month: str) -> Recap:
        person = Person(self, tenant, "kepala")
        recap: Recap = await person.insist(self.statistics, lambda doors, _: doors.tell(tenant, month))
        return recap


def _figure(one: ToldFigure) -> Figure:
    return Figure(one.value, one.numerator, one.denominator, one.sample, one.required)


def weather_of(seed: str) -> str:
    """Return the name of a seed's weather."""
    return random.Random(f"{seed}/weather").choice(sorted(KINDS))
