"""Ours in parts of the floor, from turns of both."""

from bench.load import GENERATOR
from bench.whole_flow import Turn
from bench.whole_flow_figures import whole_flow_section


def turn(seconds: float, **spent: float) -> Turn:
    return Turn(100, seconds, {**spent, GENERATOR: 0.4})


def test_the_ratio_is_the_median_of_pairs_and_the_generator_is_nobodys_cost() -> None:
    bare = turn(10.0, store=5.0)
    turns = [(turn(20.0, store=10.0), bare), (turn(12.5, store=8.0), bare), (turn(16.0, store=9.0), bare)]
    section = whole_flow_section(turns)
    ours, floor, ratio, costs = section.figures
    assert ours.value == "6.2 (5.0–8.0) calls/s"
    assert floor.value == "10.0 (10.0–10.0) calls/s"
    assert (ratio.value, ratio.verdict) == ("0.62 (0.50–0.80)", "met")
    assert costs.value == "0.56 (0.50–0.62)"
    assert ours.reason == f"processor milliseconds of a call: store 90.0, {GENERATOR} 4.0"
    assert "40 ms more" in ratio.reason


def test_below_the_goal_it_is_missed() -> None:
    section = whole_flow_section([(turn(20.0, store=10.0), turn(10.0, store=5.0))])
    assert section.figures[2].verdict == "missed"
