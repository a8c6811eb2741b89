"""Fifty bad days, and every day that ever went wrong, end with nothing lost, doubled, mixed or forgotten."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.hour import simulate

SEEDS = Path(__file__).with_name("seeds.txt")
DAYS = 50


def days() -> list[str]:
    """Return the first fifty seeds, then every other one that ever failed."""
    lines = SEEDS.read_text(encoding="utf-8").splitlines()
    remembered = [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]
    return list(dict.fromkeys([*(str(number + 1) for number in range(DAYS)), *remembered]))


@pytest.fixture(autouse=True)
def rubbish_is_collected_between_days() -> Iterator[None]:
    """A day makes much that dies with it: looking for rubbish meanwhile takes a third of its time."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.parametrize("seed", days())
def test_a_bad_day_ends_well(seed: str) -> None:
    outcome, _ = simulate(seed)
    assert not outcome.wrong, f"{outcome}; replay: make simulate SEED={seed}"
