"""An agency's word: any order, any repeat, later states imply earlier ones, and never back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from dispatch.domain.replies import hear_reply
from dispatch.domain.response import EARLY_REPLIES_KEPT, Response
from dispatch.domain.settling import settle
from dispatch.domain.tickets import hear_ticket
from services.dispatch.tests.world import (
    NOON,
    PLAN,
    TENANT,
    TICKET,
    reply,
    states,
    the,
    ticket,
)
from shared_schemas.vocabulary import ReplyKind, TaskStatus

MINUTE = timedelta(minutes=1)
STORY = (
    (ReplyKind.ACCEPTED, 1 * MINUTE),
    (ReplyKind.EN_ROUTE, 2 * MINUTE),
    (ReplyKind.ON_SCENE, 9 * MINUTE),
    (ReplyKind.DONE, 40 * MINUTE),
)


def asked(*agencies: str) -> Response:
    response = hear_ticket(None, ticket(*agencies), PLAN, NOON)
    assert response is not None
    return response


def after(response: Response, *words: tuple[ReplyKind, timedelta]) -> Response:
    for kind, when in words:
        said = hear_reply(response, reply(the(response, "damkar"), kind, after=when))
        response = settle(said, PLAN, NOON)
    return response


@pytest.mark.parametrize(
    ("kind", "filled"),
    [
        (ReplyKind.ACCEPTED, {"accepted_at"}),
        (ReplyKind.EN_ROUTE, {"accepted_at", "en_route_at"}),
        (ReplyKind.ON_SCENE, {"accepted_at", "en_route_at", "on_scene_at"}),
        (ReplyKind.DONE, {"accepted_at", "en_route_at", "on_scene_at", "ended_at"}),
    ],
)
def test_a_later_state_implies_the_earlier_ones(kind: ReplyKind, filled: set[str]) -> None:
    task = the(after(asked("damkar"), (kind, MINUTE)), "damkar")
    times = ("accepted_at", "en_route_at", "on_scene_at", "ended_at")
    assert task.status is TaskStatus(kind.value)
    assert {name for name in times if getattr(task, name) == NOON + MINUTE} == filled


def test_every_order_of_one_agencys_story_ends_the_same() -> None:
    ends = {repr(after(asked("damkar", "dinkes"), *order).tasks) for order in permutations(STORY)}
    assert len(ends) == 1


def test_a_task_never_goes_back() -> None:
    response = after(asked("damkar"), STORY[2], STORY[0], STORY[1])
    assert the(response, "damkar").status is TaskStatus.ON_SCENE


@pytest.mark.parametrize("last", [ReplyKind.DECLINED, ReplyKind.ACCEPTED])
def test_nothing_takes_done_back(last: ReplyKind) -> None:
    done = after(asked("damkar", "dinkes"), (ReplyKind.DONE, MINUTE))
    again = after(done, (last, 2 * MINUTE))
    assert states(again) == {"damkar": "done", "dinkes": "offered"}


def test_a_declined_task_stays_declined_whatever_comes_after() -> None:
    response = after(asked("damkar"), (ReplyKind.DECLINED, MINUTE), (ReplyKind.ACCEPTED, 2 * MINUTE))
    assert states(response) == {"damkar": "declined", "bpbd": "offered"}


def test_a_repeated_decline_asks_one_substitute_once() -> None:
    once = after(asked("damkar"), (ReplyKind.DECLINED, MINUTE))
    assert after(once, (ReplyKind.DECLINED, MINUTE)) == once


def test_another_agency_cannot_answer_for_this_one() -> None:
    response = asked("damkar")
    foreign = reply(the(response, "damkar").task_id, ReplyKind.DONE, agency="bpbd")
    assert hear_reply(response, foreign) == response


def test_a_called_off_task_stays_called_off() -> None:
    response = asked("damkar")
    task = the(response, "damkar").ended(TaskStatus.CANCELLED, NOON, "hujan deras")
    response = response.with_task(task)
    assert hear_reply(response, reply(task, ReplyKind.ACCEPTED)) == response


def test_a_reply_before_its_ticket_is_kept_and_counts_when_the_task_appears() -> None:
    task_id = the(asked("damkar"), "damkar").task_id
    word = reply(task_id, ReplyKind.ACCEPTED, agency="damkar", after=MINUTE)
    early = hear_reply(Response(TENANT, TICKET), word)
    assert early.tasks == ()
    response = hear_ticket(early, ticket("damkar"), PLAN, NOON)
    assert response == after(asked("damkar"), (ReplyKind.ACCEPTED, MINUTE))


def test_replies_about_tasks_that_never_come_are_bounded() -> None:
    response = Response(TENANT, TICKET)
    for number in range(EARLY_REPLIES_KEPT + 5):
        word = reply(f"unknown-{number}", ReplyKind.DONE, agency="damkar", after=number * MINUTE)
        response = hear_reply(response, word)
    assert len(response.early) == EARLY_REPLIES_KEPT
    assert response.early[0].task_id == "unknown-5"


@pytest.mark.parametrize("told", [datetime(1, 1, 1, tzinfo=UTC), NOON, datetime(9999, 12, 31, tzinfo=UTC)])
def test_an_agencys_clock_is_shown_and_only_the_servers_is_counted_with(told: datetime) -> None:
    response = asked("damkar")
    word = replace(reply(the(response, "damkar"), ReplyKind.ON_SCENE, after=MINUTE), occurred_at=told)
    task = the(settle(hear_reply(response, word), PLAN, NOON + MINUTE), "damkar")
    assert (task.accepted_at, task.on_scene_at) == (told, told)
    assert (task.acceptance_recorded_at, task.arrival_recorded_at) == (NOON + MINUTE, NOON + MINUTE)
    assert task.due_at == NOON + MINUTE + PLAN.clocks.completion[ticket().brief.priority]
