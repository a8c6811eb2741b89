"""`make soak`: calls at 0.3 C for an hour (LENGTH=3600 RATE=2), memory and file handles of every process meanwhile.

It writes bench/out/soak.md with its plots, and every sample to bench/out/soak.csv.
"""

import asyncio
import csv
import logging
import os
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from bench.arrivals import Steady
from bench.capacity_file import known_capacity
from bench.figures import Figure, Section
from bench.limits import broken_limits
from bench.load import Loaded, measure_load
from bench.load_figures import load_section
from bench.plot import lines
from bench.slope import SURE, Line, line_of
from bench.surroundings import busy, not_on_mongodb, surroundings
from bench.system import CHECKOUT, System, system_on
from bench.written import OUT, write_page
from siaga_embedded.servers import machine

SHARE_OF_C = 0.3
CAREFUL_C = 4.0
"""Calls a second that are taken for C where it was never measured: less than any machine showed so far."""

HOUR = 3600.0
SAMPLES = 600
SHORTEST_PAUSE = 1.0
WARMING_UP = 1 / 3
"""Caches fill, code is first run: this share of the samples is kept, but no line goes through it."""

FLAT_SHARE = 0.02
FLAT_HANDLES = 5.0
TOO_NOISY = "too noisy to tell"
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Sample:
    """What one program and those that it started held at one moment: seconds since the beginning."""

    program: str
    at: float
    resident_bytes: int
    handles: int


@dataclass(slots=True)
class Sampler:
    """Looks at every program again and again."""

    system: System
    every: float
    samples: list[Sample] = field(default_factory=list)

    async def look_for_ever(self) -> None:
        """Look until cancelled; who just died is looked at again when it lives."""
        began = time.monotonic()
        while True:
            at = time.monotonic() - began
            for name, pid in self.system.pids().items():
                with suppress(psutil.NoSuchProcess):
                    self.samples.append(_sample(name, pid, at))
            await asyncio.sleep(self.every)


def _sample(name: str, pid: int, at: float) -> Sample:
    first = psutil.Process(pid)
    processes = [first, *first.children(recursive=True)]
    resident = sum(one.memory_info().rss for one in processes)
    return Sample(name, at, resident, sum(one.num_fds() for one in processes))


@dataclass(frozen=True, slots=True)
class Wanted:
    """How long, and how many calls a second."""

    seconds: float
    rate: float
    why: str


def wanted_of(environ: Mapping[str, str], capacity: float | None) -> Wanted:
    """Return what LENGTH and RATE say; an hour at 0.3 C where they say nothing."""
    seconds = float(environ.get("LENGTH") or HOUR)
    if rate := environ.get("RATE"):
        return Wanted(seconds, float(rate), "as asked")
    if capacity is None:
        return Wanted(
            seconds, SHARE_OF_C * CAREFUL_C, f"{SHARE_OF_C} × {CAREFUL_C:g}: C was not measured here"
        )
    return Wanted(
        seconds, SHARE_OF_C * capacity, f"{SHARE_OF_C} C, C = {capacity:g} (bench/out/capacity.json)"
    )


async def measure(data: Path) -> tuple[dict[str, str], list[Section], list[Sample]]:
    """Let calls come for as long as wanted and look at every program meanwhile."""
    async with machine(data) as running, httpx.AsyncClient(trust_env=False) as client:
        servers, system = running.servers, system_on(running)
        head = surroundings(CHECKOUT, {"broker": servers.kafka_engine, "store": servers.store_engine})
        known = known_capacity(OUT, servers.store_engine)
        wanted = wanted_of(os.environ, None if known is None else known.calls_per_second)
        await system.start_services(client)
        sampler = Sampler(system, max(SHORTEST_PAUSE, wanted.seconds / SAMPLES))
        load = measure_load(system, Steady.lasting(wanted.seconds, wanted.rate), client)
        loaded = await meanwhile(sampler.look_for_ever(), load)
    head["load"] = f"{wanted.rate:.2f} calls/s for {wanted.seconds / 60:.1f} min ({wanted.why})"
    sections = [
        soak_section(sampler.samples, loaded, not_on_mongodb(head)),
        _own_plots(load_section(loaded, [])),
    ]
    return head, sections, sampler.samples


async def meanwhile(looking: Coroutine[Any, Any, None], work: Coroutine[Any, Any, Done]) -> Done:
    """Return what came of the work, beside which something looks for ever.

    Raises:
        ExceptionGroup: either failed; nobody goes on for an hour with nothing looking.
    """
    async with asyncio.TaskGroup() as both:
        looks = both.create_task(looking)
        done = await work
        looks.cancel()
    return done


def _own_plots(section: Section) -> Section:
    """Return a section of the bench with plots of this run's own."""
    return replace(section, plots={f"soak-{name}": drawn for name, drawn in section.plots.items()})


def soak_section(samples: Sequence[Sample], loaded: Loaded, more: Sequence[str] = ()) -> Section:
    """Tell of each program whether what it holds rises."""
    figures = [_limits(loaded)]
    for name in dict.fromkeys(one.program for one in samples):
        own = [one for one in samples if one.program == name]
        late = own[round(len(own) * WARMING_UP) :]
        figures += [_memory(name, late), _handles(name, late)]
    seconds = max(one.at for one in samples)
    notes = (
        f"{len(samples)} samples in {seconds / 60:.1f} min; the first third, while caches fill, is left out.",
        "Least squares through the means of 20 equal spans; ± is the slope's standard error.",
        f"Level: memory rises by ≤ {FLAT_SHARE:.0%} of its mean an hour, handles by ≤ {FLAT_HANDLES:.0f}.",
        f"Level too: a rise that cannot be told from none (≤ {SURE} standard errors), unless one error is more than that.",
        *more,
    )
    return Section("What is held", tuple(figures), notes, _plots(samples))


def _plots(samples: Sequence[Sample]) -> dict[str, str]:
    held: dict[str, tuple[str, Callable[[Sample], float]]] = {
        "memory": ("MB", lambda one: one.resident_bytes / 1e6),
        "handles": ("file handles", lambda one: float(one.handles)),
    }
    return {f"soak-{name}": _drawn(samples, *what) for name, what in held.items()}


def _drawn(samples: Sequence[Sample], unit: str, of: Callable[[Sample], float]) -> str:
    series = {
        name: [(one.at / 60, of(one)) for one in samples if one.program == name]
        for name in dict.fromkeys(one.program for one in samples)
    }
    return lines("What is held", series, x="minutes", y=unit)


def _limits(loaded: Loaded) -> Figure:
    broken = broken_limits(loaded)
    value = f"{loaded.calls} calls in {loaded.seconds / 60:.1f} min; {'; '.join(broken) or 'inside'}"
    return Figure("the limits of C meanwhile", value, "inside", not broken)


def _memory(name: str, samples: Sequence[Sample]) -> Figure:
    line = line_of([(one.at, one.resident_bytes / 1e6) for one in samples])
    value = f"{line.per_hour:+.2f} ± {line.error_per_hour:.2f} MB an hour, mean {line.mean:.0f} MB"
    return _judged(f"{name}: memory", value, line, FLAT_SHARE * line.mean)


def _handles(name: str, samples: Sequence[Sample]) -> Figure:
    line = line_of([(one.at, float(one.handles)) for one in samples])
    value = f"{line.per_hour:+.1f} ± {line.error_per_hour:.1f} an hour, mean {line.mean:.0f}"
    return _judged(f"{name}: file handles", value, line, FLAT_HANDLES)


def _judged(name: str, value: str, line: Line, most: float) -> Figure:
    """Judge a rise that can be told from none; where more than is allowed could hide, nothing is told."""
    if line.per_hour > most and not line.could_be_level:
        return Figure(name, value, "level", met=False)
    if line.error_per_hour > most:
        return Figure(name, value, "level", reason=TOO_NOISY)
    return Figure(name, value, "level", met=True)


def write_samples(file: Path, samples: Sequence[Sample]) -> None:
    """Write every sample, for whoever wants to draw them."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["program", "seconds", "resident_bytes", "handles"])
        rows.writerows([one.program, f"{one.at:.1f}", one.resident_bytes, one.handles] for one in samples)


def main() -> int:
    """Measure, print, write."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    before = busy()
    with tempfile.TemporaryDirectory(prefix="siaga-soak-") as folder:
        head, sections, samples = asyncio.run(measure(Path(folder)))
    head["load average before and after"] = f"{before} and {busy()}"
    print(write_page(OUT / "soak.md", "Siaga 112: soak", head, sections))
    write_samples(OUT / "soak.csv", samples)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
