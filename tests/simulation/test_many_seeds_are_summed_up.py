"""`make simulate` says what it took, and of a thousand seeds whether that was within the goal."""

from tests.simulation.__main__ import GOAL_SEEDS, Ran, summary
from tests.simulation.hour import Outcome

WELL = Ran(Outcome("1", "calm", "", 3, "01:00:00", 5, 0), 1.0)


def test_a_thousand_seeds_are_measured_by_the_goal_and_fewer_are_not() -> None:
    thousand = [WELL] * GOAL_SEEDS
    assert "goal of 1000 seeds in 600 s: kept (600 s)" in summary(thousand, 600.0)
    assert "goal of 1000 seeds in 600 s: missed (601 s)" in summary(thousand, 601.0)
    assert "goal of 1000 seeds in 600 s: kept (550 s)" in summary(thousand * 2, 1100.0)
    assert not [line for line in summary(thousand[1:], 1.0) if "goal" in line]
