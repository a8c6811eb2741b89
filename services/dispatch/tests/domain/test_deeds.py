"""What a person may do with a task, and what they are told when they may not."""

from datetime import timedelta

import pytest

from dispatch.domain.deeds import accept_gap, cancel, offer_again
from dispatch.domain.replies import hear_reply
from dispatch.domain.response import Response
from dispatch.domain.settling import settle
from dispatch.domain.tickets import hear_ticket
from service_kit.decisions import NotPossible, Unknown
from services.dispatch.tests.world import ACCEPTANCE, NOON, PLAN, reply, silence, states, the, ticket
from shared_schemas.vocabulary import GapStatus, ReplyKind, ResponseStatus

SECOND = timedelta(seconds=1)
LATER = NOON + SECOND


def asked(*agencies: str) -> Response:
    response = hear_ticket(None, ticket(*agencies), PLAN, NOON)
    assert response is not None
    return response


def said(response: Response, agency: str, kind: ReplyKind) -> Response:
    return settle(hear_reply(response, reply(the(response, agency), kind)), PLAN, LATER)


def offered(response: Response, agency: str, contact: str | None = None) -> Response:
    done = offer_again(response, the(response, agency).task_id, contact, PLAN, LATER)
    assert isinstance(done, Response)
    return done


def contacts(response: Response, agency: str) -> list[str]:
    return [offer.contact for offer in the(response, agency).offers]


def test_a_called_off_task_accepts_its_own_gap() -> None:
    done = cancel(asked("damkar", "dinkes"), the(asked("damkar"), "damkar").task_id, "salah", PLAN, LATER)
    assert isinstance(done, Response)
    task = the(done, "damkar")
    assert (task.status.value, task.gap, task.gap_reason) == ("cancelled", GapStatus.ACCEPTED, "salah")
    assert states(done) == {"damkar": "cancelled", "dinkes": "offered"}


def test_a_called_off_stand_in_leaves_the_gap_to_the_next() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.DECLINED)
    done = cancel(response, the(response, "bpbd").task_id, "sedang banjir", PLAN, LATER)
    assert isinstance(done, Response)
    assert states(done) == {"damkar": "declined", "bpbd": "cancelled", "satpol_pp": "offered"}


def test_accepting_a_gap_calls_off_whoever_is_only_being_asked() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.DECLINED)
    done = accept_gap(response, the(response, "damkar").task_id, "padam sendiri", PLAN, LATER)
    assert isinstance(done, Response)
    assert states(done) == {"damkar": "declined", "bpbd": "cancelled"}
    assert done.status is ResponseStatus.ENDED


def test_a_gap_may_be_named_by_its_stand_in() -> None:
    response = said(asked("damkar"), "damkar", ReplyKind.DECLINED)
    done = accept_gap(response, the(response, "bpbd").task_id, "padam sendiri", PLAN, LATER)
    assert isinstance(done, Response)
    assert the(done, "damkar").gap is GapStatus.ACCEPTED


def test_asking_again_asks_the_next_contact_with_a_new_deadline() -> None:
    response = offered(asked("damkar"), "damkar")
    assert contacts(response, "damkar") == ["posko", "piket"]
    assert the(response, "damkar").due_at == LATER + ACCEPTANCE


def test_asking_again_begins_anew_after_the_last_contact() -> None:
    response = offered(offered(asked("damkar"), "damkar"), "damkar")
    assert contacts(response, "damkar") == ["posko", "piket", "posko"]


def test_a_named_contact_is_asked_and_the_ladder_goes_on_to_the_others() -> None:
    response = silence(offered(asked("damkar"), "damkar", "posko"), until=ACCEPTANCE + SECOND)
    assert contacts(response, "damkar") == ["posko", "posko", "piket"]


def test_asking_an_agency_that_declined_makes_a_new_task_in_its_place() -> None:
    response = said(asked("pln"), "pln", ReplyKind.DECLINED)
    again = offered(response, "pln")
    assert [task.status.value for task in again.tasks] == ["declined", "offered"]
    assert again.tasks[1].stands_in_for == again.tasks[0].task_id
    assert again.status is ResponseStatus.ACTIVE


def test_who_says_yes_the_second_time_fills_its_own_gap() -> None:
    again = offered(said(asked("pln"), "pln", ReplyKind.DECLINED), "pln")
    done = said(again, "pln", ReplyKind.DONE)
    assert (done.status, done.tasks[0].gap) == (ResponseStatus.ENDED, GapStatus.FILLED)


def test_asking_in_vain_ends_at_the_supervisor_again() -> None:
    again = offered(said(asked("pln"), "pln", ReplyKind.DECLINED), "pln")
    response = silence(again, until=ACCEPTANCE + SECOND)
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR


@pytest.mark.parametrize(
    ("before", "why", "allowed"),
    [
        (ReplyKind.ACCEPTED, "already_accepted", ("cancellation",)),
        (ReplyKind.DONE, "already_accepted", ()),
    ],
)
def test_who_has_accepted_is_not_asked_again(before: ReplyKind, why: str, allowed: tuple[str, ...]) -> None:
    response = said(asked("damkar", "dinkes"), "damkar", before)
    done = offer_again(response, the(response, "damkar").task_id, None, PLAN, LATER)
    assert done == NotPossible(why, allowed)


def test_an_unknown_contact_is_refused_and_the_known_ones_are_named() -> None:
    response = asked("damkar")
    done = offer_again(response, the(response, "damkar").task_id, "bupati", PLAN, LATER)
    assert done == NotPossible("no_such_contact", ("posko", "piket"))


def test_what_has_ended_cannot_be_called_off() -> None:
    response = said(asked("pln", "dinkes"), "pln", ReplyKind.DECLINED)
    done = cancel(response, the(response, "pln").task_id, "x", PLAN, LATER)
    assert done == NotPossible("already_final", ("gap", "offers"))


def test_there_is_no_gap_where_somebody_is_being_asked() -> None:
    response = asked("damkar")
    done = accept_gap(response, the(response, "damkar").task_id, "x", PLAN, LATER)
    assert done == NotPossible("no_open_gap", ("cancellation", "offers"))


def test_an_unknown_task_is_unknown_to_every_deed() -> None:
    response = asked("damkar")
    assert cancel(response, "?", "x", PLAN, LATER) == Unknown()
    assert accept_gap(response, "?", "x", PLAN, LATER) == Unknown()
    assert offer_again(response, "?", None, PLAN, LATER) == Unknown()
