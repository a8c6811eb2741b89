"""One service that is started again whenever it dies, on the disk that it left behind."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, cast

from aiokafka import ConsumerRecord

from service_kit.announcing import Announcing
from service_kit.deadletters import DeadLetters
from service_kit.documents import Database
from service_kit.event import read_event
from service_kit.producer import Producer
from service_kit.relay import Relay
from service_kit.tenancy import Tenants
from service_kit.transient import backoff, is_transient
from shared_schemas.events import TenantConfigured
from shared_schemas.vocabulary import ContactChannel
from tests.simulation.clockwork import Clockwork
from tests.simulation.endpoints import Endpoints
from tests.simulation.faults import Faults
from tests.simulation.memory_bus import MemoryBus, MemoryProducer
from tests.simulation.memory_listener import MemoryListener
from tests.simulation.memory_spool import SpoolDisk
from tests.simulation.memory_store import Disk, MemoryDatabase
from tests.simulation.process import Life
from tests.simulation.services import ASSEMBLE, Parts
from tests.simulation.story import Story

Bury = Callable[[str, ConsumerRecord, str], None]


class Server:
    """A service by its name; `doors` are open while it lives."""

    def __init__(
        self,
        name: str,
        *,
        disk: Disk,
        spool: SpoolDisk,
        bus: MemoryBus,
        faults: Faults,
        story: Story,
        endpoints: Endpoints,
        new_life: Callable[[str], Life],
        bury: Bury,
        chance: random.Random,
        narrow: bool = False,
    ) -> None:
        self.name, self.disk = name, disk
        self.life: Life | None = None
        self.doors: Any = None
        self.tenants = Tenants()
        self.news = asyncio.Event()
        self.listener: MemoryListener | None = None
        self.broken: BaseException | None = None
        self.deaths = 0
        self._spool, self._bus, self._faults, self._story = spool, bus, faults, story
        self._endpoints, self._new_life, self._bury, self._chance = endpoints, new_life, bury, chance
        self._narrow = narrow

    async def live_for_ever(self) -> None:
        """Live, die, and live again after a moment; only a loop that broke by itself stays down."""
        while self.broken is None:
            life = self._new_life(self.name)
            await self._begin(life)
            await life.replaced.wait()
            self.life, self.doors, self.listener, self.broken = None, None, None, life.broken
            self.deaths += 1
            await asyncio.sleep(0.5 + self._chance.random() * 6)

    async def stop(self) -> None:
        """End this life as it should: what is in hand is finished or left, and committed."""
        life, listener = self.life, self.listener
        if life is None or listener is None:
            return
        self._story.note(self.name, "is told to stop")
        await listener.stop()
        if not life.over:
            self._story.note(self.name, "stops")
            life.end()

    async def pause(self, seconds: float) -> None:
        """Let this life stand still while another one takes over; it wakes up late, and dies after a while."""
        life = self.life
        if life is not None:
            life.pause(seconds)
            await asyncio.sleep(seconds * 2)
            if not life.over:
                life.crash("at last, the one that was paused")

    async def _begin(self, life: Life) -> None:
        self._story.note(self.name, "starts")
        self.tenants = Tenants()
        for record in self._bus.logs["tenant.configured", 0]:
            await self.take_tenant(record)
        parts = self._parts(life)
        self.doors, self.life = ASSEMBLE[self.name](parts), life
        life.start(self._run(life, parts), lasting=True)

    async def take_tenant(self, record: ConsumerRecord) -> None:
        """Know a tenant's newest configuration."""
        configured = read_event(record).data
        assert isinstance(configured, TenantConfigured)
        await self.tenants.take(configured)

    def _parts(self, life: Life) -> Parts:
        producer = cast("Producer", MemoryProducer(self._bus, life))
        return Parts(
            life=life,
            database=cast("Database", MemoryDatabase(self.disk, life)),
            relay=Relay(producer, self.tenants, life.clock),
            tenants=self.tenants,
            chance=self._chance,
            channels={channel: self._endpoints.way_out(life, channel) for channel in ContactChannel},
            spool=self._spool,
            narrow=self._narrow,
        )

    async def _run(self, life: Life, parts: Parts) -> None:
        """Prepare the store, tell again what is unfinished, then hear and act."""
        announcing = Announcing(parts.relay, parts.database, cluster=_one_cluster, ensure_topics=_nothing)
        for step in (*parts.prepare, announcing.begin):
            await _until_it_works(step)
        documents = [self.disk.collection(one.collection.name) for one in parts.relay.stores]
        clockwork = Clockwork(life, parts.relay, parts.workers, documents, self.news, self._chance)
        life.start(clockwork.run(), lasting=True)
        for lasting in parts.lasting:
            life.start(lasting(), lasting=True)
        if parts.hears is not None:
            listener = self._listener(life, *parts.hears, parts.gather_seconds)
            if self.life is life:  # else it woke up late, and another one has its place
                self.listener = listener
            life.start(listener.live(), lasting=True)

    def _listener(
        self, life: Life, topics: frozenset[str], handle: Any, gather_seconds: float
    ) -> MemoryListener:
        return MemoryListener(
            self._bus,
            life,
            self._chance,
            self._faults,
            group=self.name,
            topics=topics,
            handle=handle,
            tenants=self.tenants,
            dead_letters=cast("DeadLetters", _Burials(partial(self._bury, self.name))),
            gather_seconds=gather_seconds,
        )


class _Burials:
    """Where dead letters go: none is expected, so each is told."""

    def __init__(self, tell: Callable[[ConsumerRecord, str], None]) -> None:
        self._tell = tell

    async def bury(self, record: ConsumerRecord, reason: str) -> None:
        """Tell it."""
        self._tell(record, reason)


async def _until_it_works(step: Callable[[], Coroutine[Any, Any, None]]) -> None:
    async for _ in backoff():
        try:
            await step()
        except Exception as error:
            if not is_transient(error):
                raise
        else:
            return


async def _one_cluster() -> str:
    return "memory"


async def _nothing() -> None:
    """There is nothing to make."""
