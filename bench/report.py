"""`make bench`: measures everything, prints the report and writes bench/out/report.md (BENCH=quick for short)."""

import asyncio
import logging
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.catch_up import measure_catch_up, section_of
from bench.figures import Section
from bench.first_start import DidNotStart, measure_setup, measure_starts, start_section
from bench.load import longest, measure_load
from bench.load_figures import load_section, memory_section
from bench.page import page
from bench.sizes import SMOKE, Size, SizeUnknown, size_of
from bench.stages import read_spans
from bench.surroundings import busy, surroundings
from bench.system import CHECKOUT, system_on
from siaga_embedded.servers import machine

OUT = CHECKOUT / "bench" / "out"


@dataclass(slots=True)
class Bench:
    """One run of the bench, in folders of its own that are gone afterwards."""

    size: Size
    data: Path
    head: dict[str, str] = field(default_factory=dict)

    async def sections(self) -> list[Section]:
        """Measure one thing after the other, so that none disturbs another."""
        before = busy()
        sections = [await self._start()] if self.size is not SMOKE else []
        sections += await self._load()
        sections.append(await self._catch_up())
        self.head["load average before and after"] = f"{before} and {busy()}"
        return sections

    async def _start(self) -> Section:
        setup = None
        if self.size.fresh_clone:
            say("a fresh clone is set up …")
            setup = await asyncio.to_thread(measure_setup, CHECKOUT)
        say("siaga run, twice …")
        try:
            return start_section(setup, await measure_starts(self.data / "start", 2))
        except DidNotStart as error:
            say(f"siaga run did not start: {error}")
            return start_section(setup, [])

    async def _load(self) -> list[Section]:
        async with machine(self.data / "load") as running, httpx.AsyncClient(trust_env=False) as client:
            servers = running.servers
            self.head |= surroundings(
                CHECKOUT, {"broker": servers.kafka_engine, "store": servers.store_engine}
            )
            system = system_on(running)
            say("the services are started …")
            await system.start_services(client)
            say(f"{self.size.calls} calls, about {longest(self.size).total_seconds():.0f} s …")
            loaded = await measure_load(system, self.size, client)
            spans = list(read_spans(system.traces))
        return [load_section(loaded, spans), memory_section(loaded)]

    async def _catch_up(self) -> Section:
        say("triage and the bare loop take turns …")
        return section_of(await measure_catch_up(self.data / "catch-up", self.size))


def say(sentence: str) -> None:
    """Tell the person who waits what is going on."""
    print(sentence, file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print, write; a missed goal is told, it is no failure."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        size = size_of(os.environ)
    except SizeUnknown as error:
        say(str(error))
        return 2
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="siaga-bench-") as folder:
        bench = Bench(size, Path(folder))
        sections = asyncio.run(bench.sections())
    bench.head["took"] = f"{(time.monotonic() - began) / 60:.1f} min ({size.name})"
    text = page("Siaga 112: figures", bench.head, sections)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "report.md").write_text(text, encoding="utf-8")
    print(text)
    say(f"written to {OUT.relative_to(CHECKOUT) / 'report.md'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
