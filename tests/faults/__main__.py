"""`make faults`: tries the promises under faults and writes bench/out/faults.md, anew after each run.

ONLY=1,2 some of them; SEED= one run of each with this seed; LENGTH= seconds of the storm; RATE= calls a
second, or C= the rate of which each promise's load is a part (else `make capacity`'s); STORE=secantusd-py,
secantusd-rs or both. KEEP=folder keeps each run's logs, and all that was seen as history.json.
"""

import logging
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence

from bench.surroundings import busy, surroundings
from siaga_embedded.store import present
from tests.e2e.system import ROOT
from tests.faults.promises import PROMISES
from tests.faults.promises.promise import Promise
from tests.faults.report import Tried, page
from tests.faults.running import fresh_seed
from tests.faults.setting import (
    EMBEDDED,
    Setting,
    SettingUnreadable,
    Wanted,
    capacity_of,
    stores_of,
    wanted_of,
)
from tests.faults.trying import not_tried, try_once

OUT = ROOT / "bench" / "out"
REPORT = OUT / "faults.md"


def main() -> int:
    """Try, print, write; 1 when a promise was broken."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    there = [choice.engine.value for choice in present(os.environ) if choice.engine.value in EMBEDDED]
    try:
        stores = stores_of(os.environ, there)
        wanted = {store: wanted_of(os.environ, capacity_of(OUT, store)) for store in stores}
        promises = promises_of(os.environ)
    except SettingUnreadable as error:
        say(str(error))
        return 2
    tried = _try_all(promises, wanted, there)
    print(REPORT.read_text(encoding="utf-8"))
    say(f"written to {REPORT.relative_to(ROOT)}")
    return 1 if any(one.violations for one in tried) else 0


def _try_all(promises: Sequence[Promise], wanted: Mapping[str, Wanted], there: Sequence[str]) -> list[Tried]:
    """Try everything; what was seen so far is written after each run, whatever becomes of the next."""
    began, before, tried = time.monotonic(), busy(), list[Tried]()
    for promise, setting in runs_of(promises, wanted):
        if setting.store in there:
            tried.append(try_once(promise, setting, say))
        else:
            tried.append(not_tried(promise, setting, f"{setting.store} is not here (`make store` builds it)"))
        head = surroundings(ROOT, {"store": ", ".join(wanted)}) | {
            "C": ", ".join(f"{one.capacity:g} calls/s ({store})" for store, one in wanted.items()),
            "load average before and after": f"{before} and {busy()}",
            "took": f"{(time.monotonic() - began) / 60:.1f} min",
        }
        OUT.mkdir(parents=True, exist_ok=True)
        REPORT.write_text(page(head, tried), encoding="utf-8")
    return tried


def runs_of(promises: Sequence[Promise], wanted: Mapping[str, Wanted]) -> Iterator[tuple[Promise, Setting]]:
    """Yield on each store one run of every promise and then further seeds: who is cut off early has seen most."""
    for store, one in wanted.items():
        runs = [[(each, run) for run in settings_of(each, one, fresh_seed(), store)] for each in promises]
        yield from (first for first, *_ in runs)
        yield from (more for _, *further in runs for more in further)


def promises_of(environ: Mapping[str, str]) -> tuple[Promise, ...]:
    """Return the promises that ONLY names, or each of its own: the storm of several is every test run's.

    Raises:
        SettingUnreadable: one of them is not tried here.
    """
    only = environ.get("ONLY", "").replace(",", " ").split()
    unknown = [one for one in only if not one.isdigit() or int(one) not in PROMISES]
    if unknown:
        raise SettingUnreadable(f"ONLY={' '.join(unknown)}: tried here are {', '.join(map(str, PROMISES))}")
    if only:
        return tuple(PROMISES[int(one)] for one in only)
    return tuple(promise for number, promise in PROMISES.items() if number)


def settings_of(promise: Promise, wanted: Wanted, fresh_seed: int, store: str) -> Iterator[Setting]:
    """Yield the runs of one promise: its own load, length and number of seeds where nobody asked for others."""
    first, runs = (fresh_seed, promise.seeds) if wanted.seed is None else (wanted.seed, 1)
    for seed in range(first, first + runs):
        length = wanted.length or promise.length
        yield Setting(
            seed=seed,
            calls_per_second=wanted.calls_per_second or promise.share * wanted.capacity,
            quiet=promise.quiet,
            length=length,
            calm=max(promise.calm, promise.calm_times * length),
            store=store,
        )


def say(sentence: str) -> None:
    """Tell the person who waits what is going on."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
