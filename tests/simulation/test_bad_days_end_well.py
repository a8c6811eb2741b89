"""Fifty bad days, and every day that ever went wrong, end with nothing lost, doubled, mixed or forgotten."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulation.hour import simulate

SEEDS = Path(__file__).with_name("seeds.txt")
DAYS = 50


def remembered() -> list[str]:
    """Return every seed that ever failed."""
    lines = SEEDS.read_text(encoding="utf-8").splitlines()
    return [line.split()[0] for line in lines if line.strip() and not line.startswith("#")]


@pytest.fixture(autouse=True)
def rubbish_is_collected_between_days() -> Iterator[None]:
    """A day makes much that dies with it: looking for rubbish meanwhile takes a third of its time."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.parametrize("seed", [str(number + 1) for number in range(DAYS)])
def test_a_bad_day_ends_well(seed: str) -> None:
    outcome, _ = simulate(seed)
    assert not outcome.wrong, f"{outcome}; replay: make simulate SEED={seed}"


@pytest.mark.parametrize("seed", remembered())
def test_a_day_that_once_went_wrong_ends_well(seed: str) -> None:
    outcome, _ = simulate(seed)
    assert not outcome.wrong, f"{outcome}; replay: make simulate SEED={seed}"
