"""A real hour of a 112 centre: every call, ticket and figure is what really happened and what the demo did."""

import time
from typing import Any

import pytest

from tests.e2e.agreement import (
    TENANTS,
    assert_answer_times_are_true,
    assert_calls_are_true,
    assert_classes_are_true,
    assert_outcomes_are_true,
    assert_tasks_are_true,
    assert_tickets_are_true,
    calls_of,
    deliveries_of,
    done_calls,
    figures_of,
    recaps_of,
    tasks_of,
)
from tests.e2e.system import System
from tests.e2e.truth import true_calls, unseen_numbers

pytestmark = pytest.mark.e2e

Json = dict[str, Any]


def test_every_call_that_a_queue_log_can_know_is_told_as_it_was(replayed: System) -> None:
    assert_calls_are_true(replayed)


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
    assert_outcomes_are_true(replayed)


def test_the_recaps_answer_times_are_those_of_the_true_waits(replayed: System) -> None:
    assert_answer_times_are_true(replayed)


def test_the_recap_says_which_calls_its_source_cannot_see(replayed: System) -> None:
    assert unseen_numbers() == 28
    for tenant in TENANTS:
        for told in recaps_of(replayed, tenant).values():
            assert set(told["unseen_by_sources"]) == {"abandoned_in_menu", "queue_full", "cut_in_menu"}


def test_every_class_is_counted_as_the_call_takers_gave_it(replayed: System) -> None:
    assert_classes_are_true(replayed)


def test_every_ticket_is_what_the_call_takers_made_of_it(replayed: System) -> None:
    assert any(line["joined"] for line in done_calls(replayed).values()), "no second call joined a ticket"
    assert_tickets_are_true(replayed)


def test_every_task_is_what_its_agency_said(replayed: System) -> None:
    assert_tasks_are_true(replayed)


def tasks_that(system: System, what: str, **values: str) -> list[Json]:
    """Return the tasks of which the agencies' diary has such a line, as dispatch tells them now."""
    lines = [line for line in system.journal("agencies") if line["what"] == what]
    messages = {line["message_id"] for line in lines if values.items() <= line.items()}
    found: list[Json] = []
    for tenant in TENANTS:
        tasks, deliveries = tasks_of(system, tenant), deliveries_of(system, tenant)
        found += [tasks[deliveries[one]["task_id"]] for one in sorted(messages & deliveries.keys())]
    return found


def test_an_agency_declined(replayed: System) -> None:
    declined = tasks_that(replayed, "replied", reply="declined")
    assert declined
    assert {task["status"] for task in declined} == {"declined"}
    assert all(task["reason"] for task in declined)
    assert {task["gap"] for task in declined if not task["stands_in_for"]} <= {"filled", "accepted"}


def test_silence_climbed_the_ladder_to_its_end(replayed: System) -> None:
    silent = tasks_that(replayed, "asked", manner="silent", contact="piket")
    unanswered = [task for task in silent if task["status"] == "unanswered"]
    assert unanswered
    for task in unanswered:
        assert task["reason"] == "no_answer"
        assert [offer["contact"] for offer in task["offers"]] == ["posko", "piket"]
        first, second = task["offers"]
        assert second["at"] >= first["due_at"], "the second was asked before the first had its time"


def test_a_mail_was_answered_by_its_link_where_the_first_contact_was_silent(replayed: System) -> None:
    silent = {task["task_id"] for task in tasks_that(replayed, "asked", manner="silent", contact="posko")}
    pressed = tasks_that(replayed, "replied", by="link", reply="done", contact="piket")
    assert pressed
    for task in pressed:
        assert task["task_id"] in silent
        assert [offer["contact"] for offer in task["offers"]] == ["posko", "piket"]
        assert task["status"] == "done"
    links = [line for line in replayed.journal("agencies") if line.get("by") == "link"]
    assert {line["status"] for line in links} == {200}
    for tenant in TENANTS:
        deliveries = deliveries_of(replayed, tenant)
        mails = {line["message_id"] for line in links} & deliveries.keys()
        assert {(deliveries[one]["channel"], deliveries[one]["status"]) for one in mails} <= {
            ("email", "delivered")
        }


def test_an_agency_arrived_and_finished(replayed: System) -> None:
    finished = tasks_that(replayed, "replied", by="api", reply="done")
    arrived = {task["task_id"] for task in tasks_that(replayed, "replied", by="api", reply="on_scene")}
    assert finished
    assert {task["task_id"] for task in finished} <= arrived
    for task in finished:
        assert task["status"] == "done"
        assert task["accepted_at"] < task["en_route_at"] < task["on_scene_at"] < task["ended_at"]


def test_a_rebuild_from_the_log_gives_the_same_figures(replayed: System) -> None:
    before = {tenant: figures_of(replayed, tenant) for tenant in TENANTS}
    started = replayed.post("statistics", "/v1/rebuild", {}, account="admin").raise_for_status().json()
    found = wait_for_rebuild(replayed, started["id"])
    assert (found["status"], found["equal"]) == ("done", True), found
    assert {tenant: figures_of(replayed, tenant) for tenant in TENANTS} == before


def wait_for_rebuild(system: System, rebuild_id: str) -> Json:
    """Return a rebuild when it is over."""
    deadline = time.monotonic() + 120
    headers = {"Authorization": f"Bearer {system.token('admin', 'accounts/admin')}"}
    while True:
        answer = system.door.get(f"{system.addresses['statistics']}/v1/rebuild/{rebuild_id}", headers=headers)
        found: Json = answer.raise_for_status().json()
        if found["status"] != "running":
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.2)
