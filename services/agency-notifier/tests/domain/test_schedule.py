"""When the tries of one channel come."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from agency_notifier.domain.schedule import MOST_TRIES, WAITS, wait_before


def test_the_plain_waits_are_0_2_5_10_and_20_seconds() -> None:
    waits = [wait_before(number, chance=0.5) for number in range(1, MOST_TRIES + 1)]
    assert waits == [timedelta(seconds=seconds) for seconds in (0, 2, 5, 10, 20)]


@given(number=st.integers(1, MOST_TRIES), chance=st.floats(0, 1))
def test_a_wait_is_at_most_a_fifth_shorter_or_longer(number: int, chance: float) -> None:
    plain, wait = WAITS[number - 1], wait_before(number, chance=chance)
    assert plain * 0.8 - timedelta(microseconds=2) <= wait <= plain * 1.2 + timedelta(microseconds=2)


def test_chance_moves_a_wait_both_ways() -> None:
    assert wait_before(4, chance=0) == timedelta(seconds=8)
    assert wait_before(4, chance=1) == timedelta(seconds=12)
