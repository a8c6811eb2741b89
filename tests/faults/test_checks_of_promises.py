"""What single promises look for beside the common checks: each broken one is named in a sentence."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from siaga_cli.run.environments import SERVICES
from tests.faults.checks.lost import lost
from tests.faults.checks.rebuilt import NOTED as REBUILT
from tests.faults.checks.rebuilt import not_rebuilt
from tests.faults.checks.standing import not_at_rest
from tests.faults.checks.unmoved import NOTED as HEARD_AGAIN
from tests.faults.checks.unmoved import moved
from tests.faults.checks.untold import not_yet_told_again, untold
from tests.faults.good_history import GOOD, LOG
from tests.faults.history import WIPE, Death, Fault, History
from tests.faults.promises.the_brokers_log_is_lost import PROMISE as LOG_IS_LOST

Check = Callable[[History], Iterator[str]]
agreement = LOG_IS_LOST.checks["agreement"]
WIPED = (Fault("kafka", WIPE, 90.0, 90.1), Fault("kafka", WIPE, 300.0, 300.1, at_rest=True))
AGREED: dict[str, Any] = {
    "clusters": ["a", "b", "c"],
    "told_again_after": 21.0,
    "agreed_after": 9.0,
    "told_before": 4,
    "announced": {service: [3, 3] for service in SERVICES},
}
SAME = {"aggregates": 4, "rows": "r"}
BUILT: dict[str, Any] = {
    REBUILT: {
        "made": {
            "as shown": {**SAME, "recaps": "m"},
            "command 1": {**SAME, "recaps": "m"},
            "partitions backwards": SAME,
        },
        "said": [{"equal": True, "read": 30, "differing": 0}],
    }
}
AGAIN: dict[str, Any] = {
    HEARD_AGAIN: {
        "turned back": {"under load": {"triage": 7}, "at rest": {"triage": 9}},
        "before": {"events": 30, "tickets": "x"},
        "after": {"events": 30, "tickets": "x"},
    }
}


def wiped(**news: Any) -> History:
    return replace(GOOD, faults=WIPED, noted=AGREED | news)


def built(way: str, **news: Any) -> History:
    made = BUILT[REBUILT]["made"]
    noted = BUILT[REBUILT] | {"made": made | {way: made[way] | news}}
    return replace(GOOD, noted={REBUILT: noted})


def again(**news: Any) -> History:
    return replace(GOOD, noted={HEARD_AGAIN: AGAIN[HEARD_AGAIN] | news})


def without(subject: str) -> History:
    return replace(GOOD, log=tuple(one for one in LOG if not one.subject.startswith(subject)))


@pytest.mark.parametrize(
    ("check", "history"),
    [
        (agreement, wiped()),
        (untold, GOOD),
        (not_rebuilt, replace(GOOD, noted=BUILT)),
        (moved, replace(GOOD, noted=AGAIN)),
    ],
)
def test_what_held_is_not_named(check: Check, history: History) -> None:
    assert list(check(history)) == []


CASES = [
    (agreement, wiped(clusters=["a", "a", "c"]), "the log was lost 2 times, and the clusters were a, a, c"),
    (agreement, wiped(told_again_after=None), "told again after never, not within 60 s"),
    (agreement, wiped(agreed_after=61.0), "agreed after 61 s, not within 60 s"),
    (agreement, wiped(announced={"triage": [3]}), "triage announced 1 times after 2 lost logs"),
    (agreement, wiped(announced={"triage": [3]}), "intake announced 0 times after 2 lost logs"),
    (
        agreement,
        wiped(told_before=0),
        "nothing had been told before the log was lost, so there was nothing to tell again",
    ),
    (untold, without("ticket/"), "triage keeps ticket/t1 and the log does not tell it"),
    (untold, without("response/"), "dispatch keeps response/t1 and the log does not tell it"),
    (untold, without("delivery/"), "agency-notifier keeps delivery/d1 and the log does not tell it"),
    (untold, without("call/"), "intake keeps call/c1 and the log does not tell it"),
    (not_rebuilt, GOOD, "nobody built statistics again"),
    (not_rebuilt, built("command 1", rows="s"), "command 1: the rows are s, as shown they are r"),
    (not_rebuilt, built("command 1", recaps="n"), "command 1: the recaps are n, as shown they are m"),
    (
        not_rebuilt,
        built("partitions backwards", aggregates=3),
        "partitions backwards: the aggregates are 3, as shown they are 4",
    ),
    (not_rebuilt, built("as shown", aggregates=0), "there were no rows to build again"),
    (moved, GOOD, "no group was turned back"),
    (
        moved,
        again(after={"events": 31, "tickets": "x"}),
        "hearing everything again changed events: 30 before, 31 after",
    ),
    (
        moved,
        again(after={"events": 30, "tickets": "y"}),
        "hearing everything again changed tickets: x before, y after",
    ),
    (
        moved,
        again(**{"turned back": {"at rest": {"triage": 0}}}),
        "triage was turned back at rest and had heard nothing",
    ),
]


@pytest.mark.parametrize(("check", "history", "sentence"), CASES, ids=[one[2] for one in CASES])
def test_what_did_not_hold_is_named(check: Check, history: History, sentence: str) -> None:
    assert sentence in list(check(history))


def test_an_aggregate_counts_as_told_again_when_it_is_as_new_as_it_was() -> None:
    older = tuple(replace(one, sequence=one.sequence - 1) for one in LOG if one.subject == "ticket/t1")
    rest = tuple(one for one in LOG if one.subject != "ticket/t1")
    assert not_yet_told_again(LOG, LOG) == 0
    assert not_yet_told_again(LOG, rest) == 1
    assert not_yet_told_again(LOG, (*rest, *older)) == 1


def test_a_broker_dies_of_the_loss_of_its_disk_and_of_nothing_else() -> None:
    history = replace(GOOD, faults=WIPED, deaths=(Death("kafka", "-9"), Death("kafka", "-9")))
    assert list(not_at_rest(history)) == []
    (sentence,) = not_at_rest(replace(history, faults=WIPED[:1]))
    assert sentence == "kafka was killed 1 times and died 2 times"


def test_a_new_log_has_a_calls_present_state_and_need_not_have_its_first_word() -> None:
    log = tuple(one for one in LOG if one.topic != "call.received")
    assert list(lost(replace(GOOD, log=log, faults=WIPED))) == []
    assert list(lost(replace(GOOD, log=log))) != []


def test_what_was_done_when_nobody_called_is_nothing_to_recover_from() -> None:
    assert replace(GOOD, faults=WIPED).last_fault_ended == WIPED[0].ended
    assert replace(GOOD, faults=WIPED[1:]).last_fault_ended is None
