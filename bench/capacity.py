"""`make capacity`: finds C, the highest rate of calls that this machine carries inside the limits.

CAPACITY=quick takes short steps alone; RATE=12 LENGTH=180 tries one rate and finds nothing.
It writes bench/out/capacity.json, which fault runs take their load from, and capacity.md.
"""

import asyncio
import logging
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.arrivals import TICKET_EVERY, Steady
from bench.capacity_figures import Step, capacity_section, goal_figures, nearest
from bench.capacity_file import Capacity, known_capacities, write_capacity
from bench.figures import Figure, Section
from bench.load import measure_load
from bench.ramp import held_for, highest
from bench.saying import say
from bench.surroundings import busy, not_on_mongodb, surroundings
from bench.system import CHECKOUT, System, system_on
from bench.written import OUT, write_page
from siaga_embedded.servers import machine

FIRST = 6.0
SHORT, LONG, LONGEST = 45.0, 180.0, 600.0
"""Seconds: a step of the ramp, what C must be held for, and what it is confirmed by once."""


@dataclass(slots=True)
class Trying:
    """One system that is asked for more and more, and what came of each step."""

    system: System
    client: httpx.AsyncClient
    steps: list[Step] = field(default_factory=list)

    async def holds(self, rate: float, seconds: float) -> bool:
        """Whether a rate is held for so long."""
        loaded = await measure_load(self.system, Steady.lasting(seconds, rate), self.client)
        step = Step(rate, seconds, loaded)
        self.steps.append(step)
        say(str(step))
        return step.held

    async def find(self, *, quick: bool) -> tuple[float, float]:
        """Return C and for how many seconds it was held."""
        found = await highest(self.holds, first=FIRST, seconds=SHORT)
        if quick:
            return found, SHORT
        found = await held_for(self.holds, found, LONG)
        return await held_for(self.holds, found, LONGEST), LONGEST


async def measure(data: Path) -> tuple[dict[str, str], Section]:
    """Start everything, try rates, keep what was found; returns the report's head and its section."""
    async with machine(data) as running, httpx.AsyncClient(trust_env=False) as client:
        servers = running.servers
        head = surroundings(CHECKOUT, {"broker": servers.kafka_engine, "store": servers.store_engine})
        system = system_on(running)
        await system.start_services(client)
        trying, figures = Trying(system, client), tuple[Figure, ...]()
        if rate := os.environ.get("RATE"):
            await trying.holds(float(rate), float(os.environ.get("LENGTH") or LONG))
        else:
            found, seconds = await trying.find(quick=os.environ.get("CAPACITY") == "quick")
            write_capacity(OUT, _capacity(head, found, seconds, nearest(trying.steps)))
            figures = goal_figures(known_capacities(OUT))
    return head, capacity_section(trying.steps, figures, not_on_mongodb(head))


def _capacity(head: dict[str, str], found: float, seconds: float, too_much: str) -> Capacity:
    return Capacity(
        calls_per_second=found,
        store=head["store"],
        machine=head["machine"],
        commit=head["commit"],
        date=head["date"],
        seconds=seconds,
        ticket_every=TICKET_EVERY,
        ramp_only=seconds < LONG,
        too_much=too_much,
    )


def main() -> int:
    """Measure, print, write."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    began, before = time.monotonic(), busy()
    with tempfile.TemporaryDirectory(prefix="siaga-capacity-") as folder:
        head, section = asyncio.run(measure(Path(folder)))
    head["load average before and after"] = f"{before} and {busy()}"
    head["took"] = f"{(time.monotonic() - began) / 60:.1f} min"
    print(write_page(OUT / "capacity.md", "Siaga 112: how many calls a second", head, [section]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
