"""Events per second of one dispatch process that catches up, beside bare dispatch, taking turns."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

import bson
import httpx

from bench.backlog import write_backlog
from bench.deeds import Deeds, deeds_so_far
from bench.figures import Figure, Section, spread
from bench.floor.bare import OF_FLOOR, PREFIX, PRODUCT
from bench.floor.topics import make_topics
from bench.progress import Pace, Spent, pace_of, watch
from bench.sizes import Size
from bench.system import Note, System, processor_seconds, system_on
from bench.ticket_backlog import of_ticket
from service_kit.documents import connect, database
from siaga_embedded.servers import machine
from siaga_embedded.supervise import Program

WITHIN_SECONDS = 120.0
SERVICE, KEPT, TOLD = "dispatch", "responses", "task.assigned"
FLOOR_PROGRAM = "floor"
SERVERS = ("kafka", "store")


@dataclass(frozen=True, slots=True)
class Turn:
    """One catching up.

    Attributes:
        documents: the responses that are in the store at the end.
        writes: inserts and replacements, counted by the documents' versions.
        document_bytes: the mean document at the end.
        deeds: what store and broker counted meanwhile, start and end of the process included.
    """

    pace: Pace
    documents: int
    writes: int
    document_bytes: float
    deeds: Deeds


@dataclass(frozen=True, slots=True)
class Comparison:
    """All turns, pair by pair."""

    events: int
    ours: tuple[Turn, ...]
    floor: tuple[Turn, ...]

    @property
    def ratios(self) -> tuple[float, ...]:
        """Our speed in that of the floor's next turn."""
        return tuple(
            one.pace.events_per_second / bare.pace.events_per_second
            for one, bare in zip(self.ours, self.floor, strict=True)
        )


async def measure_catch_up(data: Path, size: Size, note: Note) -> Comparison:
    """Let dispatch and bare dispatch take turns on one backlog, each time from its beginning."""
    async with machine(data) as running, httpx.AsyncClient(timeout=5, trust_env=False) as client:
        note(running.servers)
        system = system_on(running)
        bootstrap = running.servers.kafka_bootstrap
        events = await write_backlog(bootstrap, system.tenants, size.backlog_tickets, of=of_ticket)
        await make_topics(bootstrap)
        ours, floor = [], []
        for number in range(size.repetitions):
            ours.append(await _turn(system, client, f"ours{number}", events, bare=False))
            floor.append(await _turn(system, client, f"hop{number}", events, bare=True))
    return Comparison(events, tuple(ours), tuple(floor))


async def _turn(system: System, client: httpx.AsyncClient, mark: str, events: int, *, bare: bool) -> Turn:
    """Run one process until it has committed the whole backlog; its database is dropped afterwards."""
    bootstrap = system.machine.servers.kafka_bootstrap
    group, name = (f"floor-{mark}", FLOOR_PROGRAM) if bare else (f"{mark}-{SERVICE}", SERVICE)
    spent, topic = partial(spent_of, system, name), PREFIX + TOLD if bare else TOLD
    before = await deeds_so_far(system.machine.servers, [topic])
    looking = asyncio.create_task(watch(bootstrap, group, until=events, within=WITHIN_SECONDS, spent=spent))
    await _start(system, client, mark, bare=bare)
    pace = pace_of(await looking)
    await system.machine.supervisor.end_one(name)
    deeds = (await deeds_so_far(system.machine.servers, [topic])).since(before)
    documents = await _kept(system, f"floor_{mark}" if bare else f"{mark}_{SERVICE}")
    writes = sum(int(str(one["version"])) for one in documents)
    settled = [one | {"outbox": []} for one in documents]  # what the last saves sent may not be marked yet
    document_bytes = sum(len(bson.encode(one)) for one in settled) / len(settled)
    return Turn(pace, len(documents), writes, document_bytes, deeds)


async def _start(system: System, client: httpx.AsyncClient, mark: str, *, bare: bool) -> None:
    if bare:
        await system.machine.supervisor.start(bare_program(system, SERVICE, mark))
        return
    prefixes = {"SIAGA_DATABASE_PREFIX": f"{mark}_", "SIAGA_GROUP_PREFIX": f"{mark}-"}
    await system.start(system.program(SERVICE, prefixes), client)


def bare_program(system: System, module: str, mark: str) -> Program:
    """Return a program of the floor that hears the product's events, with a database and a group of its own."""
    servers = system.machine.servers
    environment: Mapping[str, str] = {
        "KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
        "MONGO_URL": servers.mongo_url,
        "BENCH_NAME": mark,
        "BENCH_HEARS": PRODUCT,
        "BENCH_READY": str(system.around.data / f"{mark}.ready"),
    }
    command = (sys.executable, "-m", f"bench.floor.{module}")
    return Program(FLOOR_PROGRAM, command, environment=environment, directory=system.around.checkout)


def spent_of(system: System, name: str) -> Spent:
    """Read the processor time of one program, and of broker and store together."""
    pids = system.pids()
    own, servers = [pids.get(name)], [pids.get(server) for server in SERVERS]
    return Spent(*(processor_seconds([pid for pid in group if pid]) for group in (own, servers)))


async def _kept(system: System, name: str) -> list[dict[str, object]]:
    """Return what was saved, and drop it."""
    async with connect(system.machine.servers.mongo_url, service="bench") as client:
        documents = await database(client, name)[KEPT].find().to_list()
        await client.drop_database(name)
    return documents


def section_of(compared: Comparison) -> Section:
    """Tell what came out."""
    ratio = median(compared.ratios)
    figures = (
        Figure("dispatch catching up", _speeds(compared.ours), reason=_costs(compared.ours)),
        Figure(
            "bare dispatch: the same reads, writes and publishes",
            _speeds(compared.floor),
            reason=_costs(compared.floor),
        ),
        Figure(
            "ours ÷ floor, one service hop",
            spread(compared.ratios, ".2f"),
            f"≥ {OF_FLOOR}",
            ratio >= OF_FLOOR,
            _reason(compared),
        ),
    )
    notes = (
        f"Backlog: {compared.events} events, two of each ticket, handed over twice; {len(compared.ratios)} turns each, alternating.",
        "Counted from the first commit to the last, as the broker sees them; median (least–most).",
        "In both an event is one read and one write, and is told on: task.assigned.",
        f"Dispatch: {_work(compared.ours)}. Bare: {_work(compared.floor)}.",
        f"Counted by store and broker, of an event: dispatch {_deeds(compared, compared.ours)}; bare {_deeds(compared, compared.floor)}.",
    )
    return Section("Catching up", figures, notes)


def _speeds(turns: tuple[Turn, ...]) -> str:
    return f"{spread([turn.pace.events_per_second for turn in turns], '.0f')} events/s"


def _own(turns: tuple[Turn, ...]) -> float:
    return median(turn.pace.spent.own for turn in turns) * 1000


def _costs(turns: tuple[Turn, ...]) -> str:
    servers = median(turn.pace.spent.servers for turn in turns) * 1000
    return f"processor time an event: {_own(turns):.2f} ms own, {servers:.2f} ms broker and store"


def _reason(compared: Comparison) -> str:
    """Say what an event costs dispatch beyond the floor."""
    more = _own(compared.ours) - _own(compared.floor)
    return f"{more:.2f} ms more processor time an event: envelope, contract, domain, timeline, spans, metrics"


def _work(turns: tuple[Turn, ...]) -> str:
    writes = sum(turn.writes for turn in turns) / len(turns)
    document_bytes = sum(turn.document_bytes for turn in turns) / len(turns)
    return f"{writes:.0f} writes, a document of {document_bytes:.0f} bytes on average"


def _deeds(compared: Comparison, turns: tuple[Turn, ...]) -> str:
    events = compared.events * len(turns)
    kinds = {kind: sum(turn.deeds.commands[kind] for turn in turns) for kind in turns[0].deeds.commands}
    told = {**kinds, "told": sum(turn.deeds.told for turn in turns)}
    return ", ".join(f"{count / events:.2f} {kind}" for kind, count in told.items())
