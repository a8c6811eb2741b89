"""Failed tries are remembered for a bounded number of accounts."""

from datetime import UTC, datetime

from directory.domain.tries import Tries
from directory.gateways.failed_tries import RememberedTries

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_the_longest_untouched_is_forgotten_first() -> None:
    known = RememberedTries(most=2)
    for name in ("a", "b", "a", "c"):
        known.put(name, known.get(name).one_more(NOON))
    assert [known.get(name).failed for name in "abc"] == [2, 0, 1]


def test_a_good_log_in_leaves_nothing_behind() -> None:
    known = RememberedTries()
    known.put("a", Tries(3, NOON))
    known.put("a", Tries())
    assert known.get("a") == Tries()
