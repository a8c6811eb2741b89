"""Failed tries are remembered for a bounded number of accounts."""

from datetime import UTC, datetime

from directory.domain.tries import Tries
from directory.gateways.failed_tries import RememberedTries

HERE = "10.0.0.1"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_longest_untouched_is_forgotten_first() -> None:
    known = RememberedTries(most=2)
    for name in ("a", "b", "a", "c"):
        known.put(name, HERE, known.get(name, HERE).one_more(NOON))
    assert [known.get(name, HERE).failed for name in "abc"] == [2, 0, 1]


def test_a_good_log_in_leaves_nothing_behind() -> None:
    known = RememberedTries()
    known.put("a", HERE, Tries(3, NOON))
    known.put("a", HERE, Tries())
    assert known.get("a", HERE) == Tries()


def test_failures_under_made_up_names_push_out_nobody_who_logged_in() -> None:
    known = RememberedTries(most=2)
    known.welcome("a", HERE)
    for name in "bcdef":
        known.put(name, HERE, Tries(1, NOON))
    assert known.knows("a", HERE)
    for name in "bc":
        known.welcome(name, HERE)
    assert not known.knows("a", HERE)
