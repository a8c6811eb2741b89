"""Two processes are compared with one on the same backlog, from when both are there."""

from bench.progress import Seen, pace_of
from bench.two import own_of, when_complete


def test_what_one_process_took_before_the_other_was_there_is_not_counted() -> None:
    alone = [Seen(0.0, 0), Seen(0.5, 450), Seen(1.0, 900)]
    both = [Seen(at, int(900 + 100 * (at - 1))) for at in (2.0, 3.0, 4.0)]
    assert pace_of(when_complete([*alone, *both], 2.0)).events_per_second == 100
    assert pace_of([*alone, *both]).events_per_second != 100


def test_no_turn_finds_what_another_committed_or_saved() -> None:
    one, two = own_of("two01"), own_of("two02")
    assert one.keys() == two.keys()
    assert not set(one.values()) & set(two.values())
