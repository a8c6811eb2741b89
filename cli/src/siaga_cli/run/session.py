"""One run of everything: servers, services, tenants, accounts, demo, board; ended in the right order."""

import asyncio
import json
import os
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx
from rich.console import Console

from service_kit.secrets import Secrets
from shared_schemas.tenants import TenantConfiguration
from siaga_cli import home
from siaga_cli.board.live import Board, heading, show
from siaga_cli.run.accounts import wanted_accounts
from siaga_cli.run.directory_door import DirectoryDoor
from siaga_cli.run.environments import PORTS, SERVICES, Surroundings, tenant_placeholders
from siaga_cli.run.finished import wait_until_done
from siaga_cli.run.programs import demo_programs, service_program
from siaga_cli.run.purpose import Purpose, mark_purpose, require_purpose
from siaga_cli.run.tenants import read_tenants
from siaga_cli.wording import text
from siaga_embedded.places import write_whole
from siaga_embedded.ports import require_free
from siaga_embedded.servers import Machine, machine
from siaga_embedded.supervise import Happening, Ready, State, stop_asked

READY_WITHIN = timedelta(seconds=60)
ASK_TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked `siaga run` for; with tenants of their own, nothing of the demo is run."""

    speed: str = "10"
    replay: bool = True
    own_tenants: Path | None = None
    until_replayed: bool = False
    board: bool = True
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def purpose(self) -> Purpose:
        """Whose calls this run takes."""
        return Purpose.DEMO if self.own_tenants is None else Purpose.CENTRE


class Session:
    """One run, from the lock on the data folder to its release."""

    def __init__(self, options: Options, console: Console) -> None:
        self._options, self._console = options, console
        self._board = Board(heading=heading(options.speed if options.purpose is Purpose.DEMO else None))
        self._begun = time.monotonic()
        self._live = False

    async def run(self) -> None:
        """Live until Ctrl-C, or until the replay is done; everything is ended with it.

        Raises:
            Refusal: something could not be started; the sentence says what, where and what to do.
        """
        with stop_asked() as asked:
            life = asyncio.create_task(self._run())
            ended = asyncio.create_task(asked.wait())
            await asyncio.wait([life, ended], return_when=asyncio.FIRST_COMPLETED)
            ended.cancel()
            if not life.done():
                self._live = False
                self._tell(text("Ending: services, broker and store …"))
                life.cancel()
            try:
                await life
            except asyncio.CancelledError:
                self._tell(text("Everything has ended; nothing is lost. `make run` carries on."))

    async def _run(self) -> None:
        data = home.data_folder()
        require_purpose(data, self._options.purpose)
        for name, port in self._options.ports.items():
            require_free(port, name)
        async with (
            httpx.AsyncClient(timeout=ASK_TIMEOUT, trust_env=False) as client,
            machine(data, on_news=self._hear) as running,
        ):
            mark_purpose(data, self._options.purpose)
            around = self._surroundings(running, data)
            tenants = self._tenants(around)
            _make_secrets(around, tenants)
            await self._start_services(running, around, tenants, client)
            self._say_addresses(around)
            if around.demo:
                for program in demo_programs(around, replay=self._options.replay):
                    await running.supervisor.start(program)
            await self._watch(around)

    def _surroundings(self, running: Machine, data: Path) -> Surroundings:
        ports = {name: self._options.ports.get(name) or running.ports.of(name) for name in PORTS}
        run = f"{int(time.time())}-{os.getpid()}"
        demo = self._options.purpose is Purpose.DEMO
        return Surroundings(data, home.checkout(), running.servers, ports, self._options.speed, run, demo)

    def _tenants(self, around: Surroundings) -> tuple[TenantConfiguration, ...]:
        own = self._options.own_tenants
        if own is not None:
            return read_tenants(own, os.environ)
        return read_tenants(around.checkout / "tenants", tenant_placeholders(around))

    async def _start_services(
        self,
        running: Machine,
        around: Surroundings,
        tenants: tuple[TenantConfiguration, ...],
        client: httpx.AsyncClient,
    ) -> None:
        """Start all services at once; the first trouble ends the start, under its own name."""
        write_whole(around.services_file, json.dumps(around.addresses(), indent=1))
        directory_ready = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as starting:
                for service in SERVICES:
                    starting.create_task(_start(running, around, service, client, directory_ready))
                starting.create_task(self._prepare(around, tenants, directory_ready))
        except BaseExceptionGroup as troubles:
            raise troubles.exceptions[0] from troubles

    async def _prepare(
        self, around: Surroundings, tenants: tuple[TenantConfiguration, ...], directory_ready: asyncio.Event
    ) -> None:
        """Apply the tenants and make the accounts as soon as the directory can take them."""
        await directory_ready.wait()
        async with DirectoryDoor(around.address("directory"), Secrets(around.secrets), around.run) as door:
            for tenant in tenants:
                if await door.apply(tenant):
                    self._tell(text("{tenant} ({code}) applied", tenant=tenant.name, code=tenant.code))
            made = await door.make_accounts(wanted_accounts(tenants, demo=around.demo))
        if made:
            self._tell(
                text("{count} accounts made; passwords are in {folder}", count=made, folder=around.secrets)
            )

    async def _watch(self, around: Surroundings) -> None:
        """Show the board until the run is over."""
        self._live = self._options.board and self._console.is_terminal
        follow = self._board.follow(around.servers.kafka_bootstrap)
        views = [show(self._board, self._console)] if self._options.board else []
        done = self._done(around)
        tasks = [asyncio.create_task(one) for one in (done, follow, *views)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._live = False
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _done(self, around: Surroundings) -> None:
        if not self._options.until_replayed:
            await asyncio.Event().wait()
        await self._board.caught_up.wait()
        await wait_until_done(self._board.known, around.diaries / "replay.json", around.addresses())
        self._tell(text("The replay and all work are done."))

    def _hear(self, news: Happening) -> None:
        """Tell what the supervisor says: before the board as lines, then as news on it."""
        seconds = time.monotonic() - self._begun
        if news.state is State.READY:
            self._tell(
                text("{program} is ready ({seconds} s)", program=news.program, seconds=f"{seconds:.1f}")
            )
        elif news.state is State.RESTARTING:
            self._tell(
                text(
                    "{program} died ({detail}) and is started again", program=news.program, detail=news.detail
                )
            )

    def _tell(self, sentence: str) -> None:
        if self._live:
            self._board.say(sentence)
        else:
            self._console.print(sentence, highlight=False, markup=False, soft_wrap=True)

    def _say_addresses(self, around: Surroundings) -> None:
        width = max(map(len, SERVICES))
        for name, address in around.addresses().items():
            self._tell(f"  {name:<{width}}  {address}")
        took = f"{time.monotonic() - self._begun:.1f}"
        self._tell(
            text(
                "Everything is ready after {seconds} s. Logs: {logs}", seconds=took, logs=around.data / "logs"
            )
        )


async def _start(
    running: Machine,
    around: Surroundings,
    service: str,
    client: httpx.AsyncClient,
    directory_ready: asyncio.Event,
) -> None:
    ready = _asks(client, around.address(service))
    await running.supervisor.start(service_program(around, service), ready, within=READY_WITHIN)
    if service == "directory":
        directory_ready.set()


def _asks(client: httpx.AsyncClient, address: str) -> Ready:
    async def is_ready() -> bool:
        return (await client.get(f"{address}/readyz")).is_success

    return is_ready


def _make_secrets(around: Surroundings, tenants: tuple[TenantConfiguration, ...]) -> None:
    """Make what must be there before a service looks for it; each service makes its own."""
    secrets = Secrets(around.secrets)
    for tenant in tenants:
        for trunk in tenant.trunks:
            secrets.ensure(f"trunks/{tenant.code}/{trunk.id}")
