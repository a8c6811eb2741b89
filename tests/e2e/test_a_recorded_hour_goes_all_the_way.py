"""A real hour of a 112 centre: every call, ticket and figure is what really happened and what the demo did."""

from collections import Counter
from typing import Any

import pytest

from tests.e2e.system import System
from tests.e2e.truth import TrueCall, true_calls, unseen_numbers

pytestmark = pytest.mark.e2e

WITHIN_SECONDS = 1.5
TENANTS = ("53.03", "53.71")
Json = dict[str, Any]


def calls_of(system: System) -> dict[str, Json]:
    """Return every call of the exchange as intake tells it, by the exchange's id."""
    found = [
        call for tenant in TENANTS for call in system.all("intake", f"/v1/tenants/{tenant}/calls", view="all")
    ]
    return {call["exchange_call_id"]: call for call in found}


def months_of(system: System, tenant: str) -> list[str]:
    """Return the months in which the replay lies."""
    return list(system.get("statistics", f"/v1/tenants/{tenant}/recaps")["items"])


def figures_of(system: System, tenant: str) -> Counter[tuple[str, str]]:
    """Return a tenant's counted figures, summed over the months."""
    total: Counter[tuple[str, str]] = Counter()
    for month in months_of(system, tenant):
        told = system.get("statistics", f"/v1/tenants/{tenant}/recaps/{month}")
        assert told["adds_up"], told["checks"]
        for figure in told["figures"]:
            if isinstance(figure["value"], int):
                total[figure["indicator"], figure["of"]] += figure["value"]
    return total


def close(told: float | None, true: float | None) -> bool:
    """Whether two durations are the same within the queue log's whole seconds."""
    if told is None or true is None:
        return (told or 0) == (true or 0)
    return abs(told - true) <= WITHIN_SECONDS


def agrees(told: Json, true: TrueCall) -> bool:
    """Whether intake tells a call as it was."""
    return (
        told["outcome"] == true.outcome
        and close(told["waiting_seconds"], true.waiting_seconds)
        and (told["agent"] or None) == true.agent
    )


def test_every_call_that_a_queue_log_can_know_is_told_as_it_was(replayed: System) -> None:
    told, true = calls_of(replayed), true_calls(replayed.shift)
    assert len(true) == 171
    assert told.keys() == true.keys()
    wrong = {one: (told[one], true[one]) for one in true if not agrees(told[one], true[one])}
    assert wrong == {}


def test_calls_that_the_restart_cut_are_recognised(replayed: System) -> None:
    told, true = calls_of(replayed), true_calls(replayed.shift)
    cut = {one for one, call in true.items() if call.was_cut}
    assert cut
    recognised = {
        one
        for one, call in told.items()
        if call["ended_by"] == "pbx_restart" or call["detail"].startswith("cut_")
    }
    assert recognised == cut


def test_the_recap_counts_each_outcome_as_it_was(replayed: System) -> None:
    true = true_calls(replayed.shift).values()
    for tenant in TENANTS:
        expected = Counter(call.outcome for call in true if call.tenant == tenant)
        figures = figures_of(replayed, tenant)
        told = {name: figures[f"calls_{name}", ""] for name in expected}
        assert told == dict(expected)
        assert figures["calls_received", ""] == expected.total()


def test_the_recap_says_which_calls_its_source_cannot_see(replayed: System) -> None:
    assert unseen_numbers() == 28
    for tenant in TENANTS:
        for month in months_of(replayed, tenant):
            told = replayed.get("statistics", f"/v1/tenants/{tenant}/recaps/{month}")
            assert set(told["unseen_by_sources"]) == {"abandoned_in_menu", "queue_full", "cut_in_menu"}


def test_every_class_is_counted_as_the_call_takers_gave_it(replayed: System) -> None:
    done = [line for line in replayed.journal("call_takers") if line["what"] == "done"]
    answered = [call for call in true_calls(replayed.shift).values() if call.outcome == "answered"]
    assert len(done) == len(answered)
    for tenant in TENANTS:
        expected = Counter(line["classification"] for line in done if line["tenant"] == tenant)
        figures = figures_of(replayed, tenant)
        told = Counter({of: n for (name, of), n in figures.items() if name == "calls_by_class" and n})
        assert told == expected
        assert figures["calls_not_classified", ""] == 0


def test_every_ticket_is_what_the_call_takers_made_of_it(replayed: System) -> None:
    done = [line for line in replayed.journal("call_takers") if line["what"] == "done" and line["ticket_id"]]
    assert any(line["joined"] for line in done), "the demo joined no second call to a ticket"
    for tenant in TENANTS:
        ours = [line for line in done if line["tenant"] == tenant]
        calls = Counter(line["ticket_id"] for line in ours)
        made = {line["ticket_id"]: line for line in ours if not line["joined"]}
        tickets = replayed.all("triage", f"/v1/tenants/{tenant}/tickets", status="all")
        assert {ticket["ticket_id"]: len(ticket["calls"]) for ticket in tickets} == calls
        for ticket in tickets:
            line = made[ticket["ticket_id"]]
            assert ticket["incident_type"] == line["incident_type"]
            assert bool(ticket["escalations"]) == line["escalated"]
            assert (ticket["disposition"] == "no_agency_needed") == line["closed"]
        numbers = [ticket["number"] for ticket in tickets]
        assert len(set(numbers)) == len(numbers)
        assert {ticket["status"] for ticket in tickets} <= {"closed"}


def test_figures_of_tickets_and_tasks_are_those_of_their_owners(replayed: System) -> None:
    for tenant in TENANTS:
        tickets = replayed.all("triage", f"/v1/tenants/{tenant}/tickets", status="all")
        responses = replayed.all("dispatch", f"/v1/tenants/{tenant}/responses")
        tasks = [task for response in responses for task in response["tasks"]]
        figures = figures_of(replayed, tenant)
        assert figures["tickets_opened", ""] == len(tickets)
        by_type = Counter(ticket["incident_type"] for ticket in tickets)
        assert {of: n for (name, of), n in figures.items() if name == "tickets_by_type"} == by_type
        by_agency = Counter(f"{task['agency']}/{task['status']}" for task in tasks)
        told = {of: n for (name, of), n in figures.items() if name == "tasks_by_agency_and_status"}
        assert told == by_agency


def tasks_of(system: System, tenant: str) -> dict[str, Json]:
    """Return every agency task of a tenant as dispatch tells it."""
    responses = system.all("dispatch", f"/v1/tenants/{tenant}/responses", status="all")
    return {task["task_id"]: task for response in responses for task in response["tasks"]}


def is_true_to(task: Json, replies: set[str]) -> bool:
    """Whether a task stands where its agency's last word put it."""
    if "done" in replies:
        return bool(task["status"] == "done")
    if "declined" in replies:
        return task["status"] in {"declined", "cancelled"}
    return not replies or task["status"] in {"cancelled", "unanswered"}


def test_every_task_is_what_its_agency_said(replayed: System) -> None:
    lines = replayed.journal("agencies")
    of_delivery = {line["message_id"]: line for line in lines if line["what"] == "asked"}
    said: dict[str, set[str]] = {}
    for line in lines:
        if line["what"] == "replied":
            assert line["message_id"] in of_delivery
            said.setdefault(line["message_id"], set()).add(line["reply"])
    for tenant in TENANTS:
        tasks = tasks_of(replayed, tenant)
        by_task: dict[str, set[str]] = {}
        for delivery in replayed.all("agency-notifier", f"/v1/tenants/{tenant}/deliveries"):
            replies = by_task.setdefault(delivery["task_id"], set())
            replies |= said.get(delivery["delivery_id"], set())
        wrong = {
            one: (task["status"], by_task.get(one))
            for one, task in tasks.items()
            if not is_true_to(task, by_task.get(one, set()))
        }
        assert wrong == {}
        statuses = Counter(task["status"] for task in tasks.values())
        assert statuses["done"] > 0
        assert set(statuses) <= {"done", "declined", "unanswered", "cancelled"}


def test_a_rebuild_from_the_log_gives_the_same_figures(replayed: System) -> None:
    before = {tenant: figures_of(replayed, tenant) for tenant in TENANTS}
    started = replayed.post("statistics", "/v1/rebuild", {}, account="admin").raise_for_status().json()
    found = wait_for_rebuild(replayed, started["id"])
    assert (found["status"], found["equal"]) == ("done", True), found
    assert {tenant: figures_of(replayed, tenant) for tenant in TENANTS} == before


def wait_for_rebuild(system: System, rebuild_id: str) -> Json:
    """Return a rebuild when it is over."""
    import time

    deadline = time.monotonic() + 120
    headers = {"Authorization": f"Bearer {system.token('admin', 'accounts/admin')}"}
    while True:
        answer = system.door.get(f"{system.addresses['statistics']}/v1/rebuild/{rebuild_id}", headers=headers)
        found: Json = answer.raise_for_status().json()
        if found["status"] != "running":
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
