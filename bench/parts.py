"""The parts of the bench: each measures one thing on a machine of its own and tells it in sections."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.arrivals import Steady
from bench.backlog_live import measure_live_catch_up
from bench.backlog_live_figures import live_catch_up_section
from bench.beside.measure import measure_beside
from bench.catch_up import measure_catch_up, section_of
from bench.costs import measure_costs
from bench.costs_figures import costs_sections
from bench.effort import Effort, effort_of
from bench.figures import Section
from bench.first_start import DidNotStart, measure_setup, measure_starts, start_section
from bench.growth import measure_growth
from bench.load import longest, measure_load
from bench.load_figures import load_section, memory_section
from bench.rebuilding import measure_rebuilding
from bench.saying import say
from bench.sizes import SMOKE, Size
from bench.stages import read_spans
from bench.surroundings import surroundings
from bench.system import CHECKOUT, System, system_on
from bench.tenants import measure_tenants
from bench.two import measure_two
from bench.two_figures import two_section
from bench.whole_flow import measure_whole_flow
from bench.whole_flow_figures import whole_flow_section
from siaga_embedded.servers import Servers, machine

LIVE_CALLS_A_SECOND = 1.0
"""How many calls go on coming while services catch up: many times what a province has."""


@dataclass(slots=True)
class Bench:
    """One run of the bench, in folders of its own that are gone afterwards."""

    size: Size
    data: Path
    head: dict[str, str] = field(default_factory=dict)

    def note(self, servers: Servers) -> None:
        """Note what the figures were measured on."""
        self.head |= surroundings(CHECKOUT, {"broker": servers.kafka_engine, "store": servers.store_engine})


Part = Callable[[Bench], Awaitable[list[Section]]]


async def start(bench: Bench) -> list[Section]:
    """Measure what a stranger waits for."""
    if bench.size is SMOKE:
        return []
    setup = None
    if bench.size.fresh_clone:
        say("a fresh clone is set up …")
        setup = await asyncio.to_thread(measure_setup, CHECKOUT)
    say("siaga run, twice …")
    try:
        return [start_section(setup, await measure_starts(bench.data / "start", 2, bench.note))]
    except DidNotStart as error:
        say(f"siaga run did not start: {error}")
        return [start_section(setup, [])]


async def load(bench: Bench) -> list[Section]:
    """Measure what people wait for while calls come at a steady rate."""
    async with machine(bench.data / "load") as running, httpx.AsyncClient(trust_env=False) as client:
        bench.note(running.servers)
        system = system_on(running)
        say("the services are started …")
        await system.start_services(client)
        say(f"{bench.size.calls} calls, about {longest(bench.size).total_seconds():.0f} s …")
        loaded = await measure_load(system, bench.size, client)
        spans = list(read_spans(system.traces))
    return [load_section(loaded, spans), memory_section(loaded)]


async def costs(bench: Bench) -> list[Section]:
    """Measure what one call costs each process and the store."""
    data = bench.data / "costs"
    async with machine(data) as running, httpx.AsyncClient(trust_env=False) as client:
        bench.note(running.servers)
        flow = bench.size.observed
        say(f"the services are observed for about {longest(flow).total_seconds():.0f} s …")
        return costs_sections(await measure_costs(system_on(running), client, flow, data))


async def catch_up(bench: Bench) -> list[Section]:
    """Measure one service that catches up beside the floor."""
    say("dispatch and bare dispatch take turns …")
    return [section_of(await measure_catch_up(bench.data / "catch-up", bench.size, bench.note))]


async def whole_flow(bench: Bench) -> list[Section]:
    """Measure the way from a report to the agencies beside the bare programs."""
    say("the whole flow and the bare programs take turns …")
    data, size = bench.data / "whole-flow", bench.size
    turns = await measure_whole_flow(data, size.flow_calls, size.repetitions, bench.note)
    return [whole_flow_section(turns)]


async def backlog(bench: Bench) -> list[Section]:
    """Measure services that catch up while calls go on coming."""
    calls, times = bench.size.waiting_calls, bench.size.repetitions
    say(f"triage and statistics find {2 * calls} events when they come back, {times} times …")
    live = Steady.lasting(calls / 100, LIVE_CALLS_A_SECOND)
    data = bench.data / "backlog"
    return [live_catch_up_section(await measure_live_catch_up(data, calls, live, times, bench.note))]


async def beside(bench: Bench) -> list[Section]:
    """Do what was measured at the closest living system, here."""
    say("tickets are opened, escalated, listed, interrupted …")
    return [await _on_a_system(bench, "beside", measure_beside)]


async def rebuild(bench: Bench) -> list[Section]:
    """Build the figures again from the log."""
    say("statistics are rebuilt …")
    return [await _on_a_system(bench, "rebuild", measure_rebuilding)]


async def growth(bench: Bench) -> list[Section]:
    """Look at everything again while the store grows."""
    say("the store grows …")
    return [await _on_a_system(bench, "growth", measure_growth)]


async def tenants(bench: Bench) -> list[Section]:
    """Put many more tenants in force."""
    say("tenants are put in force …")
    return [await _on_a_system(bench, "tenants", measure_tenants)]


async def two(bench: Bench) -> list[Section]:
    """Run a second process of one service."""
    say("one process of triage and two take turns …")
    return [two_section(await measure_two(bench.data / "two", effort_of(bench.size), bench.note))]


async def _on_a_system(
    bench: Bench, name: str, measure: Callable[[System, Effort], Awaitable[Section]]
) -> Section:
    """Measure on a system of its own, with all services running."""
    async with machine(bench.data / name) as running, httpx.AsyncClient(trust_env=False) as client:
        bench.note(running.servers)
        system = system_on(running)
        await system.start_services(client)
        return await measure(system, effort_of(bench.size))


PARTS: Mapping[str, Part] = {
    "start": start,
    "load": load,
    "costs": costs,
    "catch-up": catch_up,
    "whole-flow": whole_flow,
    "backlog": backlog,
    "beside": beside,
    "rebuild": rebuild,
    "growth": growth,
    "two": two,
    "tenants": tenants,
}
"""Every part by its name, in the order in which they are measured: one after the other, so that none disturbs another."""


class PartUnknown(ValueError):
    """ONLY names no part of the bench."""


def parts_of(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names of the parts that ONLY names, or of all.

    Raises:
        PartUnknown: with the parts there are.
    """
    wanted = environ.get("ONLY", "").replace(",", " ").split()
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        raise PartUnknown(f"ONLY={' '.join(unknown)}: take some of {', '.join(PARTS)}")
    return tuple(name for name in PARTS if not wanted or name in wanted)
