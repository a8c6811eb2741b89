"""Few numbers for many measurements."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.percentiles import NothingMeasured, percentile, summary

SAMPLES = st.lists(st.floats(0, 1e6), min_size=1)


@pytest.mark.parametrize(
    ("share", "value"), [(0.0, 1.0), (0.5, 50.0), (0.99, 99.0), (0.991, 100.0), (1.0, 100.0)]
)
def test_of_the_numbers_one_to_a_hundred_each_is_its_own_percentile(share: float, value: float) -> None:
    assert percentile([float(number) for number in range(100, 0, -1)], share) == value


@given(SAMPLES, st.floats(0, 1))
def test_a_percentile_was_measured_and_enough_are_not_above_it(values: list[float], share: float) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


@given(SAMPLES)
def test_a_summary_is_in_order(values: list[float]) -> None:
    seen = summary(values)
    assert min(values) <= seen.p50 <= seen.p99 <= seen.most == max(values)
    assert seen.size == len(values)


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(NothingMeasured):
        summary([])
