"""The flood is the load times one tenant, the others go on, and what they waited is named by the checks."""

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checks.flood import CHECKS
from tests.faults.flooding import FLOODED, flood, kind_of
from tests.faults.good_history import GOOD, INPUTS, broken, escalated_at, request, told
from tests.faults.history import Fault, History
from tests.faults.noted import FIRST, FLOOD, LATE, OTHER, REACHED
from tests.faults.setting import Setting

SETTING = Setting(seed=1, calls_per_second=20.0, quiet=45.0, length=120.0, calm=60.0)


def test_five_times_the_capacity_comes_to_one_tenant_from_few_numbers_and_a_fifth_to_the_others() -> None:
    calls = flood(SETTING, 3)
    assert calls == flood(SETTING, 3)
    kinds = Counter(map(kind_of, calls))
    assert kinds == {FLOOD: 2400, FIRST: 120, OTHER: 180}
    flooding = [one for one in calls if kind_of(one) == FLOOD]
    assert all(one.tenant == FLOODED and 45 <= one.rings_at <= 165 and not one.is_taken for one in flooding)
    assert len({one.caller for one in flooding}) <= 20
    first = [one for one in calls if kind_of(one) == FIRST]
    assert len({one.caller for one in first}) == len(first)
    others = [one for one in calls if kind_of(one) == OTHER]
    assert {one.tenant for one in others} == {1, 2}
    assert sum(one.incident_type is not None for one in others) == 90


def noted(first: float = 1.0, other: float = 0.2, late: float = 0.01) -> dict[str, Any]:
    return {
        REACHED: [(OTHER, 100.0, 0.1), (OTHER, 220.0, other), (FIRST, 220.0, first)],
        LATE: [late],
    }


HELD = replace(
    GOOD,
    inputs=replace(
        INPUTS,
        told=(told("ringing", 100.0), told("ringing", 220.0)),
        escalated=(escalated_at(100.0, "t-1"), escalated_at(220.0, "t-2")),
    ),
    requests=tuple(replace(request(at), ticket_id=ticket) for at, ticket in ((100.2, "t-1"), (220.2, "t-2"))),
    faults=(Fault("53.99", FLOOD, 200.0, 320.0),),
    noted=noted(),
)


def test_a_run_that_held_breaks_nothing() -> None:
    assert broken(CHECKS, HELD) == []


@pytest.mark.parametrize(
    ("history", "kind"),
    [
        (replace(HELD, noted=noted(other=0.6)), "others"),
        (
            replace(
                HELD, inputs=replace(HELD.inputs, told=(told("ringing", 100.0), told("ringing", 220.0, 0.7)))
            ),
            "others",
        ),
        (replace(HELD, requests=(HELD.requests[0], replace(HELD.requests[1], at=221.0))), "others"),
        (replace(HELD, noted=noted(first=2.5)), "first callers"),
        (replace(HELD, noted=noted(late=0.2)), "generator"),
    ],
)
def test_each_harm_is_named(history: History, kind: str) -> None:
    assert broken(CHECKS, history) == [kind]
