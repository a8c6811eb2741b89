"""`make faults`: tries the promises under faults and writes bench/out/faults.md.

ONLY=1,2 some of them; SEED= one run of each with this seed; LENGTH= seconds of the storm; RATE= calls a
second, or C= the rate of which each promise's load is a part (else `make capacity`'s). KEEP=folder keeps
each run's logs, and all that was seen as history.json.
"""

import asyncio
import json
import logging
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bench.surroundings import busy, surroundings
from tests.e2e.system import ROOT
from tests.faults.checker import violations
from tests.faults.history import History
from tests.faults.promises import PROMISES
from tests.faults.promises.promise import CannotBeTried, Promise
from tests.faults.report import Tried, page
from tests.faults.running import fresh_seed, run
from tests.faults.setting import Setting, SettingUnreadable, Wanted, capacity_of, wanted_of

OUT = ROOT / "bench" / "out"
CAPACITY = "capacity.json"


def main() -> int:
    """Try, print, write; 1 when a promise was broken."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    try:
        wanted = wanted_of(os.environ, capacity_of(OUT / CAPACITY))
        promises = promises_of(os.environ)
    except SettingUnreadable as error:
        say(str(error))
        return 2
    began, before = time.monotonic(), busy()
    tried = list(_try_each(promises, wanted))
    head = surroundings(ROOT, {}) | {
        "C": f"{wanted.capacity:g} calls/s",
        "load average before and after": f"{before} and {busy()}",
        "took": f"{(time.monotonic() - began) / 60:.1f} min",
    }
    text = page(head, tried)
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "faults.md").write_text(text, encoding="utf-8")
    print(text)
    say(f"written to {(OUT / 'faults.md').relative_to(ROOT)}")
    return 1 if any(one.violations for one in tried) else 0


def _try_each(promises: Iterable[Promise], wanted: Wanted) -> Iterator[Tried]:
    for promise in promises:
        for setting in settings_of(promise, wanted, fresh_seed()):
            try:
                yield _try(promise, setting)
            except CannotBeTried as error:
                say(f"promise {promise.number} is not tried here: {error}")


def promises_of(environ: Mapping[str, str]) -> tuple[Promise, ...]:
    """Return the promises that ONLY names, or all.

    Raises:
        SettingUnreadable: one of them is not tried here.
    """
    only = environ.get("ONLY", "").replace(",", " ").split()
    unknown = [one for one in only if not one.isdigit() or int(one) not in PROMISES]
    if unknown:
        raise SettingUnreadable(f"ONLY={' '.join(unknown)}: tried here are {', '.join(map(str, PROMISES))}")
    return tuple(PROMISES[int(one)] for one in only) if only else tuple(PROMISES.values())


def settings_of(promise: Promise, wanted: Wanted, fresh_seed: int) -> Iterator[Setting]:
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
        )


def _try(promise: Promise, setting: Setting) -> Tried:
    again = f"ONLY={promise.number} SEED={setting.seed} LENGTH={setting.length:g} RATE={setting.calls_per_second:g}"
    say(f"promise {promise.number}: {promise.sentence} (again: make faults {again})")
    with tempfile.TemporaryDirectory(prefix="siaga-faults-") as folder:
        home = Path(folder) / "home"
        history = None
        try:
            history = asyncio.run(run(promise, setting, home, say))
            found = violations(history, promise.checks)
        finally:
            if kept := os.environ.get("KEEP"):
                _keep(home, history, Path(kept) / f"promise-{promise.number}-seed-{setting.seed}")
    for one in found:
        say(str(one))
    return Tried(promise, setting, history, found)


def _keep(home: Path, history: History | None, place: Path) -> None:
    shutil.copytree(home, place, dirs_exist_ok=True, ignore=shutil.ignore_patterns("kafka", "store"))
    if history is not None:
        (place / "history.json").write_text(json.dumps(history.as_json(), indent=1), encoding="utf-8")
    say(f"logs and what else the run left are kept in {place}")


def say(sentence: str) -> None:
    """Tell the person who waits what is going on."""
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
