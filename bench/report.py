"""`make bench`: measures, prints the report and writes bench/out/report.md (BENCH=quick, ONLY=load,costs).

What each part found is kept by the size and the name of the part, so that the report has the last of each.
"""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from bench.capacity_figures import goal_figures
from bench.capacity_file import known_capacities
from bench.figures import Figure, Section
from bench.kept import Kept, keep, kept_parts
from bench.parts import PARTS, Bench, PartUnknown, parts_of
from bench.saying import say
from bench.sizes import FULL, Size, SizeUnknown, size_of
from bench.surroundings import busy, not_on_mongodb
from bench.system import CHECKOUT
from bench.written import OUT, write_page

MINUTES = 20.0
"""How long the whole bench may take: who waits longer does not measure."""

WHOLE, LONGER = "whole", "-longer"
LONG_RUNS = {"growth": "GROWN"}
"""Parts of which a longer run can be asked for; it is kept beside the usual one."""


def main() -> int:
    """Measure, print, write; a missed goal is told, it is no failure."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        size, parts = size_of(os.environ), parts_of(os.environ)
    except (SizeUnknown, PartUnknown) as error:
        say(str(error))
        return 2
    text = asyncio.run(measured(size, parts))
    print(text)
    say(f"written to {OUT.relative_to(CHECKOUT) / 'report.md'}")
    return 0


async def measured(size: Size, parts: Sequence[str]) -> str:
    """Measure one part after the other, keeping each; return the whole report."""
    began, folder, head = time.monotonic(), OUT / size.name, dict[str, str]()
    for name in parts:
        if (kept := await _part(size, name)).sections:
            keep(folder, kept_as(name, os.environ), kept)
            head |= kept.head
    if len(parts) == len(PARTS):
        minutes = (time.monotonic() - began) / 60
        keep(folder, WHOLE, Kept(head, judged(size, [took_section(minutes)])))
    return write_report(size)


async def _part(size: Size, name: str) -> Kept:
    began, before = time.monotonic(), busy()
    with tempfile.TemporaryDirectory(prefix="siaga-bench-") as folder:
        bench = Bench(size, Path(folder))
        sections = await PARTS[name](bench)
    bench.head["load average before and after"] = f"{before} and {busy()}"
    bench.head["took"] = f"{(time.monotonic() - began) / 60:.1f} min ({size.name})"
    return Kept(bench.head, judged(size, sections))


def judged(size: Size, sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return the sections, without any verdict unless they were measured in full."""
    if size is FULL:
        return tuple(sections)
    return tuple(
        replace(one, figures=tuple(replace(figure, met=None) for figure in one.figures)) for one in sections
    )


def kept_as(part: str, environ: Mapping[str, str]) -> str:
    """Return under which name a part's sections are kept."""
    return part + LONGER if environ.get(LONG_RUNS.get(part, "")) else part


def took_section(minutes: float) -> Section:
    """Tell how long the whole run took."""
    took = Figure("the whole bench", f"{minutes:.1f} min", f"≤ {MINUTES:.0f} min", minutes <= MINUTES)
    return Section("The bench itself", (took,))


def write_report(size: Size) -> str:
    """Write the report and its plots from all that was kept of a size; returns the report."""
    names = [name for part in PARTS for name in (part, part + LONGER)]
    kept = kept_parts(OUT / size.name, [*names, WHOLE])
    sections = [_capacity(kept), *(section for one in kept for section in one.told())]
    return write_page(OUT / "report.md", "Siaga 112: figures", latest(kept), sections)


def latest(kept: Sequence[Kept]) -> Mapping[str, str]:
    """Return the head of what was measured last."""
    return max((one.head for one in kept), key=lambda head: head.get("date", ""), default={})


def _capacity(kept: Sequence[Kept]) -> Section:
    """Tell C as `make capacity` found it; it takes longer than all the rest."""
    found = "Found by `make capacity`, at the commit and the time that are named."
    return Section("C", goal_figures(known_capacities(OUT)), (found, *not_on_mongodb(latest(kept))))


if __name__ == "__main__":
    raise SystemExit(main())
