"""Two processes of one service beside one: what it gives, what it costs."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import httpx

from bench.backlog import write_backlog
from bench.desk import Desk
from bench.effort import Effort
from bench.flow import Flow, measure_flows
from bench.people import Tokens
from bench.progress import Pace, Seen, Spent, pace_of, watch
from bench.system import READY_WITHIN, Note, System, processor_seconds, resident, system_on
from service_kit.documents import connect
from siaga_embedded.servers import machine
from siaga_embedded.supervise import Ready

SERVICE, SERVERS = "triage", ("kafka", "store")
SECOND = f"{SERVICE}-2"
BACKLOG_CALLS = 1_000
WITHIN_SECONDS = 180.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One backlog taken by one process or two: the pace, and the megabytes that they held together."""

    processes: int
    pace: Pace
    megabytes: float


@dataclass(frozen=True, slots=True)
class Beside:
    """All turns, and calls carried through a whole system with one and with two."""

    turns: Sequence[Turn]
    flows: Mapping[int, Sequence[Flow]]

    def paces(self, processes: int) -> list[float]:
        """Return the events a second of each turn with so many processes."""
        return [one.pace.events_per_second for one in self.turns if one.processes == processes]


async def measure_two(data: Path, effort: Effort, note: Note) -> Beside:
    """Let one process and two take turns at a backlog, then carry calls through everything with each."""
    turns: list[Turn] = []
    async with machine(data / "alone") as running, httpx.AsyncClient(timeout=5, trust_env=False) as client:
        note(running.servers)
        system = system_on(running)
        events = await write_backlog(running.servers.kafka_bootstrap, system.tenants, BACKLOG_CALLS)
        for number in range(effort.turns):
            marks = {processes: f"two{number}{processes}" for processes in (1, 2)}
            turns += [await _turn(system, client, *one, events) for one in marks.items()]
    async with machine(data / "whole") as running, httpx.AsyncClient(timeout=5, trust_env=False) as client:
        system = system_on(running)
        await system.start_services(client)
        desk = Desk(system, system.tenants[0].code, Tokens(system.secrets))
        await measure_flows(desk, 3)
        flows = {1: await measure_flows(desk, effort.flows)}
        async with second(system):
            flows[2] = await measure_flows(desk, effort.flows)
    return Beside(turns, flows)


async def _turn(system: System, client: httpx.AsyncClient, processes: int, mark: str, events: int) -> Turn:
    """Let processes go through the whole backlog, with a group and a database of their own, dropped afterwards."""
    servers, own = system.machine.servers, own_of(mark)
    looking = asyncio.create_task(
        watch(
            servers.kafka_bootstrap,
            f"{mark}-{SERVICE}",
            until=events,
            within=WITHIN_SECONDS,
            spent=partial(_spent, system),
        )
    )
    async with AsyncExitStack() as running:
        running.push_async_callback(system.machine.supervisor.end_one, SERVICE)
        more = [running.enter_async_context(second(system, own))] if processes == 2 else []
        await asyncio.gather(system.start(system.program(SERVICE, own), client), *more)
        complete_at = time.monotonic()
        looks, pids = await looking, system.pids()
        held = sum(resident(pids[name]) for name in (SERVICE, SECOND) if name in pids)
    async with connect(servers.mongo_url, service="bench") as store:
        await store.drop_database(f"{mark}_{SERVICE}")
    return Turn(processes, pace_of(when_complete(looks, complete_at)), held / 1e6)


def own_of(mark: str) -> dict[str, str]:
    """Return the settings by which processes begin at the backlog's beginning, with nothing saved."""
    return {"SIAGA_DATABASE_PREFIX": f"{mark}_", "SIAGA_GROUP_PREFIX": f"{mark}-"}


def when_complete(looks: Sequence[Seen], at: float) -> list[Seen]:
    """Return the looks at the backlog after every process was there: before, one alone goes ahead."""
    return [look for look in looks if look.at >= at]


def _spent(system: System) -> Spent:
    pids = system.pids()
    own, servers = ([pids[name] for name in names if name in pids] for names in ((SERVICE, SECOND), SERVERS))
    return Spent(processor_seconds(own), processor_seconds(servers))


@asynccontextmanager
async def second(system: System, more: Mapping[str, str] | None = None) -> AsyncIterator[None]:
    """Run a second process of the service for the length of a block, with a port, a folder and a name of its own."""
    folder = system.around.data / SECOND
    own = {"SIAGA_PORT": "0", "SIAGA_REPLICA": "2", "SIAGA_DATA_DIR": str(folder), **(more or {})}
    program = replace(system.program(SERVICE, own), name=SECOND)
    await asyncio.to_thread((folder / "port").unlink, missing_ok=True)
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
        await system.machine.supervisor.start(program, _asks(client, folder / "port"), within=READY_WITHIN)
        try:
            yield
        finally:
            await system.machine.supervisor.end_one(SECOND)


def _asks(client: httpx.AsyncClient, port: Path) -> Ready:
    async def is_ready() -> bool:
        told = await asyncio.to_thread(port.read_text)
        return (await client.get(f"http://127.0.0.1:{told}/readyz")).is_success

    return is_ready
