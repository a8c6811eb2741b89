"""How an outage is judged: by what was caught up and how fast, by what waiting cost, by whom a list left out."""

from dataclasses import replace
from typing import Any

import pytest

from bench.exchange import PutOff
from bench.takers import Escalated
from tests.faults.checks.outage import (
    BACK,
    BACK_WITHIN,
    CPU,
    CURRENT,
    SAID,
    WAIT,
    called_down,
    caught_up,
    normal_again,
    said_no,
    spinning,
    told_of_outage,
    too_slow,
    unlisted,
)
from tests.faults.checks.races import RACES, TO_PAUSE, not_tried
from tests.faults.good_history import GOOD, TENANT, request, told
from tests.faults.history import PAUSE, Fault, History, Inputs

BEGAN, BACK_AT = 100.0, 140.0


def noted(**news: Any) -> History:
    return replace(GOOD, noted=news)


def outage(*asked_after: float | None) -> History:
    """Return a run in which a call a second was to become a ticket; its agency was asked so long after the outage."""
    numbers = range(len(asked_after))
    return replace(
        GOOD,
        faults=(Fault("kafka", PAUSE, BEGAN, BACK_AT - 2),),
        noted={BACK: BACK_AT},
        inputs=Inputs(
            told=tuple(told("ringing", BEGAN + number, call_id=f"c{number}") for number in numbers),
            escalated=tuple(
                Escalated(f"t{number}", BACK_AT, ("dinkes",), "e", f"c{number}", TENANT) for number in numbers
            ),
        ),
        requests=tuple(
            replace(request(BACK_AT + after), ticket_id=f"t{number}")
            for number, after in enumerate(asked_after)
            if after is not None
        ),
    )


STEADY = outage(*(1.0 + number / 2 for number in range(30)))
"""Two calls a second come to their agency."""


def test_the_rate_is_the_fastest_that_the_run_itself_shows() -> None:
    found = caught_up(STEADY)
    assert (found.backlog, found.rate, found.after) == (30, 2.0, 15.5)
    assert found.within == 30.0
    assert list(too_slow(STEADY)) == []


def test_who_is_late_may_be_so_from_the_outages_end_as_long_as_catching_up_may_take() -> None:
    assert normal_again(STEADY) == 2.0 + 30.0


def test_a_backlog_that_stands_still_in_between_is_too_slow() -> None:
    (sentence,) = too_slow(outage(*(1.0 + number / 2 for number in range(20)), 31.0))
    assert sentence.startswith("21 calls for help waited; at best 2.0 a second")
    assert sentence.endswith("the last after 31 s: later than 21 s")


def test_what_never_comes_and_what_was_never_there_are_named() -> None:
    (sentence,) = too_slow(outage(1.0, 2.0, None))
    assert "some never did" in sentence
    (nothing,) = too_slow(outage())
    assert nothing.startswith("nobody called for help")


def test_a_call_before_and_one_after_the_outage_are_no_backlog() -> None:
    assert caught_up(replace(STEADY, noted={BACK: BEGAN + 13.0})).backlog == 10


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
    answers, *_ = told_of_outage(history)
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


def test_a_backlog_that_is_always_worked_off_slowly_is_too_slow() -> None:
    crawling = outage(*(4.0 * number for number in range(1, 31)))
    assert caught_up(crawling).within == BACK_AT - BEGAN
    assert any("later than 40 s" in one for one in too_slow(crawling))


def test_services_that_are_long_unable_to_work_after_an_outage_are_told_and_excuse_little() -> None:
    late = replace(STEADY, faults=(Fault("kafka", PAUSE, BEGAN, BACK_AT - 35),))
    assert "everybody could work again only 35 s after the outage" in [*too_slow(late)]
    assert normal_again(late) == BACK_WITHIN + caught_up(late).within


def test_each_no_of_intake_while_somebody_is_away_is_told() -> None:
    tries = (PutOff(BEGAN - 1, 503), PutOff(BEGAN + 2, 503), PutOff(BEGAN + 5, 503), PutOff(BEGAN + 7, 0))
    refused = replace(STEADY, inputs=replace(STEADY.inputs, put_off=tries))
    assert [*said_no(refused)] == [
        "intake did not answer 1 times while somebody was away, first after 7.0 s",
        "intake answered 503 2 times while somebody was away, first after 2.0 s",
    ]
    assert [*said_no(STEADY)] == []


def test_a_service_that_waits_is_not_called_down() -> None:
    told = "Service  State\ntriage   waits for store  1.0\nintake   ready\nKafka: embedded, here, DOWN\n"
    assert [*called_down(noted(**{SAID: told}))] == []
    wrong = told.replace("waits for store", "DOWN")
    assert [*called_down(noted(**{SAID: wrong}))] == [
        "siaga status called triage down, which lived and waited"
    ]
    assert [*called_down(noted())] == ["nobody asked during the outage how things are"]


def test_services_that_are_never_able_to_work_again_are_told() -> None:
    never = replace(STEADY, noted={})
    assert "nobody saw every service able to work again after the outage" in [*too_slow(never)]
