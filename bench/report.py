"""`make bench`: measures, prints the report and writes bench/out/report.md (BENCH=quick, ONLY=load,costs)."""

import asyncio
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.capacity_figures import capacity_figure
from bench.capacity_file import known_capacities
from bench.figures import Section
from bench.page import page
from bench.parts import Bench, Part, PartUnknown, parts_of, say
from bench.sizes import Size, SizeUnknown, size_of
from bench.surroundings import busy
from bench.system import CHECKOUT

OUT = CHECKOUT / "bench" / "out"
NOBODY_YET = "Where `MONGO_URL` names a MongoDB the same bench runs there; nobody has done that yet."


def main() -> int:
    """Measure, print, write; a missed goal is told, it is no failure."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        size, parts = size_of(os.environ), parts_of(os.environ)
    except (SizeUnknown, PartUnknown) as error:
        say(str(error))
        return 2
    text = asyncio.run(measured(size, parts))
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "report.md").write_text(text, encoding="utf-8")
    print(text)
    say(f"written to {OUT.relative_to(CHECKOUT) / 'report.md'}")
    return 0


async def measured(size: Size, parts: Sequence[Part]) -> str:
    """Measure one part after the other; return the whole report."""
    began, before = time.monotonic(), busy()
    with tempfile.TemporaryDirectory(prefix="siaga-bench-") as folder:
        bench = Bench(size, Path(folder))
        sections = [section for part in parts for section in await part(bench)]
    bench.head["load average before and after"] = f"{before} and {busy()}"
    bench.head["took"] = f"{(time.monotonic() - began) / 60:.1f} min ({size.name})"
    _write_plots(sections)
    return page("Siaga 112: figures", bench.head, [*_capacity(), *sections])


def _write_plots(sections: Sequence[Section]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for section in sections:
        for name, drawn in section.plots.items():
            (OUT / f"{name}.svg").write_text(drawn, encoding="utf-8")


def _capacity() -> list[Section]:
    """Tell C as `make capacity` found it; it takes longer than all the rest."""
    known = known_capacities(OUT)
    found = "Found by `make capacity`, at the commit and the time that are named."
    notes = (found if known else "Not measured here yet: `make capacity`.", NOBODY_YET)
    return [Section("C", tuple(map(capacity_figure, known)), notes)]


if __name__ == "__main__":
    raise SystemExit(main())
