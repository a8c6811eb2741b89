"""A leak is told from noise, and noise from a leak."""

import random

import pytest

from bench.slope import HOUR, TooFewSamples, line_of


def samples(rise_per_hour: float, noise: float, seconds: int = 600) -> list[tuple[float, float]]:
    chance = random.Random(7)
    return [
        (float(at), 100e6 + rise_per_hour * at / HOUR + chance.gauss(0, noise)) for at in range(0, seconds, 2)
    ]


def test_what_rises_is_told_by_how_much() -> None:
    line = line_of(samples(12e6, 100_000))
    assert line.per_hour == pytest.approx(12e6, rel=0.05)
    assert not line.could_be_level


@pytest.mark.parametrize("noise", [0.0, 1e5, 5e6])
def test_noise_alone_is_no_rise(noise: float) -> None:
    assert line_of(samples(0.0, noise)).could_be_level


def test_what_falls_is_no_rise() -> None:
    assert line_of(samples(-50e6, 1e5)).could_be_level


def test_steps_that_last_do_not_look_surer_than_they_are() -> None:
    """Memory that goes up and down in long waves: samples lean on their neighbours."""
    waves = [(float(at), 100e6 + (5e6 if (at // 120) % 2 else 0.0)) for at in range(0, 720, 2)]
    assert line_of(waves).could_be_level


def test_a_line_needs_points() -> None:
    with pytest.raises(TooFewSamples):
        line_of([(0.0, 1.0), (1.0, 2.0)])
