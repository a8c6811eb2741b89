"""Two processes of one service beside one: what it gives, what it costs."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx

from bench.backlog import write_backlog
from bench.desk import Desk
from bench.effort import Effort
from bench.flow import Flow, measure_flows
from bench.people import Tokens
from bench.progress import Pace, Spent, pace_of, watch
from bench.system import READY_WITHIN, Note, System, processor_seconds, resident, system_on
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
        done = 0
        for _ in range(effort.turns):
            for processes in (1, 2):
                turns.append(await _turn(system, client, processes, done))
                done += 2 * BACKLOG_CALLS
    async with machine(data / "whole") as running, httpx.AsyncClient(timeout=5, trust_env=False) as client:
        system = system_on(running)
        await system.start_services(client)
        desk = Desk(system, system.tenants[0].code, Tokens(system.secrets))
        await measure_flows(desk, 3)
        flows = {1: await measure_flows(desk, effort.flows)}
        async with second(system):
            flows[2] = await measure_flows(desk, effort.flows)
    return Beside(turns, flows)


async def _turn(system: System, client: httpx.AsyncClient, processes: int, done: int) -> Turn:
    """Start the processes, write a backlog, and look until they have committed it."""
    async with AsyncExitStack() as running:
        await system.start(system.program(SERVICE, {}), client)
        running.push_async_callback(system.machine.supervisor.end_one, SERVICE)
        if processes == 2:
            await running.enter_async_context(second(system))
        bootstrap = system.machine.servers.kafka_bootstrap

        def spent() -> Spent:
            pids = system.pids()
            own = [pids[name] for name in (SERVICE, SECOND) if name in pids]
            return Spent(
                processor_seconds(own), processor_seconds([pids[name] for name in SERVERS if name in pids])
            )

        until = done + 2 * BACKLOG_CALLS
        looking = asyncio.create_task(
            watch(bootstrap, SERVICE, until=until, within=WITHIN_SECONDS, spent=spent)
        )
        await write_backlog(bootstrap, system.tenants, BACKLOG_CALLS)
        looks = [look for look in await looking if look.done >= done]
        pids = system.pids()
        held = sum(resident(pids[name]) for name in (SERVICE, SECOND) if name in pids)
        return Turn(processes, pace_of(looks), held / 1e6)


@asynccontextmanager
async def second(system: System) -> AsyncIterator[None]:
    """Run a second process of the service for the length of a block, with a port, a folder and a name of its own."""
    folder = system.around.data / SECOND
    own = {"SIAGA_PORT": "0", "SIAGA_REPLICA": "2", "SIAGA_DATA_DIR": str(folder)}
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
