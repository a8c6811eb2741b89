"""Broker and store for `make run` and for tests: started together, the given ones always win.

`KAFKA_BOOTSTRAP` and `MONGO_URL` point at other servers; tests may take both from `containers`.
"""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from siaga_embedded import kafka, processes, store
from siaga_embedded.occupancy import occupy
from siaga_embedded.places import Places, require_space
from siaga_embedded.ports import Ports
from siaga_embedded.supervise import Happening, Supervisor

GIVEN = "KAFKA_BOOTSTRAP"
APACHE_KAFKA = "apache-kafka-4.3.1"
LONGEST_END = 15  # seconds that ending may take before the caller goes on without waiting


@dataclass(frozen=True, slots=True)
class Servers:
    """Where broker and store are, and what they are (for `siaga status`)."""

    kafka_bootstrap: str
    mongo_url: str
    kafka_engine: str
    store_engine: str


def written_servers(data: Path) -> Servers | None:
    """The servers that the running system of a data folder uses, for a second terminal."""
    try:
        return Servers(**json.loads(_note(Places(data)).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Machine:
    """One occupied data folder with its servers up and a supervisor that takes more programs."""

    places: Places
    ports: Ports
    supervisor: Supervisor
    servers: Servers


@asynccontextmanager
async def machine(
    data: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    on_news: Callable[[Happening], None] = lambda _: None,
) -> AsyncIterator[Machine]:
    """Occupy a data folder, start its servers, and end every program of the supervisor with the block."""
    places = Places(data)
    require_space(places)
    with occupy(places):
        await asyncio.to_thread(processes.end_orphans, places)
        supervisor = Supervisor(places, on_news=on_news)
        try:
            servers = await start_servers(supervisor, places, environ)
            yield Machine(places, Ports(places.ports), supervisor, servers)
        finally:
            await supervisor.end()
            _note(places).unlink(missing_ok=True)


@asynccontextmanager
async def embedded_servers(data: Path, *, environ: Mapping[str, str] = os.environ) -> AsyncIterator[Servers]:
    """Give broker and store alone, until the block ends."""
    async with machine(data, environ=environ) as running:
        yield running.servers


async def start_servers(
    supervisor: Supervisor, places: Places, environ: Mapping[str, str] = os.environ
) -> Servers:
    """Start what is not given, both at once, and write their addresses down; the caller ends the supervisor."""
    try:
        async with asyncio.TaskGroup() as both:
            broker = both.create_task(_broker(supervisor, places, environ))
            keeper = both.create_task(_store(supervisor, places, environ))
    except BaseExceptionGroup as troubles:
        raise troubles.exceptions[0] from troubles
    bootstrap, kafka_engine = broker.result()
    url, store_engine = keeper.result()
    servers = Servers(bootstrap, url, kafka_engine, store_engine)
    _note(places).write_text(json.dumps(asdict(servers)), encoding="utf-8")
    return servers


@contextmanager
def servers_in_background(data: Path, *, environ: Mapping[str, str] = os.environ) -> Iterator[Servers]:
    """Give broker and store to code without an event loop, such as a fixture that lasts a whole test run."""
    host = _Host(data, environ)
    try:
        yield host.start()
    finally:
        host.end()


class _Host:
    """A thread with a loop of its own, in which the servers are kept."""

    def __init__(self, data: Path, environ: Mapping[str, str]) -> None:
        self._data, self._environ = data, environ
        self._loop = asyncio.new_event_loop()
        self._enough = asyncio.Event()
        self._up = threading.Event()
        self._servers: Servers | None = None
        self._trouble: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="servers", daemon=True)

    def start(self) -> Servers:
        """Return when both are ready, or raise what kept them from it."""
        self._thread.start()
        self._up.wait()
        if self._servers is None:
            raise self._trouble or RuntimeError("The servers' thread ended without a word.")
        return self._servers

    def end(self) -> None:
        """Ask for the end and wait for it."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._enough.set)
            self._thread.join(LONGEST_END)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._stay())
        except BaseException as trouble:  # noqa: BLE001 - handed to the thread that waits in `start`
            self._trouble = trouble
        finally:
            self._loop.close()
            self._up.set()

    async def _stay(self) -> None:
        async with embedded_servers(self._data, environ=self._environ) as servers:
            self._servers = servers
            self._up.set()
            await self._enough.wait()


async def _broker(supervisor: Supervisor, places: Places, environ: Mapping[str, str]) -> tuple[str, str]:
    if given := environ.get(GIVEN):
        return given, GIVEN
    ports = Ports(places.ports)
    broker = kafka.Broker(places, ports.of(kafka.NAME), ports.of(kafka.CONTROLLER))
    await asyncio.to_thread(broker.prepare)
    await supervisor.start(broker.program(), broker.is_ready)
    return broker.bootstrap, APACHE_KAFKA


async def _store(supervisor: Supervisor, places: Places, environ: Mapping[str, str]) -> tuple[str, str]:
    choice = store.choose(places, environ)
    if choice.engine is store.Engine.GIVEN:
        return environ["MONGO_URL"], choice.engine
    embedded = store.Store(places, choice, Ports(places.ports).of(store.NAME))
    embedded.prepare()
    await supervisor.start(embedded.program(), embedded.is_ready, broken=embedded.is_broken)
    return embedded.url, choice.engine


def _note(places: Places) -> Path:
    return places.data / "servers.json"
