"""What one call costs: processor time by process and stage, commands to the store, events on the bus.

Every service runs as it is, observed (`bench.observed`), under a steady load.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from bench.arrivals import Flow, Steady
from bench.load import GENERATOR, Loaded, generator_seconds, measure_load
from bench.system import CHECKOUT, System
from siaga_cli.run.environments import SERVICES
from siaga_embedded.supervise import Program

WARM_UP = Steady(20, 5.0)
IDLE_SECONDS = 10.0
COUNTED = ("siaga_events_sent_total", "siaga_events_handled_total", "siaga_lost_races_total")


Counts = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Told:
    """What a system's processes had used and done by one moment.

    Attributes:
        seconds: processor time of each process.
        samples: by service, `stage|library`.
        commands: by service, `command collection`.
        counted: by service, a metric of its own.
    """

    at: float
    seconds: Counts
    samples: Mapping[str, Counts]
    commands: Mapping[str, Counts]
    counted: Mapping[str, Counts]


@dataclass(frozen=True, slots=True)
class Costs:
    """What one call cost on average, less what is used and done without any call.

    Attributes:
        idle: what each process uses of a core without any call.
        seconds: processor time of one call in each process.
        samples, commands, counted: as in `Told`, for one call.
    """

    loaded: Loaded
    idle: Counts
    seconds: Counts
    samples: Mapping[str, Counts]
    commands: Mapping[str, Counts]
    counted: Mapping[str, Counts]


def observed_program(system: System, folder: Path, service: str) -> Program:
    """Return a service as a program that is observed."""
    program = system.program(service, {})
    command = (sys.executable, "-m", "bench.observed", SERVICES[service], str(folder / f"{service}.json"))
    return replace(program, command=command, directory=CHECKOUT)


async def measure_costs(system: System, client: httpx.AsyncClient, flow: Flow, data: Path) -> Costs:
    """Put a load on a system whose services are not started yet."""
    folder = data / "observed"
    folder.mkdir(parents=True)
    await system.start_services(client, lambda service: observed_program(system, folder, service))
    await measure_load(system, WARM_UP, client)
    resting = await _told(system, client, folder)
    await asyncio.sleep(IDLE_SECONDS)
    before = await _told(system, client, folder)
    loaded = await measure_load(system, flow, client)
    return costs_of(loaded, resting, before, await _told(system, client, folder))


def costs_of(loaded: Loaded, resting: Told, before: Told, after: Told) -> Costs:
    """Take what grew while calls came, less what grows in as long a time without any."""
    rested, loaded_for = before.at - resting.at, after.at - before.at

    def of_call(first: Counts, second: Counts, third: Counts) -> dict[str, float]:
        idle = {name: (count - first.get(name, 0)) / rested for name, count in second.items()}
        return {
            name: (count - second.get(name, 0) - idle.get(name, 0) * loaded_for) / loaded.calls
            for name, count in third.items()
        }

    def by_service(of: Callable[[Told], Mapping[str, Counts]]) -> dict[str, Counts]:
        return {name: of_call(of(resting)[name], of(before)[name], of(after)[name]) for name in of(after)}

    return Costs(
        loaded,
        {name: (used - resting.seconds[name]) / rested for name, used in before.seconds.items()},
        of_call(resting.seconds, before.seconds, after.seconds),
        by_service(lambda told: told.samples),
        by_service(lambda told: told.commands),
        by_service(lambda told: told.counted),
    )


async def _told(system: System, client: httpx.AsyncClient, folder: Path) -> Told:
    seconds, at = {**system.processor_seconds(), GENERATOR: generator_seconds()}, time.monotonic()
    await asyncio.sleep(1.5)  # the files say what was a second ago
    files = {service: json.loads((folder / f"{service}.json").read_text("utf-8")) for service in SERVICES}
    counted = {service: await _counted(client, system.around.address(service)) for service in SERVICES}
    samples = {service: told["samples"] for service, told in files.items()}
    return Told(at, seconds, samples, {name: told["commands"] for name, told in files.items()}, counted)


async def _counted(client: httpx.AsyncClient, address: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    metrics = (await client.get(f"{address}/metrics")).text
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name in COUNTED:
                kind = sample.labels.get("fate") or sample.labels.get("collection") or ""
                counts[f"{sample.name} {sample.labels.get('topic', '')} {kind}".strip()] += int(sample.value)
    return counts
