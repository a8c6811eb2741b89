"""Who called a moment ago waits behind who calls for the first time; who was quiet is the first again."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intake.domain.turn import FIRST_TURN, LAST_TURN, QUIET, Lane, Rung, lane_of

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_each_call_in_a_row_waits_behind_those_who_called_less_often() -> None:
    rung, turns = Rung.first(NOON), list[int]()
    for number in range(1, LAST_TURN + 3):
        turns.append(rung.turn)
        rung = rung.again(NOON + number * SECOND)
    assert turns == [*range(LAST_TURN + 1), LAST_TURN]


def test_who_was_quiet_long_enough_calls_for_the_first_time() -> None:
    often = Rung(LAST_TURN, NOON)
    assert often.again(NOON + QUIET - SECOND).turn == LAST_TURN
    assert often.again(NOON + QUIET).turn == FIRST_TURN


@given(seconds=st.integers(min_value=-10_000, max_value=10_000), turn=st.integers(FIRST_TURN, LAST_TURN))
def test_a_clock_that_jumps_changes_the_order_and_nothing_else(seconds: int, turn: int) -> None:
    at = NOON + seconds * SECOND
    assert Rung(turn, NOON).again(at) in {Rung(FIRST_TURN, at), Rung(min(turn + 1, LAST_TURN), at)}


def test_only_who_calls_for_the_first_time_takes_the_first_lane() -> None:
    assert [lane_of(turn) for turn in (0, 1, LAST_TURN)] == [Lane.FIRST, Lane.AGAIN, Lane.AGAIN]
