"""Whom a response asks us to tell."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agency_notifier.domain.response import SUPERVISOR, Offer
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import TaskStatus

if TYPE_CHECKING:
    from conftest import AskFor, Respond


def test_a_deliverys_id_follows_from_tenant_task_and_step(respond: "Respond", task: "AskFor") -> None:
    (request,) = respond(task("posko")).requests()
    assert request.delivery_id == derived_id("53.03", "delivery", "task-1", "1")
    assert request.stands


@pytest.mark.parametrize("status", [one for one in TaskStatus if one != TaskStatus.OFFERED])
def test_only_an_offered_task_asks(respond: "Respond", task: "AskFor", status: TaskStatus) -> None:
    (request,) = respond(task("posko", status=status)).requests()
    assert not request.stands


def test_a_status_of_a_newer_version_asks_nobody(respond: "Respond", task: "AskFor") -> None:
    assert not any(one.stands for one in respond(task("posko", status="reserved")).requests())


def test_when_the_next_contact_is_asked_the_one_before_is_not_any_more(
    respond: "Respond", task: "AskFor"
) -> None:
    first, second = respond(task("posko", "piket")).requests()
    assert (first.stands, second.stands) == (False, True)


def test_a_contact_whose_time_is_not_over_stays_asked_beside_another(
    respond: "Respond", task: "AskFor"
) -> None:
    both = respond(task("posko", "piket", apart=timedelta(seconds=20))).requests()
    assert [one.stands for one in both] == [True, True]


def test_the_newest_call_to_a_supervisor_stands_while_one_is_needed(
    respond: "Respond", task: "AskFor"
) -> None:
    minute = timedelta(minutes=1)
    noon = task("posko").offers[0].at
    calls = [
        Offer(1, "pengawas", noon, noon + minute),
        Offer(2, "kepala", noon + minute, noon + 2 * minute),
    ]
    needed = respond(calls=calls, needs_supervisor=True).requests()
    assert [(one.agency, one.task_id, one.contact, one.stands) for one in needed] == [
        (SUPERVISOR, "ticket-1", "pengawas", False),
        (SUPERVISOR, "ticket-1", "kepala", True),
    ]
    assert not any(one.stands for one in respond(calls=calls, needs_supervisor=False).requests())


def test_gaps_are_named_by_their_agency(respond: "Respond", task: "AskFor") -> None:
    empty = replace(task("posko", status="declined"), gap_is_open=True)
    assert respond(empty, task("posko", agency="bpbd", task_id="task-2")).open_gaps() == ("damkar",)


@pytest.mark.parametrize("status", list(TaskStatus))
def test_a_task_is_its_agencys_until_it_has_ended(
    respond: "Respond", task: "AskFor", status: TaskStatus
) -> None:
    assert respond(task("posko", status=status)).closed("task-1") == (status if status.is_final else None)


def test_a_status_of_a_newer_version_and_an_unknown_task_close_nothing(
    respond: "Respond", task: "AskFor"
) -> None:
    response = respond(task("posko", status="reserved"))
    assert (response.closed("task-1"), response.closed("task-9")) == (None, None)


@pytest.mark.parametrize("gap_is_open", [True, False])
def test_who_did_not_answer_in_time_may_still_come_while_the_place_is_empty_a_stand_in_too(
    respond: "Respond", task: "AskFor", gap_is_open: bool
) -> None:
    first = replace(task("posko", status="unanswered"), gap_is_open=gap_is_open)
    second = task("posko", status="unanswered", agency="bpbd", task_id="task-2")
    response = respond(first, replace(second, stands_in_for="task-1"))
    closed = None if gap_is_open else TaskStatus.UNANSWERED
    assert (response.closed("task-1"), response.closed("task-2")) == (closed, closed)
