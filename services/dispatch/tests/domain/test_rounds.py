"""How a round ends, how the next begins, and what triage's closing does."""

from datetime import timedelta

import pytest

from dispatch.domain.deeds import accept_gap, cancel
from dispatch.domain.facts import Closing, Escalation
from dispatch.domain.replies import hear_reply
from dispatch.domain.response import TICKET_CLOSED, Response
from dispatch.domain.settling import settle
from dispatch.domain.tickets import hear_closing, hear_ticket
from services.dispatch.tests.world import NOON, PLAN, TENANT, TICKET, reply, states, the, ticket
from shared_schemas.vocabulary import Disposition, GapStatus, ReplyKind, ResponseStatus

SECOND = timedelta(seconds=1)
FIRST = Escalation("escalation-1", 1, ("damkar",))
DONE, DECLINED = ReplyKind.DONE, ReplyKind.DECLINED


def asked(*agencies: str) -> Response:
    response = hear_ticket(None, ticket(*agencies), PLAN, NOON)
    assert response is not None
    return response


def said(response: Response, agency: str, kind: ReplyKind) -> Response:
    return settle(hear_reply(response, reply(the(response, agency), kind)), PLAN, NOON + SECOND)


def gap_accepted(response: Response, agency: str) -> Response:
    done = accept_gap(response, the(response, agency).task_id, "cukup", PLAN, NOON + SECOND)
    assert isinstance(done, Response)
    return done


def called_off(response: Response, agency: str) -> Response:
    done = cancel(response, the(response, agency).task_id, "tidak perlu", PLAN, NOON + SECOND)
    assert isinstance(done, Response)
    return done


def test_a_response_ends_when_every_agency_is_done() -> None:
    half = said(asked("damkar", "dinkes"), "damkar", DONE)
    assert half.status is ResponseStatus.ACTIVE
    whole = said(half, "dinkes", DONE)
    assert (whole.status, whole.disposition, whole.ended_at) == (
        ResponseStatus.ENDED,
        Disposition.HELPED,
        NOON + SECOND,
    )
    assert whole.next_due_at is None


def test_an_open_gap_keeps_the_response_open() -> None:
    response = said(said(asked("pln", "dinkes"), "pln", DECLINED), "dinkes", DONE)
    assert response.status is ResponseStatus.NEEDS_SUPERVISOR


@pytest.mark.parametrize(
    ("words", "left", "disposition"),
    [
        ({"damkar": DONE, "pln": DECLINED}, ["pln"], Disposition.PARTLY_HELPED),
        ({"pln": DECLINED}, ["pln"], Disposition.NOT_HELPED),
        ({"damkar": DECLINED, "bpbd": DONE}, [], Disposition.HELPED),
    ],
)
def test_how_it_ended_follows_from_who_helped(
    words: dict[str, ReplyKind], left: list[str], disposition: Disposition
) -> None:
    response = asked(*[agency for agency in words if agency != "bpbd"])
    for agency, word in words.items():
        response = said(response, agency, word)
    for agency in left:
        response = gap_accepted(response, agency)
    assert response.disposition is disposition


def test_an_agency_that_a_person_called_off_was_not_needed() -> None:
    response = said(called_off(asked("damkar", "pln"), "pln"), "damkar", DONE)
    assert response.disposition is Disposition.HELPED


def test_a_round_in_which_all_was_called_off_is_cancelled() -> None:
    assert called_off(asked("damkar"), "damkar").disposition is Disposition.CANCELLED


def test_a_new_escalation_makes_an_ended_response_active_with_its_new_tasks_only() -> None:
    ended = said(asked("damkar"), "damkar", DONE)
    again = hear_ticket(ended, ticket("dinkes", round_=2, earlier=[FIRST]), PLAN, NOON + 2 * SECOND)
    assert again is not None
    assert (again.status, again.round, again.disposition) == (ResponseStatus.ACTIVE, 2, None)
    assert states(again) == {"damkar": "done", "dinkes": "offered"}


def test_each_round_has_its_own_end() -> None:
    ended = said(asked("damkar"), "damkar", DONE)
    again = hear_ticket(ended, ticket("pln", round_=2, earlier=[FIRST]), PLAN, NOON)
    assert again is not None
    over = gap_accepted(said(again, "pln", DECLINED), "pln")
    assert (over.round, over.disposition) == (2, Disposition.NOT_HELPED)


def test_a_new_escalation_while_others_work_raises_the_round() -> None:
    more = hear_ticket(asked("damkar"), ticket("dinkes", round_=2, earlier=[FIRST]), PLAN, NOON)
    assert more is not None
    assert more.round == 2
    assert states(more) == {"damkar": "offered", "dinkes": "offered"}


def test_reopening_without_an_escalation_asks_nobody() -> None:
    ended = said(asked("damkar"), "damkar", DONE)
    reopened = hear_ticket(ended, ticket(round_=2, earlier=[FIRST]), PLAN, NOON)
    assert reopened is not None
    assert (reopened.status, reopened.round) == (ResponseStatus.ENDED, 1)


def test_an_agency_named_twice_in_one_escalation_has_one_task() -> None:
    assert len(asked("damkar", "damkar").tasks) == 1


def test_a_ticket_without_escalations_makes_no_response() -> None:
    assert hear_ticket(None, ticket(), PLAN, NOON) is None


@pytest.mark.parametrize("by_state", [True, False])
def test_triages_closing_calls_off_what_is_open_and_is_not_told_again(by_state: bool) -> None:
    response = said(asked("damkar", "pln"), "pln", DECLINED)
    if by_state:
        closed = hear_ticket(response, ticket("damkar", "pln", closed=True), PLAN, NOON)
    else:
        closed = hear_closing(response, Closing(TENANT, TICKET, 1), NOON)
    assert closed is not None
    assert states(closed) == {"damkar": "cancelled", "pln": "declined"}
    assert {(task.gap, task.gap_reason) for task in closed.tasks} == {(GapStatus.ACCEPTED, TICKET_CLOSED)}
    assert (closed.status, closed.disposition) == (ResponseStatus.ENDED, None)


def test_the_closing_of_an_older_round_is_stale() -> None:
    response = hear_ticket(None, ticket("damkar", round_=3), PLAN, NOON)
    closed = hear_closing(response, Closing(TENANT, TICKET, 2), NOON)
    assert closed is not None
    assert states(closed) == {"damkar": "offered"}


def test_a_closing_that_overtakes_its_escalation_asks_nobody() -> None:
    closed = hear_closing(None, Closing(TENANT, TICKET, 1), NOON)
    response = hear_ticket(closed, ticket("damkar"), PLAN, NOON)
    assert response is not None
    assert (response.tasks, response.status) == ((), ResponseStatus.ENDED)


def test_a_round_after_an_overtaking_closing_is_worked_on() -> None:
    closed = hear_closing(None, Closing(TENANT, TICKET, 1), NOON)
    response = hear_ticket(closed, ticket("pln", round_=3, earlier=[FIRST]), PLAN, NOON)
    assert response is not None
    assert (response.round, states(response)) == (3, {"pln": "offered"})


def test_the_closing_of_a_ticket_that_was_never_escalated_is_nothing_to_us() -> None:
    assert hear_closing(None, Closing(TENANT, TICKET, 0), NOON) is None
