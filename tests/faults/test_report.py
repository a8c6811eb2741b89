"""The report has one row a promise, and every violation as its sentence."""

from dataclasses import replace

from tests.faults.checker import violations
from tests.faults.good_history import GOOD
from tests.faults.history import History
from tests.faults.noted import LEFT_OUT
from tests.faults.promises import PROMISES
from tests.faults.report import Tried, page
from tests.faults.setting import Setting
from tests.faults.trying import not_tried


def tried(history: History) -> Tried:
    return Tried(PROMISES[1], Setting(seed=7), history, violations(history))


def test_a_promise_that_held_is_one_row() -> None:
    text = page({"machine": "m"}, [tried(GOOD)])
    (row,) = [line for line in text.splitlines() if line.startswith("| 1. ")]
    assert "| secantusd-py | 7 |" in row
    assert "agency-notifier kill 1× in 1 × 120 s | 0 | 0 |" in row
    assert row.endswith("| held |")


def test_a_broken_one_says_how_often_and_each_sentence() -> None:
    text = page({}, [tried(replace(GOOD, requests=()))])
    assert "broken: lost 1 |" in text
    assert "- **lost**: delivery d1 to dinkes counts as delivered and was never received" in text


def test_all_seeds_of_a_promise_are_one_row_that_tells_how_many_held() -> None:
    runs = [tried(GOOD), replace(tried(replace(GOOD, requests=())), setting=Setting(seed=8))]
    (row,) = [line for line in page({}, runs).splitlines() if line.startswith("| 1. ")]
    assert "| 7–8 |" in row
    assert "| 2 calls, " in row
    assert "agency-notifier kill 2× in 2 × 120 s | 1 | 0 |" in row
    assert row.endswith("| held in 1 of 2; broken: lost 1 |")


def test_rows_come_by_store_and_number_and_the_sixth_tells_of_all_runs() -> None:
    other = Setting(seed=7, store="another")
    runs = [
        tried(GOOD),
        Tried(PROMISES[0], other, GOOD),
        replace(tried(replace(GOOD, weak=("w=1",))), setting=other),
    ]
    text = page({}, [replace(one, violations=violations(one.history)) for one in runs])
    lines = [line for line in text.splitlines() if line.startswith("| ") and "promise" not in line]
    assert [line.split(" |")[:2] for line in lines if line[2].isdigit()][:3] == [
        ["| 0. a storm of everything loses nothing, and the figures reconcile after it", " another"],
        ["| 1. killing any service loses nothing and repeats no effect", " another"],
        ["| 1. killing any service loses nothing and repeats no effect", " secantusd-py"],
    ]
    sixth = [line for line in lines if line.startswith("| 6. ")]
    assert [(" another " in line, line.rsplit("| ", 1)[1]) for line in sixth] == [
        (True, "broken: 1 |"),
        (False, "held |"),
    ]


def test_what_was_not_tried_or_left_out_is_told() -> None:
    left_out = replace(GOOD, noted={LEFT_OUT: ["kill in second 20: intake did not run in 10 s"]})
    text = page({}, [not_tried(PROMISES[11], Setting(seed=7), "no tmpfs"), tried(left_out)])
    assert "| not tried: no tmpfs |" in text
    assert "planned faults left out 1×" in text
    assert "- left out: kill in second 20: intake did not run in 10 s" in text
