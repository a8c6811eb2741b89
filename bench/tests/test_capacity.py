"""When a rate counts as held, and where C is kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.agencies import Received
from bench.capacity_figures import GOALS, Step, capacity_figure, capacity_section, goal_figures, nearest
from bench.capacity_file import Capacity, known_capacities, known_capacity, write_capacity
from bench.exchange import Acknowledged
from bench.limits import broken_limits
from bench.tests.test_load_figures import GOOD

FOUND = Capacity(
    16.0, "secantusd-py", "a machine", "abc1234", "2026-11-23T17:00:00Z", 600.0, 2, ramp_only=False
)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, ()),
        ({"acknowledged": (Acknowledged("ringing", 0.250, 0.0, 202),)}, ()),
        (
            {"acknowledged": (Acknowledged("ringing", 0.251, 0.0, 202),)},
            ("acknowledgement p99 251 ms",),
        ),
        ({"acknowledged": (Acknowledged("ringing", 0.010, 0.0, 504),)}, ("1 lost",)),
        ({"not_taken": ("NotTaken: the call did not come to the desk",)}, ("1 lost",)),
        ({"refused_replies": 2, "lag": 3}, ("5 lost",)),
        ({"received": (Received("d1", "t1", "damkar", 105.0),)}, ()),
        ({"received": (Received("d1", "t1", "damkar", 105.1),)}, ("agency asked p99 5100 ms",)),
        (
            {"received": (*GOOD.received, Received("d2", "t1", "damkar", 100.5))},
            ("2 of 1 agencies asked",),
        ),
        ({"received": ()}, ("0 of 1 agencies asked", "nothing measured")),
    ],
)
def test_a_rate_is_held_only_while_nothing_is_lost_and_both_limits_hold(
    changed: dict[str, object], said: tuple[str, ...]
) -> None:
    assert broken_limits(replace(GOOD, **changed)) == said  # type: ignore[arg-type]


def test_what_was_lost_while_the_ramp_went_too_far_is_no_missed_goal() -> None:
    steps = (Step(1.0, 45.0, GOOD), Step(9.0, 45.0, replace(GOOD, lag=7)))
    figures = capacity_section(steps, [capacity_figure(FOUND)]).figures
    assert [figure.verdict for figure in figures] == ["met", "–", "–"]
    assert "not held (7 lost)" in figures[2].value


@pytest.mark.parametrize(
    ("store", "rate", "verdict"),
    [
        ("secantusd-py", 14.9, "missed"),
        ("secantusd-rs", 39.0, "missed"),
        ("secantusd-rs", 40.0, "met"),
        ("mongod", 9.0, "–"),
    ],
)
def test_each_embedded_store_has_a_goal_of_its_own(store: str, rate: float, verdict: str) -> None:
    assert capacity_figure(replace(FOUND, store=store, calls_per_second=rate)).verdict == verdict


def test_every_goal_has_its_line_whether_its_store_was_measured_here_or_not() -> None:
    python, rust, mongod = goal_figures([replace(FOUND, store="mongod"), FOUND])
    assert (python.verdict, rust.verdict, mongod.verdict) == ("met", "–", "–")
    assert (rust.value, rust.goal) == ("not measured here", "≥ 40 calls/s on secantusd-rs")
    assert [figure.value for figure in goal_figures([])] == ["not measured here"] * len(GOALS)


def test_a_c_tells_the_lowest_rate_that_was_too_much_and_the_limit_that_it_broke() -> None:
    late = replace(GOOD, acknowledged=(Acknowledged("ringing", 0.498, 0.0, 202),))
    steps = (Step(6.0, 45.0, GOOD), Step(20.0, 45.0, replace(GOOD, lag=7)), Step(10.5, 45.0, late))
    assert nearest(steps) == "10.5 calls/s for 45 s: acknowledgement p99 498 ms"
    assert nearest(steps[:1]) == ""
    assert nearest(steps) in capacity_figure(replace(FOUND, too_much=nearest(steps))).reason


def test_c_is_known_by_its_store_and_as_the_newest_of_all(tmp_path: Path) -> None:
    assert known_capacity(tmp_path) is None
    rust = replace(FOUND, store="secantusd-rs", calls_per_second=44.0)
    write_capacity(tmp_path, FOUND)
    write_capacity(tmp_path, rust)
    assert known_capacity(tmp_path) == rust
    assert known_capacity(tmp_path, "secantusd-py") == FOUND
    assert known_capacity(tmp_path, "mongod") is None
    assert known_capacities(tmp_path) == [FOUND, rust]


def test_a_file_of_another_form_is_no_capacity(tmp_path: Path) -> None:
    (tmp_path / "capacity.json").write_text('{"calls": 3}', encoding="utf-8")
    assert known_capacity(tmp_path) is None
