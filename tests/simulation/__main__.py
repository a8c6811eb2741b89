"""`make simulate`: many seeds on all cores, or one seed with the story of what happened step by step."""

import gc
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from tests.simulation.hour import Outcome, simulate

GOAL_SEEDS, GOAL_SECONDS = 1_000, 600.0
"""So many seeds are to be lived in this time."""
EVERY = 100
"""After how many seeds a line says how far it is."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One seed's outcome, and the seconds of a core that it took."""

    outcome: Outcome
    cpu_seconds: float


def main() -> int:
    """Run what the environment asks for; returns the exit code."""
    seed = os.environ.get("SEED", "")
    if seed:
        return replay(seed)
    return run_many(int(os.environ.get("FROM") or 1), int(os.environ.get("SEEDS") or 1_000))


def replay(seed: str) -> int:
    """Tell the whole story of one seed."""
    outcome, story = simulate(seed)
    for line in story.lines():
        print(line)
    print(outcome)
    return 1 if outcome.wrong else 0


def run_many(first: int, count: int) -> int:
    """Run seed after seed on every core; name each one in which something does not hold."""
    began, workers = time.monotonic(), os.cpu_count() or 1
    print(f"{count} seeds from {first} on {workers} cores, each one hour with 60 calls and the calm after it")
    ran: list[Ran] = []
    with ProcessPoolExecutor(workers, initializer=gc.freeze) as pool:
        for one in pool.map(run_one, map(str, range(first, first + count)), chunksize=4):
            ran.append(one)
            if one.outcome.wrong:
                print(f"{one.outcome}\n  replay: make simulate SEED={one.outcome.seed}", flush=True)
            if len(ran) % EVERY == 0:
                print(f"  {len(ran)} seeds, {time.monotonic() - began:.0f} s", flush=True)
    for line in summary(ran, time.monotonic() - began):
        print(line)
    return 1 if any(one.outcome.wrong for one in ran) else 0


def run_one(seed: str) -> Ran:
    """Run one seed; rubbish is collected between seeds, never in one."""
    gc.disable()
    began = time.process_time()
    outcome, _ = simulate(seed)
    gc.collect()
    return Ran(outcome, time.process_time() - began)


def summary(ran: list[Ran], seconds: float) -> Iterator[str]:
    """Say what was run and what it took."""
    wrong = [one.outcome.seed for one in ran if one.outcome.wrong]
    weathers = Counter(one.outcome.weather for one in ran)
    yield ", ".join(f"{count} {weather}" for weather, count in sorted(weathers.items()))
    yield (
        f"{len(ran)} seeds, {sum(one.outcome.events for one in ran)} events, "
        f"{sum(one.outcome.deaths for one in ran)} lives ended, {sum(one.outcome.step for one in ran)} looks"
    )
    yield f"{seconds:.0f} s, {sum(one.cpu_seconds for one in ran) / len(ran):.2f} s of a core a seed"
    if len(ran) >= GOAL_SEEDS:
        yield goal(len(ran), seconds)
    yield f"failed: {', '.join(wrong)}" if wrong else "everything held in every seed"


def goal(seeds: int, seconds: float) -> str:
    """Say whether a thousand seeds took no longer than they may; more seeds count as so many thousands."""
    each = seconds * GOAL_SEEDS / seeds
    kept = "kept" if each <= GOAL_SECONDS else "missed"
    return f"goal of {GOAL_SEEDS} seeds in {GOAL_SECONDS:.0f} s: {kept} ({each:.0f} s)"


if __name__ == "__main__":
    sys.exit(main())
