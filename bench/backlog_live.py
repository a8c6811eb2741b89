"""A backlog that services catch up on while calls go on coming, several times, beside the bare loop on such events."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx

from bench.arrivals import Steady
from bench.backlog import write_backlog
from bench.catch_up import FLOOR_PROGRAM, bare_program, spent_of
from bench.load import Loaded, measure_load
from bench.progress import Pace, Seen, committed, pace_of, watch
from bench.system import Note, System, system_on
from siaga_embedded.servers import machine

BEHIND = ("triage", "statistics")
"""The services that were away; both hear every call."""

WITHIN_SECONDS = 240.0
FLOOR_EVENTS = 2_000
"""Enough to tell the bare loop's pace, which is the same for more."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What was seen meanwhile.

    Attributes:
        events: how many waited for each service when it began.
        paces: how fast each service went, the live calls' events among them.
        looks: how far each service was, moment by moment.
        floor: how fast the bare loop goes through the beginning of the same log, with nothing else running.
    """

    events: int
    live: Loaded
    paces: Mapping[str, Pace]
    looks: Mapping[str, tuple[Seen, ...]]
    floor: Pace


async def measure_live_catch_up(
    data: Path, calls: int, live: Steady, repetitions: int, note: Note
) -> list[CaughtUp]:
    """Let two services find two events of each of so many calls, while others come; then the bare loop."""
    async with machine(data) as running, httpx.AsyncClient(timeout=30, trust_env=False) as client:
        note(running.servers)
        system = system_on(running)
        await system.start_services(client)
        seen = [await _behind(system, client, calls, live) for _ in range(repetitions)]
        for service in reversed(tuple(system.around.addresses())):
            await system.machine.supervisor.end_one(service)
        bare = min(FLOOR_EVENTS, 2 * calls)
        floors = [await _bare(system, f"live{number}", bare) for number in range(repetitions)]
    return [
        CaughtUp(2 * calls, loaded, {name: pace_of(own) for name, own in looks.items()}, looks, floor)
        for (loaded, looks), floor in zip(seen, floors, strict=True)
    ]


async def _behind(
    system: System, client: httpx.AsyncClient, calls: int, live: Steady
) -> tuple[Loaded, dict[str, tuple[Seen, ...]]]:
    """End the services, write what they will find, start them while calls come, and look at both."""
    for service in BEHIND:
        await system.machine.supervisor.end_one(service)
    bootstrap = system.machine.servers.kafka_bootstrap
    events = await write_backlog(bootstrap, system.tenants, calls, tell_tenants=False)
    begun = {service: await committed(bootstrap, service) for service in BEHIND}
    looking = {
        service: asyncio.create_task(_watch(system, service, begun[service], events)) for service in BEHIND
    }
    loading = asyncio.create_task(measure_load(system, live, client))
    await asyncio.gather(*(system.start(system.program(service, {}), client) for service in BEHIND))
    looks = {service: await task for service, task in looking.items()}
    return await loading, looks


async def _watch(system: System, service: str, begun: int, events: int) -> tuple[Seen, ...]:
    bootstrap, spent = system.machine.servers.kafka_bootstrap, partial(spent_of, system, service)
    looks = await watch(bootstrap, service, until=begun + events, within=WITHIN_SECONDS, spent=spent)
    return since(begun, looks)


def since(begun: int, looks: Sequence[Seen]) -> tuple[Seen, ...]:
    """Return the looks at what came to be done after so much: the first at it is no progress."""
    return tuple(look for look in looks if look.done >= begun)


async def _bare(system: System, mark: str, events: int) -> Pace:
    bootstrap, spent = system.machine.servers.kafka_bootstrap, partial(spent_of, system, FLOOR_PROGRAM)
    looking = asyncio.create_task(
        watch(bootstrap, f"floor-{mark}", until=events, within=WITHIN_SECONDS, spent=spent)
    )
    await system.machine.supervisor.start(bare_program(system, "hop", mark))
    pace = pace_of(await looking)
    await system.machine.supervisor.end_one(FLOOR_PROGRAM)
    return pace
