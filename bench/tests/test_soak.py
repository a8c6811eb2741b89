"""How a soak is asked for, and what it judges."""

import pytest

from bench.soak import Sample, soak_section, wanted_of
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
