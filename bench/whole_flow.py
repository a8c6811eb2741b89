"""Calls a second from a typed report to the agencies' webhooks, ours and the bare programs taking turns."""

import asyncio
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx

from bench.beside.receiver import Receiver
from bench.desk import Desk, opening
from bench.floor.topics import make_topics
from bench.load import GENERATOR, generator_seconds
from bench.people import Tokens
from bench.progress import until_all_is_done
from bench.system import Note, System, system_on
from bench.wire import Refused, Wire
from siaga_cli.run.environments import MAIL, SERVICES, WEBHOOKS
from siaga_cli.run.programs import yields_of
from siaga_embedded.servers import machine
from siaga_embedded.supervise import Program

TENANT = "53.03"
AGENCIES = ("damkar", "bpbd")
AT_ONCE = 16
LOOK_EVERY = 0.02
WITHIN_SECONDS = 120.0
BARE: Mapping[str, str] = {
    "intake": "intake",
    "triage": "triage",
    "dispatch": "dispatch",
    "agency-notifier": "notifier",
    "statistics": "statistics",
}
HEARERS = ("triage", "dispatch", "agency-notifier", "statistics")


class FloorBroken(RuntimeError):
    """A bare program did not do its work, so there is nothing to compare with."""


class NotCarried(RuntimeError):
    """Not everything came to its end in time; the text says what was waited for."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn: how many calls went through in how many seconds, and the processor time of each program."""

    calls: int
    seconds: float
    spent: Mapping[str, float]

    @property
    def calls_per_second(self) -> float:
        """The pace, from the first report until nothing waits any more."""
        return self.calls / self.seconds

    @property
    def milliseconds_of_call(self) -> float:
        """The processor time of one call in all programs but the load generator."""
        return 1000 * sum(used for name, used in self.spent.items() if name != GENERATOR) / self.calls


@dataclass(frozen=True, slots=True)
class Side:
    """Ours or the bare programs: where they listen, and the groups that hear."""

    addresses: Mapping[str, str]
    groups: Sequence[str]


async def measure_whole_flow(data: Path, calls: int, repetitions: int, note: Note) -> list[tuple[Turn, Turn]]:
    """Let both sides carry as many calls as fast as they can, in turns, on one broker and store."""
    async with machine(data) as running, httpx.AsyncClient(timeout=5, trust_env=False) as client:
        note(running.servers)
        system = system_on(running)
        await make_topics(running.servers.kafka_bootstrap)
        turns = []
        for _ in range(repetitions):
            ours = await turn_of_ours(system, client, calls)
            turns.append((ours, await turn_of_bare(system, data, calls)))
        return turns


async def turn_of_ours(system: System, client: httpx.AsyncClient, calls: int) -> Turn:
    """Start the services, carry calls through, end them."""
    await system.start_services(client)
    turn = await _carry(system, Side(system.around.addresses(), HEARERS), calls)
    for service in reversed(tuple(SERVICES)):
        await system.machine.supervisor.end_one(service)
    return turn


async def turn_of_bare(system: System, data: Path, calls: int) -> Turn:
    """Start the bare programs, carry calls through, end them."""
    ports = {name: system.machine.ports.of(f"bare-{name}") for name in BARE}
    for name, module in BARE.items():
        mark = data / f"bare-{name}.ready"
        mark.unlink(missing_ok=True)
        program = _bare(system, data, f"bare-{name}", module, ports[name], mark)
        await system.machine.supervisor.start(program, partial(_is_there, mark))
    addresses = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
    turn = await _carry(system, Side(addresses, [f"floor-{name}" for name in HEARERS]), calls)
    if any(child.restarts for child in system.machine.supervisor.children):
        raise FloorBroken("a bare program died and was started again: its log says why")
    for name in BARE:
        await system.machine.supervisor.end_one(f"bare-{name}")
    return turn


def _bare(system: System, data: Path, name: str, module: str, port: int, mark: Path) -> Program:
    servers = system.machine.servers
    environment = {
        "KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "MONGO_URL": servers.mongo_url,
        "BENCH_PORT": str(port),
        "BENCH_READY": str(mark),
        "BENCH_SPOOL": str(data / "bare-spool.db"),
        "BENCH_WEBHOOKS": str(system.around.ports[WEBHOOKS]),
    }
    command = (sys.executable, "-m", f"bench.floor.{module}")
    yields = yields_of(name.removeprefix("bare-"))
    return Program(name, command, environment=environment, directory=system.around.checkout, yields=yields)


async def _is_there(mark: Path) -> bool:
    return await asyncio.to_thread(mark.exists)


async def _carry(system: System, side: Side, calls: int) -> Turn:
    """Carry calls through, sixteen at a time, and wait until nothing waits any more."""
    desk = _Door(system, TENANT, Tokens(system.secrets), addresses=side.addresses)
    ports = system.around.ports
    bootstrap = system.machine.servers.kafka_bootstrap
    async with Receiver(ports[WEBHOOKS], ports[MAIL]) as agencies:
        spent, began, step = _spent(system), time.monotonic(), "reports and escalations"
        try:
            async with asyncio.timeout(WITHIN_SECONDS):
                people = (_work(desk, range(first, calls, AT_ONCE)) for first in range(AT_ONCE))
                tickets = [ticket for own in await asyncio.gather(*people) for ticket in own]
                step = "webhooks"
                wanted = {(ticket, agency) for ticket in tickets for agency in AGENCIES}
                while not wanted <= agencies.asked.keys():  # noqa: ASYNC110 - told by a dictionary only
                    await asyncio.sleep(LOOK_EVERY)
                step = "commits"
                await until_all_is_done(bootstrap, side.groups)
        except TimeoutError as error:
            raise NotCarried(
                f"waited for {step}: {len(agencies.asked)} agencies asked for {calls} calls"
            ) from error
        seconds, now = time.monotonic() - began, _spent(system)
    return Turn(calls, seconds, {name: used - spent.get(name, 0.0) for name, used in now.items()})


def _spent(system: System) -> dict[str, float]:
    return {**system.processor_seconds(), GENERATOR: generator_seconds()}


@dataclass(slots=True)
class _Door(Desk):
    """The desk of whichever side has its turn."""

    addresses: Mapping[str, str] = field(default_factory=dict)

    def wire(self, service: str) -> Wire:
        """Return a new connection."""
        return Wire(self.addresses[service])


async def _work(desk: "_Door", calls: Sequence[int]) -> list[str]:
    """Take one call after the other from the report to the escalation; returns their tickets."""
    intake, triage = desk.wire("intake"), desk.wire("triage")
    tickets = []
    for _ in calls:
        call, _ = await desk.report(intake)
        answer = await triage.ask(
            "POST", desk.path("tickets"), desk.token, body=opening(call), key=desk.key()
        )
        while answer.status in {404, 409}:
            await asyncio.sleep(LOOK_EVERY)
            answer = await triage.ask(
                "POST", desk.path("tickets"), desk.token, body=opening(call), key=desk.key()
            )
        if answer.status >= 400:
            raise Refused(f"POST tickets: {answer.status}")
        tickets.append(str(answer.said["ticket_id"]))
        await desk.escalate(triage, tickets[-1], AGENCIES)
    intake.close()
    triage.close()
    return tickets
