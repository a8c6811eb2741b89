"""Failed log-ins slow the next ones; they never lock for ever."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from directory.domain.tries import ALL_STRANGERS, KNOWN, STRANGER, Pace, Tries

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def failed(times: int) -> Tries:
    tries = Tries()
    for _ in range(times):
        tries = tries.one_more(NOON)
    return tries


def test_three_tries_are_free_then_each_waits_longer() -> None:
    waits = [failed(times).wait(NOON, STRANGER).total_seconds() for times in range(10)]
    assert waits == [0, 0, 0, 1, 2, 4, 8, 16, 30, 30]


def test_waiting_is_counted_from_the_last_try() -> None:
    assert failed(4).wait(NOON + timedelta(seconds=1.5), STRANGER) == timedelta(seconds=0.5)


def test_old_failures_are_forgotten() -> None:
    assert failed(20).one_more(NOON + timedelta(minutes=16)) == Tries(1, NOON + timedelta(minutes=16))


@given(times=st.integers(0, 500), pace=st.sampled_from([STRANGER, ALL_STRANGERS, KNOWN]))
def test_nobody_ever_waits_longer_than_the_longest_wait(times: int, pace: Pace) -> None:
    assert failed(times).wait(NOON, pace) <= pace.longest_wait <= timedelta(seconds=30)
    assert not failed(times).wait(NOON + pace.longest_wait, pace)
