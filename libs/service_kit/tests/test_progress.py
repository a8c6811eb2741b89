"""Only the contiguous done beginning of a partition may be committed."""

from hypothesis import given
from hypothesis import strategies as st

from service_kit.progress import Place, committable


def places(*offsets: int, partition: int = 0) -> list[Place]:
    return [Place("call.received", partition, offset) for offset in offsets]


def test_a_gap_holds_back_what_comes_after_it() -> None:
    batch = places(10, 11, 12, 13)
    assert committable(batch, set(places(10, 11, 13))) == {("call.received", 0): 12}


def test_a_partition_whose_first_record_is_not_done_is_left_out() -> None:
    assert committable(places(10, 11), set(places(11))) == {}


def test_one_partition_does_not_hold_back_another() -> None:
    batch = [*places(1, 2), *places(7, 8, partition=3)]
    done = set(places(7, 8, partition=3))
    assert committable(batch, done) == {("call.received", 3): 9}


@given(st.sets(st.integers(0, 40), min_size=1), st.data())
def test_no_record_that_is_not_done_is_ever_passed(offsets: set[int], data: st.DataObject) -> None:
    batch = places(*offsets)
    done = set(data.draw(st.lists(st.sampled_from(batch), unique=True)))
    following = committable(batch, done).get(("call.received", 0), 0)
    assert all(place in done for place in batch if place.offset < following)
