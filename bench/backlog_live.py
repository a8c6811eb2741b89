"""A backlog that services catch up on while calls go on coming, beside the bare loop on the same backlog."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from bench.arrivals import Steady
from bench.backlog import write_backlog
from bench.catch_up import FLOOR_PROGRAM, bare_loop, spent_of
from bench.load import Loaded, measure_load
from bench.progress import Pace, Seen, committed, pace_of, watch
from bench.system import System, system_on
from siaga_embedded.servers import machine

BEHIND = ("triage", "statistics")
"""The services that were away; both hear every call."""

WITHIN_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was seen meanwhile.

    Attributes:
        events: how many waited for each service when it began.
        paces: how fast each service went, the live calls' events among them.
        looks: how far each service was, moment by moment.
        floor: how fast the bare loop goes through the same backlog, with nothing else running.
    """

    events: int
    live: Loaded
    paces: Mapping[str, Pace]
    looks: Mapping[str, tuple[Seen, ...]]
    floor: Pace


async def measure_live_catch_up(data: Path, calls: int, live: Steady) -> CaughtUp:
    """Let two services find two events of each of so many calls, while others come."""
    async with machine(data) as running, httpx.AsyncClient(timeout=30, trust_env=False) as client:
        system = system_on(running)
        await system.start_services(client)
        for service in BEHIND:
            await system.machine.supervisor.end_one(service)
        bootstrap = running.servers.kafka_bootstrap
        events = await write_backlog(bootstrap, system.tenants, calls, tell_tenants=False)
        begun = {service: await committed(bootstrap, service) for service in BEHIND}
        looking = {
            service: asyncio.create_task(_watch(system, service, begun[service] + events))
            for service in BEHIND
        }
        loading = asyncio.create_task(measure_load(system, live, client))
        await asyncio.gather(*(system.start(system.program(service, {}), client) for service in BEHIND))
        looks = {service: tuple(await task) for service, task in looking.items()}
        loaded = await loading
        for service in reversed(tuple(system.around.addresses())):
            await system.machine.supervisor.end_one(service)
        floor = await _bare(system, events)
    return CaughtUp(events, loaded, {name: pace_of(seen) for name, seen in looks.items()}, looks, floor)


async def _watch(system: System, service: str, until: int) -> list[Seen]:
    bootstrap, spent = system.machine.servers.kafka_bootstrap, partial(spent_of, system, service)
    return await watch(bootstrap, service, until=until, within=WITHIN_SECONDS, spent=spent)


async def _bare(system: System, events: int) -> Pace:
    bootstrap, spent = system.machine.servers.kafka_bootstrap, partial(spent_of, system, FLOOR_PROGRAM)
    looking = asyncio.create_task(
        watch(bootstrap, "floor-live", until=events, within=WITHIN_SECONDS, spent=spent)
    )
    await system.machine.supervisor.start(bare_loop(system, "live"))
    pace = pace_of(await looking)
    await system.machine.supervisor.end_one(FLOOR_PROGRAM)
    return pace
