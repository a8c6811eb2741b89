"""How an outage is judged: by what was caught up and how fast, by what waiting cost, by whom a list left out."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checks.outage import (
    CATCHING_UP,
    CPU,
    CURRENT,
    WAIT,
    caught_up,
    spinning,
    told_of_outage,
    too_slow,
    unlisted,
)
from tests.faults.checks.races import RACES, TO_PAUSE, not_tried
from tests.faults.good_history import GOOD
from tests.faults.history import PAUSE, Fault, History

USUAL = 10
STEADY = [(0.0, None), *((float(second), 300 - 20 * second) for second in range(1, 16))]
"""Nobody can tell at first; then 20 fewer a second, to none."""

STANDS_STILL = [*STEADY[:8], *((float(second), 160) for second in range(8, 60)), (60.0, 0), (61.0, 0)]


def noted(**news: Any) -> History:
    return replace(GOOD, noted=news)


def caught(samples: list[tuple[float, int | None]]) -> History:
    return noted(**{CATCHING_UP: {"usual": USUAL, "samples": samples}})


def test_the_rate_is_the_fastest_that_the_run_itself_shows() -> None:
    found = caught_up({"usual": USUAL, "samples": STEADY})
    assert (found.backlog, found.rate, found.after) == (280, 20.0, 15.0)
    assert found.within == 28.0
    assert list(too_slow(caught(STEADY))) == []


def test_a_backlog_that_stands_still_in_between_is_too_slow() -> None:
    (sentence,) = too_slow(caught(STANDS_STILL))
    assert sentence.startswith("280 events waited at most")
    assert sentence.endswith("caught up after 60 s: later than 18 s")


def test_one_that_comes_back_is_not_caught_up_before_it_went_for_good() -> None:
    again: list[tuple[float, int | None]] = [*STEADY, (16.0, 200), (17.0, 0), (18.0, 0)]
    assert caught_up({"usual": USUAL, "samples": again}).after == 17.0


def test_what_never_ends_and_what_nobody_looked_at_are_named() -> None:
    assert list(too_slow(caught([(1.0, 300), (2.0, 290)]))) == [
        "300 events waited, and it never came to as few as before"
    ]
    assert list(too_slow(GOOD)) == ["nobody looked how the backlog was worked off"]


def test_who_waits_may_not_take_much_of_a_core_and_has_to_live() -> None:
    calm = dict.fromkeys(WAIT, 0.02)
    assert list(spinning(noted(**{CPU: calm | {"intake": 0.9}}))) == []
    assert list(spinning(noted(**{CPU: calm | {"triage": 0.5}}))) == ["triage took 50% of a core to wait"]
    gone = {name: share for name, share in calm.items() if name != "dispatch"}
    assert list(spinning(noted(**{CPU: gone}))) == ["dispatch did not live through the outage"]
    assert list(spinning(GOOD)) == ["nobody looked what waiting costs"]


@pytest.mark.parametrize(
    ("news", "sentences"),
    [
        ({}, []),
        ({"missing": ["c1 (200)"]}, ["call c1 (200) was under way and intake did not list it"]),
        ({"slowest": 9.9}, ["a list of the current calls took 9.9 s"]),
        ({"calls": 0}, ["nobody asked for the current calls"]),
    ],
)
def test_a_call_that_is_not_listed_is_named(news: dict[str, Any], sentences: list[str]) -> None:
    looked = {"looks": 3, "calls": 9, "missing": [], "slowest": 0.2} | news
    assert list(unlisted(noted(**{CURRENT: looked}))) == sentences


def test_the_report_tells_the_goal_and_whether_it_was_met() -> None:
    history = replace(GOOD, faults=(Fault("kafka", PAUSE, 100.0, 110.0),))
    (answers, _) = told_of_outage(history)
    assert answers.endswith("p99 10.0 ms (goal 50.0 ms: met)")


def test_a_run_in_which_no_late_write_lost_shows_nothing() -> None:
    paused = (Fault("triage", PAUSE, 90.0, 108.0),)
    history = replace(GOOD, faults=paused, noted={TO_PAUSE: ["triage"], RACES: {"triage": {"tickets": 2}}})
    assert list(not_tried(history)) == []
    assert list(
        not_tried(replace(history, noted={TO_PAUSE: ["store", "triage"], RACES: {"triage": {}}}))
    ) == [
        "store was never paused",
        "no late write lost a race, so nobody can tell what one would do",
    ]
