"""A ticket's story: many tellings, one order."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from siaga_cli.commands.shown.timeline import DISPATCH, INTAKE, NOTIFIER, TRIAGE, Told, merge

BEGAN = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def line(second: float, what: str, **more: Any) -> dict[str, Any]:
    at = (BEGAN + timedelta(seconds=second)).isoformat()
    return {"version": 1, "at": at, "what": what, "by": "petugas", "why": "", "trace_id": "t", **more}


def told(service: str, *lines: dict[str, Any], about: str = "x", **more: Any) -> Told:
    return Told(service, about, {"timeline": list(lines), **more})


def test_steps_of_all_services_stand_in_the_order_of_the_server_clocks() -> None:
    steps = merge(
        [
            told(NOTIFIER, line(4, "delivery.delivered")),
            told(TRIAGE, line(1, "ticket.opened"), line(5, "ticket.closed")),
            told(INTAKE, line(0, "call.answered")),
            told(DISPATCH, line(3, "ticket.heard")),
        ]
    )
    assert [step.what for step in steps] == [
        "call.answered",
        "ticket.opened",
        "ticket.heard",
        "delivery.delivered",
        "ticket.closed",
    ]


def test_at_the_same_moment_the_call_comes_before_the_desk_and_the_desk_before_the_agencies() -> None:
    steps = merge([told(service, line(0, service)) for service in (NOTIFIER, DISPATCH, TRIAGE, INTAKE)])
    assert [step.service for step in steps] == [INTAKE, TRIAGE, DISPATCH, NOTIFIER]


def test_the_same_step_told_twice_is_there_once() -> None:
    assert len(merge([told(TRIAGE, line(0, "ticket.opened")), told(TRIAGE, line(0, "ticket.opened"))])) == 1


def test_what_only_programs_need_is_left_out() -> None:
    assert merge([told(NOTIFIER, line(0, "delivery.claimed")), told(TRIAGE, line(0, "link.joined"))]) == ()


def test_the_exchange_s_clock_is_shown_and_a_program_s_is_not() -> None:
    device = "2026-11-22T02:59:58Z"
    (fact, heard) = merge(
        [
            told(INTAKE, line(0, "call.answered", by="queue_log", occurred_at=device)),
            told(TRIAGE, line(1, "call.heard", by="intake", occurred_at=device)),
        ]
    )
    assert fact.occurred_at == datetime(2026, 11, 22, 2, 59, 58, tzinfo=UTC)
    assert heard.occurred_at is None


def test_an_agency_s_reply_has_the_agency_s_name_and_clock() -> None:
    tasks = [{"agency": "damkar", "accepted_at": "2026-11-22T02:58:00Z"}]
    heard = line(
        0,
        "reply.heard",
        by="agency-notifier",
        occurred_at="2026-11-22T03:00:00Z",
        why="damkar says accepted; damkar accepted",
    )
    (step,) = merge([told(DISPATCH, heard, tasks=tasks)])
    assert (step.by, step.occurred_at) == ("damkar", datetime(2026, 11, 22, 2, 58, tzinfo=UTC))


def test_an_agency_with_two_tasks_gets_no_time_that_may_be_the_other_task_s() -> None:
    tasks = [{"agency": "damkar", "accepted_at": "2026-11-22T02:58:00Z"}, {"agency": "damkar"}]
    (step,) = merge([told(DISPATCH, line(0, "reply.heard", why="damkar says accepted"), tasks=tasks)])
    assert step.occurred_at is None


def test_a_step_whose_time_cannot_be_read_is_not_lost() -> None:
    (first, second) = merge([told(TRIAGE, line(1, "ticket.opened"), line(0, "ticket.changed", at="soon"))])
    assert (first.what, first.at) == ("ticket.changed", None)
    assert second.what == "ticket.opened"


ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(st.sampled_from(["timeline", "tasks", "x"]), ANY_JSON), max_size=4))
def test_no_answer_of_any_version_breaks_it(answers: list[dict[str, Any]]) -> None:
    steps = merge([Told(DISPATCH, "x", answer) for answer in answers])
    assert list(steps) == list(merge([Told(DISPATCH, "x", answer) for answer in answers]))


@given(st.lists(st.integers(0, 5), max_size=8), st.randoms(use_true_random=False))
def test_the_order_in_which_services_answered_changes_nothing(seconds: list[int], random: Any) -> None:
    tellings = [
        told(TRIAGE, line(second, "call.updated"), about=str(place)) for place, second in enumerate(seconds)
    ]
    shuffled = random.sample(tellings, len(tellings))
    assert merge(tellings) == merge(shuffled)
