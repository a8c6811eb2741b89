"""When calls come, and how much is measured."""

from collections import Counter
from itertools import pairwise

import pytest

from bench.arrivals import Steady, arrivals
from bench.sizes import FULL, QUICK, SMOKE, SizeUnknown, size_of

A_THOUSAND = Steady(1_000, 1.0)


def test_a_thousand_calls_come_at_random_moments_of_a_thousand_seconds() -> None:
    calls = arrivals(A_THOUSAND, 3)
    moments = [call.rings_at for call in calls]
    assert len(calls) == 1_000
    assert moments == sorted(moments)
    assert 0 <= moments[0] < moments[-1] <= 1_000
    gaps = [after - before for before, after in pairwise(moments)]
    assert sum(gap < 0.1 for gap in gaps) > 50  # bursts, as random arrivals have them
    assert calls == arrivals(A_THOUSAND, 3)


def test_tenants_take_turns_and_every_second_call_becomes_a_ticket() -> None:
    calls = arrivals(QUICK, 3)
    assert Counter(call.tenant for call in calls) == {0: 20, 1: 20, 2: 20}
    assert sum(call.incident_type is not None for call in calls) == 30


def test_an_exchange_says_each_thing_after_the_one_before() -> None:
    (first, *_) = arrivals(SMOKE, 3)
    said = list(first.says)
    assert [event for event, _ in said] == ["ringing", "queued", "answered", "ended"]
    assert said[0][1] == first.rings_at
    assert all(before < after for (_, before), (_, after) in pairwise(said))


def test_the_size_is_the_full_one_unless_another_is_named() -> None:
    assert size_of({}) is size_of({"BENCH": ""}) is FULL
    assert size_of({"BENCH": "quick"}) is QUICK
    with pytest.raises(SizeUnknown, match="full, quick, smoke"):
        size_of({"BENCH": "huge"})
