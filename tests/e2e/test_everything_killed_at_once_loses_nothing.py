"""Ended and killed in the middle, started again, all is told as it happened: once, and nothing is lost."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.agreement import (
    TENANTS,
    assert_answer_times_are_true,
    assert_calls_are_true,
    assert_classes_are_true,
    assert_outcomes_are_true,
    assert_tasks_are_true,
    assert_tickets_are_true,
    deliveries_of,
    figures_of,
    responses_of,
    tickets_of,
)
from tests.e2e.system import ENDS_WITHIN_SECONDS, System

pytestmark = pytest.mark.e2e

EARLY, MIDDLE = 15, 40
"""How many calls of one tenant are in when everything is ended by Ctrl-C, and when everything is killed."""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    """A system of this test's own, slow enough to have a middle."""
    made = System(tmp_path / "cut", speed="60")
    yield made
    made.ensure_ended()


def test_ended_and_killed_in_the_middle_it_ends_with_the_same_figures(
    system: System, replayed: System
) -> None:
    system.start()
    assert not set(system.addresses.values()) & set(replayed.addresses.values()), "two systems, side by side"
    system.wait_for_calls(EARLY)
    shift = system.shift
    assert system.interrupt() <= ENDS_WITHIN_SECONDS
    assert not system.is_replayed, "there was no middle left"
    system.start()
    system.wait_for_calls(MIDDLE)
    assert system.kill_everything() > 8
    assert not system.is_replayed, "there was no middle left"
    system.speed = "max"
    system.start()
    system.wait_until_done()
    assert system.shift == shift, "another hour was begun"
    assert_all_is_true(system)
    assert_nothing_is_doubled(system)
    before = {tenant: figures_of(system, tenant) for tenant in TENANTS}
    assert system.interrupt() <= ENDS_WITHIN_SECONDS
    system.start("--replay", "off")
    assert {tenant: figures_of(system, tenant) for tenant in TENANTS} == before
    assert system.interrupt() <= ENDS_WITHIN_SECONDS


def assert_all_is_true(system: System) -> None:
    """Calls are told as they were; classes, tickets and tasks as the diaries have them."""
    assert_calls_are_true(system)
    assert_outcomes_are_true(system)
    assert_answer_times_are_true(system)
    assert_classes_are_true(system)
    assert_tickets_are_true(system)
    assert_tasks_are_true(system)


def assert_nothing_is_doubled(system: System) -> None:
    """Each escalation asked each agency once; each offer made one message, and each of those arrived."""
    asked = Counter(line["message_id"] for line in system.journal("agencies") if line["what"] == "asked")
    for tenant in TENANTS:
        tickets, responses = tickets_of(system, tenant), responses_of(system, tenant)
        wanted = {
            (one, escalation["escalation_id"], agency): 1
            for one, ticket in tickets.items()
            for escalation in ticket["escalations"]
            for agency in escalation["agencies"]
        }
        tasks = [(one, task) for one, response in responses.items() for task in response["tasks"]]
        roots = Counter(
            (ticket, task["escalation_id"], task["agency"])
            for ticket, task in tasks
            if not task["stands_in_for"]
        )
        assert roots == wanted
        deliveries = deliveries_of(system, tenant)
        steps = Counter((one["task_id"], one["step"]) for one in deliveries.values())
        assert set(steps.values()) <= {1}
        assert set(steps) == {
            (task["task_id"], offer["step"]) for _, task in tasks for offer in task["offers"]
        }
        delivered = [one for one, delivery in deliveries.items() if delivery["status"] == "delivered"]
        assert {one for one in delivered if not asked[one]} == set()
