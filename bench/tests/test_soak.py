"""How a soak is asked for, and what it judges."""

import asyncio
import random

import pytest

from bench.soak import TOO_NOISY, Sample, meanwhile, soak_section, wanted_of
from bench.tests.test_load_figures import GOOD


def test_without_a_word_it_lasts_an_hour_at_a_third_of_what_is_held() -> None:
    wanted = wanted_of({}, 10.0)
    assert wanted.seconds == 3600
    assert wanted.rate == pytest.approx(3.0)


def test_length_and_rate_can_be_set_and_an_unknown_c_is_told() -> None:
    assert wanted_of({"LENGTH": "600", "RATE": "2"}, 10.0).rate == 2
    assert "not measured" in wanted_of({}, None).why


def held(program: str, per_second: float, handles: int) -> list[Sample]:
    return [
        Sample(program, float(at), round(100e6 + per_second * at), handles + (at // 30 if handles else 0))
        for at in range(600)
    ]


def test_a_program_that_grows_misses_and_one_that_does_not_meets() -> None:
    samples = [*held("leaky", 20_000, 40), *held("level", 0, 0)]
    verdicts = {one.name: one.verdict for one in soak_section(samples, GOOD).figures}
    assert verdicts["leaky: memory"] == verdicts["leaky: file handles"] == "missed"
    assert verdicts["level: memory"] == verdicts["level: file handles"] == "met"
    assert list(soak_section(samples, GOOD).plots) == ["soak-memory", "soak-handles"]


def noisy(program: str, per_second: float, noise: float) -> list[Sample]:
    chance = random.Random(7)
    return [
        Sample(program, float(at), round(100e6 + per_second * at + chance.gauss(0, noise)), 0)
        for at in range(600)
    ]


@pytest.mark.parametrize(
    ("per_second", "noise", "verdict", "reason"),
    [(0, 20e6, "–", TOO_NOISY), (0, 1e4, "met", ""), (100_000, 20e6, "missed", "")],
)
def test_where_more_than_is_allowed_could_hide_in_noise_nothing_is_told(
    per_second: float, noise: float, verdict: str, reason: str
) -> None:
    _, memory, _ = soak_section(noisy("one", per_second, noise), GOOD).figures
    assert (memory.verdict, memory.reason) == (verdict, reason)


async def test_whoever_looks_and_dies_ends_the_run_at_once() -> None:
    async def look() -> None:
        raise OSError("no such file")

    with pytest.raises(ExceptionGroup, match="unhandled") as seen:
        await asyncio.wait_for(meanwhile(look(), asyncio.Event().wait()), 5)
    assert isinstance(seen.value.exceptions[0], OSError)


async def test_whoever_looks_is_done_with_the_work() -> None:
    async def work() -> str:
        return "done"

    async def look() -> None:
        await asyncio.Event().wait()

    assert await asyncio.wait_for(meanwhile(look(), work()), 5) == "done"
