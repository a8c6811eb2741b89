"""Who is asked when: contacts, substitutes, a supervisor, and never silence."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dispatch.domain.deeds import hear_not_delivered
from dispatch.domain.facts import Escalation, NotDelivered
from dispatch.domain.replies import hear_reply
from dispatch.domain.response import NO_LONGER_NEEDED, Response
from dispatch.domain.settling import settle
from dispatch.domain.tickets import hear_ticket
from services.dispatch.tests.world import (
    ACCEPTANCE,
    ARRIVAL,
    COMPLETION,
    NOON,
    PLAN,
    TENANT,
    TICKET,
    reply,
    silence,
    states,
    the,
    ticket,
)
from shared_schemas.vocabulary import GapStatus, Priority, ReplyKind, ResponseStatus, TaskStatus

SECOND = timedelta(seconds=1)


def asked(*agencies: str, priority: Priority = Priority.P1) -> Response:
    response = hear_ticket(None, ticket(*agencies, priority=priority), PLAN, NOON)
    assert response is not None
    return response


def said(response: Response, agency: str, kind: ReplyKind, *, after: timedelta = timedelta()) -> Response:
    word = reply(the(response, agency), kind, after=after)
    return settle(hear_reply(response, word), PLAN, NOON + after)


def contacts(response: Response, agency: str) -> list[str]:
    return [offer.contact for offer in the(response, agency).offers]


def test_the_first_contact_is_asked_at_once_and_has_a_deadline() -> None:
    task = the(asked("damkar"), "damkar")
    assert task.status is TaskStatus.OFFERED
    assert [(one.step, one.contact, one.due_at) for one in task.offers] == [(1, "posko", NOON + ACCEPTANCE)]
    assert task.due_at == NOON + ACCEPTANCE


def test_a_silent_contact_keeps_its_full_time() -> None:
    response = settle(asked("damkar"), PLAN, NOON + ACCEPTANCE - SECOND)
    assert contacts(response, "damkar") == ["posko"]


def test_a_silent_contact_is_followed_by_the_next() -> None:
    response = silence(asked("damkar"), until=ACCEPTANCE)
    assert contacts(response, "damkar") == ["posko", "piket"]
    assert the(response, "damkar").due_at == NOON + 2 * ACCEPTANCE


def test_a_silent_agency_is_followed_by_its_substitute() -> None:
    response = silence(asked("damkar"), until=2 * ACCEPTANCE)
    assert states(response) == {"damkar": "unanswered", "bpbd": "offered"}
    assert the(response, "bpbd").stands_in_for == the(response, "damkar").task_id
    assert the(response, "damkar").gap is GapStatus.OPEN


def test_after_the_last_substitute_a_supervisor_is_called() -> None:
    response = silence(asked("damkar"), until=5 * ACCEPTANCE)
    assert states(response) == dict.fromkeys(("damkar", "bpbd", "satpol_pp"), "unanswered")
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR
    assert response.supervisor_called_at == NOON + 5 * ACCEPTANCE
    assert [call.contact for call in response.supervisor_calls] == ["pengawas"]


def test_supervisors_are_called_in_turn_until_a_person_acts_and_never_given_up() -> None:
    response = silence(asked("pln"), until=timedelta(hours=2))
    assert [call.contact for call in response.supervisor_calls[:3]] == ["pengawas", "kepala", "pengawas"]
    last, before = response.supervisor_calls[-1], response.supervisor_calls[-2]
    assert last.at - before.at == timedelta(minutes=10)
    assert response.next_due_at is not None


def test_days_of_calls_do_not_make_the_document_grow() -> None:
    response = silence(asked("pln"), until=timedelta(days=2))
    assert len(response.supervisor_calls) == 50
    assert response.supervisor_calls[-1].step > 200


def test_a_decline_asks_the_next_agency_at_once_not_the_next_contact() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.DECLINED)
    assert states(response) == {"damkar": "declined", "bpbd": "offered"}
    assert contacts(response, "damkar") == ["posko"]


def test_an_agency_that_gives_an_accepted_task_back_is_replaced() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.ACCEPTED)
    response = said(response, "damkar", ReplyKind.DECLINED, after=SECOND)
    assert states(response) == {"damkar": "declined", "bpbd": "offered"}


def test_a_stand_in_that_accepts_fills_the_gap() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.DECLINED)
    response = said(response, "bpbd", ReplyKind.ACCEPTED, after=SECOND)
    assert the(response, "damkar").gap is GapStatus.FILLED


def test_a_stand_in_that_gives_up_opens_the_gap_again_for_the_next() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.DECLINED)
    response = said(response, "bpbd", ReplyKind.ACCEPTED, after=SECOND)
    response = said(response, "bpbd", ReplyKind.DECLINED, after=2 * SECOND)
    assert the(response, "damkar").gap is GapStatus.OPEN
    assert states(response) == {"damkar": "declined", "bpbd": "declined", "satpol_pp": "offered"}


def test_an_accept_after_the_offer_moved_on_counts_for_the_agency() -> None:
    response = silence(asked("damkar"), until=ACCEPTANCE)
    response = said(response, "damkar", ReplyKind.ACCEPTED, after=ACCEPTANCE + SECOND)
    assert states(response) == {"damkar": "accepted"}


def test_a_late_yes_takes_the_task_again_and_the_stand_in_is_called_off() -> None:
    response = silence(asked("damkar"), until=2 * ACCEPTANCE)
    response = said(response, "damkar", ReplyKind.EN_ROUTE, after=2 * ACCEPTANCE + SECOND)
    assert states(response) == {"damkar": "en_route", "bpbd": "cancelled"}
    assert the(response, "bpbd").reason == NO_LONGER_NEEDED
    assert the(response, "damkar").gap is None
    assert the(response, "damkar").accepted_at == NOON + 2 * ACCEPTANCE + SECOND


def test_a_stand_in_that_was_called_off_may_be_asked_again() -> None:
    response = silence(asked("damkar"), until=2 * ACCEPTANCE)
    response = said(response, "damkar", ReplyKind.ACCEPTED, after=2 * ACCEPTANCE + SECOND)
    response = said(response, "damkar", ReplyKind.DECLINED, after=2 * ACCEPTANCE + 2 * SECOND)
    assert [task.status.value for task in response.tasks] == ["declined", "cancelled", "offered"]
    assert len({task.task_id for task in response.tasks}) == 3


def test_a_late_yes_changes_nothing_once_the_gap_is_filled() -> None:
    response = silence(asked("damkar"), until=2 * ACCEPTANCE)
    response = said(response, "bpbd", ReplyKind.ACCEPTED, after=2 * ACCEPTANCE + SECOND)
    late = said(response, "damkar", ReplyKind.ACCEPTED, after=2 * ACCEPTANCE + 2 * SECOND)
    assert states(late) == {"damkar": "unanswered", "bpbd": "accepted"}


def test_a_late_yes_of_a_stand_in_counts_while_others_are_asked() -> None:
    response = silence(asked("damkar"), until=4 * ACCEPTANCE)
    assert states(response) == {"damkar": "unanswered", "bpbd": "unanswered", "satpol_pp": "offered"}
    response = said(response, "bpbd", ReplyKind.ACCEPTED, after=4 * ACCEPTANCE + SECOND)
    assert states(response) == {"damkar": "unanswered", "bpbd": "accepted", "satpol_pp": "cancelled"}


def test_a_late_yes_sends_the_supervisor_home() -> None:
    response = silence(asked("pln"), until=ACCEPTANCE)
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR
    response = said(response, "pln", ReplyKind.ACCEPTED, after=ACCEPTANCE + SECOND)
    assert response.status is ResponseStatus.ACTIVE


def test_nobody_waits_for_a_contact_that_no_channel_reaches() -> None:
    response = asked("damkar")
    lost = NotDelivered(TENANT, TICKET, the(response, "damkar").task_id, 1)
    response = hear_not_delivered(response, lost, PLAN, NOON + SECOND)
    assert [(one.contact, one.undelivered) for one in the(response, "damkar").offers] == [
        ("posko", True),
        ("piket", False),
    ]


def test_a_failed_delivery_of_an_offer_that_moved_on_changes_nothing() -> None:
    response = silence(asked("damkar"), until=ACCEPTANCE)
    lost = NotDelivered(TENANT, TICKET, the(response, "damkar").task_id, 1)
    assert hear_not_delivered(response, lost, PLAN, NOON + ACCEPTANCE + SECOND) == response


@pytest.mark.parametrize("agency", ["kelurahan", ""])
def test_an_agency_that_the_tenant_does_not_have_ends_at_the_supervisor(agency: str) -> None:
    response = asked(agency)
    assert the(response, agency).reason == "no_contact"
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR


def test_an_escalation_to_nobody_ends_at_the_supervisor() -> None:
    nobody = replace(ticket("damkar"), escalations=(Escalation("escalation-1", 1, ()),))
    response = hear_ticket(None, nobody, PLAN, NOON)
    assert response is not None
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR


def test_a_ticket_that_became_urgent_waits_less_at_once() -> None:
    response = asked("damkar", priority=Priority.P3)
    assert the(response, "damkar").due_at == NOON + 4 * ACCEPTANCE
    urgent = hear_ticket(response, ticket("damkar"), PLAN, NOON + 2 * ACCEPTANCE)
    assert urgent is not None
    assert contacts(urgent, "damkar") == ["posko", "piket"]


def test_late_arrival_is_flagged_calls_a_supervisor_and_ends_nothing() -> None:
    response = silence(said(asked("damkar"), "damkar", ReplyKind.ACCEPTED), until=ARRIVAL)
    task = the(response, "damkar")
    assert (task.status, task.arrival_overdue_at) == (TaskStatus.ACCEPTED, NOON + ARRIVAL)
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR


def test_arrival_sends_the_supervisor_home_and_the_fact_stays() -> None:
    response = silence(said(asked("damkar"), "damkar", ReplyKind.ACCEPTED), until=ARRIVAL)
    response = said(response, "damkar", ReplyKind.ON_SCENE, after=ARRIVAL + SECOND)
    assert response.status is ResponseStatus.ACTIVE
    assert the(response, "damkar").arrival_overdue_at == NOON + ARRIVAL
    assert the(response, "damkar").due_at == NOON + ARRIVAL + SECOND + COMPLETION


def test_setting_out_late_does_not_call_the_supervisor_anew() -> None:
    response = silence(said(asked("damkar"), "damkar", ReplyKind.ACCEPTED), until=ARRIVAL)
    response = said(response, "damkar", ReplyKind.EN_ROUTE, after=ARRIVAL + SECOND)
    assert len(response.supervisor_calls) == 1


def test_late_completion_is_flagged_too() -> None:
    response = silence(said(asked("damkar"), "damkar", ReplyKind.ON_SCENE), until=COMPLETION)
    assert the(response, "damkar").completion_overdue_at == NOON + COMPLETION
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR


def test_a_second_trouble_calls_the_supervisor_at_once() -> None:
    response = silence(asked("pln", "dinkes"), until=ACCEPTANCE)
    response = said(response, "pmi", ReplyKind.DECLINED, after=ACCEPTANCE + SECOND)
    assert [call.at - NOON for call in response.supervisor_calls] == [ACCEPTANCE, ACCEPTANCE + SECOND]


def test_after_a_long_sleep_every_contact_still_gets_its_full_time() -> None:
    late = NOON + timedelta(hours=1)
    response = settle(asked("damkar"), PLAN, late)
    assert contacts(response, "damkar") == ["posko", "piket"]
    assert the(response, "damkar").due_at == late + ACCEPTANCE
