"""Builds and runs one service: what it hears, says, keeps and serves, started and stopped in order."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import uvicorn
from aiokafka import ConsumerRecord
from fastapi import FastAPI

from service_kit import telemetry
from service_kit.announcing import Announcing
from service_kit.blame import Blame
from service_kit.clock import Clock, utc_now
from service_kit.counts import Count, all_or_none, disk_free, or_none
from service_kit.deadletters import DeadLetters, watch_tenants
from service_kit.documents import Database, connect, database, write_something
from service_kit.due import DueWorker, Tick
from service_kit.event import Event, read_event
from service_kit.http import Gate, make_app
from service_kit.http.dead_letters import router as dead_letter_doors
from service_kit.identity import KeySet, Verifier
from service_kit.listener import Handle, Listener
from service_kit.producer import Producer
from service_kit.relay import Relay
from service_kit.secrets import Secrets
from service_kit.settings import ServiceSettings, Settings, SettingsRefused, read_settings
from service_kit.skew import Skews, compare_for_ever
from service_kit.store import Aggregate, AggregateStore
from service_kit.tenancy import Tenants
from service_kit.topics_setup import cluster_id, ensure_topics
from service_kit.transient import Away, until_it_works
from service_kit.vault import OPERATOR_KEY, Quarantine, Vault
from shared_schemas.events import TenantConfigured

LOG = telemetry.logger(__name__)
State = TypeVar("State")

STOP_WITHIN_SECONDS = 8.0
BROKEN_EXIT_CODE = 70
REFUSED_EXIT_CODE = 2
DEAD_LETTER_BYTES = 2_000_000


class NobodyHears(LookupError):
    """A record could not be handled again: nobody in this service hears its topic."""


class Service:
    """One running service; `assemble` functions fill it, `run` brings it to life."""

    def __init__(self, name: str, settings: ServiceSettings, *, clock: Clock = utc_now) -> None:
        """Make clients, none of which connects yet. Needs a running event loop."""
        self.name = name
        self.settings = settings
        self.clock = clock
        self.skews = Skews(clock)
        self.version = _version(name)
        self.secrets = Secrets(settings.secrets_dir)
        self._client = connect(settings.mongo_url, service=name)
        self._vault_client = connect(settings.vault_url or settings.mongo_url, service=name)
        self.database = self.database_named(name)
        self.vault = Vault(
            database(self._vault_client, f"{settings.database_prefix}vault"),
            self.secrets,
            writer=f"{name}-{uuid4().hex[:12]}",
            clock=clock,
        )
        self.quarantine = Quarantine(self.secrets.ensure(OPERATOR_KEY))
        self.tenants = Tenants(snapshot=settings.data_dir / "tenants.json")
        self.producer = Producer(settings.kafka_bootstrap, client=name, linger_ms=settings.linger_ms)
        self._letter_producer = Producer(
            settings.kafka_bootstrap, client=f"{name}-dlq", largest_bytes=DEAD_LETTER_BYTES
        )
        self.relay = Relay(self.producer, self.tenants, clock)
        self.dead_letters = DeadLetters(
            name,
            producer=self._letter_producer,
            database=self.database,
            quarantine=self.quarantine,
            clock=clock,
        )
        self.gate = Gate(
            Verifier(KeySet(settings.token_keys), settings.token_issuer, settings.token_audience), clock
        )
        self.app: FastAPI = make_app(
            name, version=self.version, gate=self.gate, report=self.report, ready=self.ready
        )
        self._announcing = Announcing(
            self.relay,
            self.database,
            cluster=partial(cluster_id, settings.kafka_bootstrap, client=name),
            ensure_topics=self._ensure_topics,
            read_anew=self._read_anew,
            replica=settings.replica,
        )
        self.app.include_router(self._announcing.router())
        self.app.include_router(dead_letter_doors(self.dead_letters, self.handle_record))
        self._listeners: list[Listener] = []
        self._workers: list[DueWorker] = []
        self._background: list[tuple[str, Callable[[], Coroutine[Any, Any, None]]]] = []
        self._preparations: list[Callable[[], Awaitable[None]]] = [self.dead_letters.prepare]
        self._counts: dict[str, Count] = {}
        self._needs: dict[str, Callable[[], str]] = {}
        self._closings: list[Callable[[], Awaitable[None]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._prepared = asyncio.Event()
        self._over = asyncio.Event()
        self._exit_code = 0
        self.needs_bus_to_serve = True

    # What a service is made of -------------------------------------------------------------

    def database_named(self, name: str) -> Database:
        """Return a database of this installation."""
        return database(self._client, f"{self.settings.database_prefix}{name.replace('-', '_')}")

    def store(self, aggregate: Aggregate[State]) -> AggregateStore[State]:
        """Keep one kind of aggregate: indexed, swept and announced."""
        made = AggregateStore(self.database, aggregate, ships=self.relay, clock=self.clock)
        self.relay.stores.append(made)
        self._preparations.append(made.prepare)
        return made

    def hear(self, topics: frozenset[str], handle: Handle, *, gather_seconds: float = 0.0) -> Listener:
        """Hear these topics in the service's own consumer group; who is in no hurry lets events gather."""
        listener = Listener(
            self.settings.kafka_bootstrap,
            group=f"{self.settings.group_prefix}{self.name}",
            topics=sorted(topics - {"tenant.configured"}),
            handle=handle,
            tenants=self.tenants,
            dead_letters=self.dead_letters,
            blame=Blame(partial(write_something, self.database)),
            broken=self.break_down,
            replica=self.settings.replica,
            gather_seconds=gather_seconds,
        )
        self._listeners.append(listener)
        return listener

    def on_due(self, store: AggregateStore[Any], tick: Tick) -> None:
        """Let aggregates act when their deadline comes."""
        self._workers.append(DueWorker(store, tick, self.clock))

    def background(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a coroutine for as long as the service lives."""
        self._background.append((name, run))

    def prepare(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do something with the store before the service is ready; tried until it works."""
        self._preparations.append(step)

    def on_close(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do something when the service stops, after its doors are closed."""
        self._closings.append(step)

    def count(self, name: str, count: Count) -> None:
        """Show a number (or several) in `/status`."""
        self._counts[name] = count

    def needs(self, name: str, trouble: Callable[[], str]) -> None:
        """Be unready while this tells of trouble; an empty text is none."""
        self._needs[name] = trouble

    # Life ----------------------------------------------------------------------------------

    async def run(self) -> int:
        """Serve until told to stop; returns the process's exit code."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        server, serving = await self._open_doors()
        self._start("start", self._start_all)
        await self._over.wait()
        await self._stop(server, serving)
        return self._exit_code

    def stop(self) -> None:
        """Stop as SIGTERM does."""
        self._over.set()

    def break_down(self, error: BaseException) -> None:
        """End the process so that the supervisor starts it afresh."""
        LOG.error("service.broken", error=type(error).__name__, exc_info=error)
        self._exit_code = BROKEN_EXIT_CODE
        self._over.set()

    async def _open_doors(self) -> tuple[uvicorn.Server, asyncio.Task[None]]:
        configuration = uvicorn.Config(
            self.app,
            host=self.settings.host,
            port=self.settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        server = uvicorn.Server(configuration)
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(_serve(server))
        serving.add_done_callback(self._doors_closed)
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn tells it by a flag only
            await asyncio.sleep(0.01)
        if server.started:
            port = server.servers[0].sockets[0].getsockname()[1]
            _tell_port(self.settings.data_dir, port)
            LOG.info("service.listening", port=port)
        return server, serving

    def _doors_closed(self, serving: "asyncio.Task[None]") -> None:
        if not self._over.is_set():
            self.break_down(serving.exception() or RuntimeError("the HTTP server ended"))

    async def _start_all(self) -> None:
        for name, run in self._background:
            self._start(name, run)
        bootstrap, client = self.settings.kafka_bootstrap, self.name
        self._start("store", self._prepare_store)
        self._start("clock skew", partial(compare_for_ever, self.skews, self._client))
        await self._ensure_topics()
        self._start(
            "tenants",
            lambda: self.tenants.read_for_ever(bootstrap, client=client, bury=self.dead_letters.bury),
        )
        self._start("dead letters", lambda: self.dead_letters.read_for_ever(bootstrap, client=client))
        await self.tenants.read_whole.wait()
        await self._prepared.wait()
        self._start("sweep", self.relay.sweep_for_ever)
        self._start("mark", self.relay.mark_for_ever)
        self._start("cluster", self._announcing.watch_for_ever)
        self._start("parked letters", self._watch_parked)
        for worker in self._workers:
            self._start("clock", worker.run_for_ever)
        for listener in self._listeners:
            await listener.start()
        LOG.info("service.ready")

    async def _ensure_topics(self) -> None:
        """Make what topics are missing; waits until the broker is there."""
        await ensure_topics(
            self.settings.kafka_bootstrap,
            client=self.name,
            partitions=self.settings.broker_partitions,
            replicas=self.settings.broker_replicas,
            dead_letters=self.dead_letters.topic,
        )

    def _read_anew(self) -> None:
        """Let who reads without a group begin again; groups do by themselves."""
        self.tenants.read_anew()
        self.dead_letters.read_anew()

    async def _prepare_store(self) -> None:
        for step in self._preparations:
            await until_it_works(step)
        self._prepared.set()

    async def _watch_parked(self) -> None:
        """Take parked letters again; one may be listed before its tenant comes, or only after it came."""
        news: asyncio.Queue[str] = asyncio.Queue()
        self.dead_letters.on_parked(
            lambda tenant: news.put_nowait(tenant) if self.tenants.get(tenant) else None
        )
        self.tenants.follow(lambda configured: news.put_nowait(configured.tenant))
        await watch_tenants(self.dead_letters, news, self.handle_record)

    async def handle_record(self, record: ConsumerRecord) -> None:
        """Handle one record as who hears its topic would. Raises NobodyHears, or what the handler raises."""
        event: Event[Any] = read_event(record)
        if isinstance(event.data, TenantConfigured):
            await self.tenants.take(event.data)
            return
        for listener in self._listeners:
            if event.envelope.topic in listener.topics:
                await listener.handle_again(record)
                return
        raise NobodyHears(event.envelope.topic)

    def _start(self, name: str, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(run(), name=name)
        task.add_done_callback(self._watch)
        self._tasks.append(task)

    def _watch(self, task: "asyncio.Task[None]") -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.break_down(error)

    async def _stop(self, server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
        """Close the doors, finish what is in flight, commit, send, close."""
        LOG.info("service.stopping")
        try:
            async with asyncio.timeout(STOP_WITHIN_SECONDS):
                server.should_exit = True
                await asyncio.wait([serving])
                await asyncio.gather(*(one.stop() for one in self._listeners), return_exceptions=True)
                for task in self._tasks:
                    task.cancel()
                await asyncio.gather(*self._tasks, return_exceptions=True)
                for close in self._closings:
                    await close()
                await self.relay.finish()
                await or_none(self._announcing.end)
                await asyncio.gather(self.producer.stop(), self._letter_producer.stop())
                await self._client.close()
                await self._vault_client.close()
        except TimeoutError:
            LOG.warning("service.stopped_late")
        LOG.info("service.stopped", exit_code=self._exit_code)

    # Progress ------------------------------------------------------------------------------

    async def ready(self) -> list[str]:
        """Return what the service still waits for."""
        waiting = []
        if not self.tenants.read_whole.is_set() and not (self.tenants.all() and not self.needs_bus_to_serve):
            waiting.append("tenants")
        if not self._prepared.is_set() and self.needs_bus_to_serve:
            waiting.append("store")
        waiting += [f"{name}: {why}" for name, trouble in self._needs.items() if (why := trouble())]
        for listener in self._listeners:
            if not listener.joined:
                waiting.append(f"group {listener.group}")
            elif await listener.is_stalled():
                waiting.append(f"progress of group {listener.group}")
        return waiting

    async def report(self) -> dict[str, object]:
        """Return progress in numbers; a number that cannot be had now is null."""
        counts = {"outbox": self.relay.waiting, "dead_letters": self.dead_letters.waiting, **self._counts}
        lags, counted = await asyncio.gather(
            all_or_none(one.lag for one in self._listeners), all_or_none(counts.values())
        )
        return {
            "service": self.name,
            "version": self.version,
            "ready": not await self.ready(),
            "tenants": {one.tenant: one.version for one in self.tenants.all()},
            "lag": {topic: behind for lag in lags for topic, behind in (lag or {}).items()},
            "disk_free_bytes": disk_free(self.settings.data_dir),
            "clock_skew_seconds": await self.skews.report(),
            **dict(zip(counts, counted, strict=True)),
        }


async def _serve(server: uvicorn.Server) -> None:
    try:
        await server.serve()
    except SystemExit as error:
        raise Away("the HTTP port is taken") from error


def _tell_port(directory: Path, port: int) -> None:
    """Write the port for whoever started this service with port 0."""
    directory.mkdir(parents=True, exist_ok=True)
    fresh = directory / "port.new"
    fresh.write_text(str(port))
    fresh.replace(directory / "port")


def _version(name: str) -> str:
    try:
        return version(f"siaga-{name}")
    except PackageNotFoundError:
        return "0"


def main(name: str, kind: type[Settings], assemble: Callable[[Service, Settings], Awaitable[None]]) -> None:
    """Run a service as a process: read the settings, assemble, serve, exit.

    Exit codes: 0 stopped as told; 2 settings refused; 70 broken, start it again.
    """
    try:
        settings = read_settings(kind)
    except SettingsRefused as error:
        sys.stderr.write(f"{name}: settings refused\n{error}\n")
        raise SystemExit(REFUSED_EXIT_CODE) from error
    telemetry.set_up(name, version=_version(name), level=settings.log_level, trace_file=settings.trace_file)

    async def live() -> int:
        service = Service(name, settings)
        await assemble(service, settings)
        return await service.run()

    code = asyncio.run(live())
    sys.stdout.flush()
    os._exit(code)
