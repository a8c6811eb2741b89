"""The pace of a consumer group, from looks at its commits."""

import pytest

from bench.progress import Seen, Spent, StoodStill, pace_of


def test_start_up_before_the_first_progress_is_not_counted() -> None:
    looks = [Seen(0, 0), Seen(9, 0), Seen(10, 100), Seen(11, 100), Seen(12, 500), Seen(13, 500)]
    assert pace_of(looks).events_per_second == 200


def test_an_event_costs_what_was_spent_between_first_and_last_progress() -> None:
    looks = [
        Seen(0, 0),
        Seen(1, 10, Spent(2.0, 1.0)),
        Seen(2, 20, Spent(2.5, 2.0)),
        Seen(3, 30, Spent(3.0, 3.0)),
    ]
    assert pace_of(looks).spent == Spent(0.05, 0.1)


@pytest.mark.parametrize(
    "looks", [[Seen(0, 0)], [Seen(0, 0), Seen(1, 0)], [Seen(0, 0), Seen(1, 50), Seen(2, 50)]]
)
def test_less_than_two_steps_tell_no_pace(looks: list[Seen]) -> None:
    with pytest.raises(StoodStill):
        pace_of(looks)
