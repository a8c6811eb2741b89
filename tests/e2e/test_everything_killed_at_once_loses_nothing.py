"""Everything is killed in the middle, started again, and the figures are those of what really happened."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.system import ENDS_WITHIN_SECONDS, System
from tests.e2e.test_a_recorded_hour_goes_all_the_way import TENANTS, agrees, calls_of, figures_of
from tests.e2e.truth import true_calls

pytestmark = pytest.mark.e2e

MIDDLE = 40


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A system of this test's own, slow enough to have a middle."""
    made = System(tmp_path / "cut", speed="60")
    yield made
    made.ensure_ended()


def test_killed_in_the_middle_and_started_again_it_ends_with_the_same_figures(system: System) -> None:
    system.start()
    system.wait_for_calls(MIDDLE)
    assert system.kill_everything() > 8
    system.speed = "max"
    system.start()
    system.wait_until_done()
    told, true = calls_of(system), true_calls(system.shift)
    assert told.keys() == true.keys()
    assert {one for one in true if not agrees(told[one], true[one])} == set()
    for tenant in TENANTS:
        expected = Counter(call.outcome for call in true.values() if call.tenant == tenant)
        figures = figures_of(system, tenant)
        assert {name: figures[f"calls_{name}", ""] for name in expected} == dict(expected)
    done = [line["call_id"] for line in system.journal("call_takers") if line["what"] == "done"]
    assert len(set(done)) == sum(call.outcome == "answered" for call in true.values())
    tickets = [
        t for tenant in TENANTS for t in system.all("triage", f"/v1/tenants/{tenant}/tickets", status="all")
    ]
    assert len({ticket["number"] for ticket in tickets}) == len(tickets)
    assert system.interrupt() <= ENDS_WITHIN_SECONDS
