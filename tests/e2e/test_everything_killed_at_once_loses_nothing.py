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


def test_killed_in_the_middle_and_started_again_it_ends_with_the_same_figures(
    system: System, replayed: System
) -> None:
    system.start()
    assert not set(system.addresses.values()) & set(replayed.addresses.values()), "two systems, side by side"
    system.wait_for_calls(MIDDLE)
    assert system.kill_everything() > 8
    system.speed = "max"
    system.start()
    system.wait_until_done()
    assert_calls_are_true(system)
    assert_nothing_is_doubled(system)
    before = {tenant: figures_of(system, tenant) for tenant in TENANTS}
    assert system.interrupt() <= ENDS_WITHIN_SECONDS
    system.start("--replay", "off")
    assert {tenant: figures_of(system, tenant) for tenant in TENANTS} == before
    assert system.interrupt() <= ENDS_WITHIN_SECONDS


def assert_calls_are_true(system: System) -> None:
    """Every call is told as it was, and every answered one was worked once."""
    told, true = calls_of(system), true_calls(system.shift)
    assert told.keys() == true.keys()
    assert {one for one in true if not agrees(told[one], true[one])} == set()
    for tenant in TENANTS:
        expected = Counter(call.outcome for call in true.values() if call.tenant == tenant)
        figures = figures_of(system, tenant)
        assert {name: figures[f"calls_{name}", ""] for name in expected} == dict(expected)
    done = [line["call_id"] for line in system.journal("call_takers") if line["what"] == "done"]
    assert len(set(done)) == sum(call.outcome == "answered" for call in true.values())


def assert_nothing_is_doubled(system: System) -> None:
    """Each escalation asked each agency once; each offer made one message; each ticket has its number."""
    asked = Counter(line["message_id"] for line in system.journal("agencies") if line["what"] == "asked")
    for tenant in TENANTS:
        tickets = system.all("triage", f"/v1/tenants/{tenant}/tickets", status="all")
        assert len({ticket["number"] for ticket in tickets}) == len(tickets)
        responses = {
            one["ticket_id"]: one
            for one in system.all("dispatch", f"/v1/tenants/{tenant}/responses", status="all")
        }
        wanted = {
            (ticket["ticket_id"], escalation["escalation_id"], agency): 1
            for ticket in tickets
            for escalation in ticket["escalations"]
            for agency in escalation["agencies"]
        }
        tasks = [(one["ticket_id"], task) for one in responses.values() for task in one["tasks"]]
        roots = Counter(
            (ticket, task["escalation_id"], task["agency"])
            for ticket, task in tasks
            if not task["stands_in_for"]
        )
        assert roots == wanted
        deliveries = system.all("agency-notifier", f"/v1/tenants/{tenant}/deliveries")
        steps = Counter((one["task_id"], one["step"]) for one in deliveries if one["agency"] != "supervisor")
        assert set(steps.values()) <= {1}
        assert set(steps) == {
            (task["task_id"], offer["step"]) for _, task in tasks for offer in task["offers"]
        }
        delivered = [
            one["delivery_id"]
            for one in deliveries
            if one["status"] == "delivered" and one["agency"] != "supervisor"
        ]
        assert {one for one in delivered if not asked[one]} == set()
