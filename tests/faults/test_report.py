"""The report has one row a promise, and every violation as its sentence."""

from dataclasses import replace

from tests.faults.checker import violations
from tests.faults.good_history import GOOD
from tests.faults.history import History
from tests.faults.promises import PROMISES
from tests.faults.report import Tried, page
from tests.faults.setting import Setting


def tried(history: History) -> Tried:
    return Tried(PROMISES[1], Setting(seed=7), history, violations(history))


def test_a_promise_that_held_is_one_row() -> None:
    text = page({"machine": "m"}, [tried(GOOD)])
    (row,) = [line for line in text.splitlines() if line.startswith("| 1. ")]
    assert "| 7 |" in row
    assert "agency-notifier kill 1× in 120 s | 0 | 0 |" in row
    assert row.endswith("| held |")


def test_a_broken_one_says_how_often_and_each_sentence() -> None:
    text = page({}, [tried(replace(GOOD, requests=()))])
    assert "broken: lost 1 |" in text
    assert "- **lost**: delivery d1 to dinkes counts as delivered and was never received" in text
