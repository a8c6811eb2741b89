"""Figures add up by construction, say what they stand on, and never hide what they cannot see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schemas.vocabulary import CallOutcome, Classification, Disposition, TaskStatus, TicketStatus
from statistics_service.domain.indicators import INDICATORS
from statistics_service.domain.profiles import NENA_2020, NFPA_1225_2022, profile_named
from statistics_service.domain.recap import QUEUE_LOG_CANNOT_SEE, Threshold, percentile, recap
from statistics_service.domain.rows import CallRow, DeskRow, Month, TaskRow, TicketRow

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

OUTCOMES = st.sampled_from([*CallOutcome, None])
CALLS = st.lists(
    st.builds(
        CallRow,
        call_id=st.integers(0, 30).map(str),
        started_at=st.just(NOON),
        outcome=OUTCOMES,
        waiting_seconds=st.none() | st.floats(0, 300),
        talking_seconds=st.none() | st.floats(0, 300),
        witnesses=st.sampled_from([("queue_log",), ("events_api",), ("report",), ()]),
    ),
    unique_by=lambda call: call.call_id,
)
DESKS = st.lists(
    st.builds(
        DeskRow,
        call_id=st.integers(0, 30).map(str),
        classification=st.none() | st.sampled_from([*Classification, "a_word_of_tomorrow"]),
        reclassified=st.integers(0, 2),
    ),
    unique_by=lambda desk: desk.call_id,
)
TICKETS = st.lists(
    st.builds(
        TicketRow,
        ticket_id=st.integers(0, 20).map(str),
        opened_at=st.just(NOON),
        incident_type=st.sampled_from(["kebakaran", "medis"]),
        common_type=st.sampled_from(["structure_fire", "medical"]),
        priority=st.just("P1"),
        lane=st.sampled_from(["emergency", "non_emergency"]),
        status=st.sampled_from(TicketStatus),
        disposition=st.none() | st.sampled_from(Disposition),
        reopened=st.integers(0, 2),
    ),
    unique_by=lambda ticket: ticket.ticket_id,
)
TASKS = st.lists(
    st.builds(
        TaskRow,
        ticket_id=st.integers(0, 20).map(str),
        task_id=st.integers(0, 60).map(str),
        agency=st.sampled_from(["damkar", "pmi"]),
        status=st.sampled_from([*TaskStatus, "a_state_of_tomorrow"]),
    ),
    unique_by=lambda task: task.task_id,
)
MONTHS = st.builds(Month, CALLS.map(tuple), DESKS.map(tuple), TICKETS.map(tuple), TASKS.map(tuple))


def call(
    number: int, outcome: CallOutcome | None, *, waited: float | None = 5, talked: float | None = 30
) -> CallRow:
    return CallRow(str(number), NOON, outcome, "", waited, talked, ("queue_log",))


def answered(*waits: float | None) -> tuple[CallRow, ...]:
    return tuple(call(n, CallOutcome.ANSWERED, waited=wait) for n, wait in enumerate(waits))


@given(MONTHS)
def test_every_sum_holds_whatever_the_month_was(month: Month) -> None:
    told = recap(month, NENA_2020)
    assert [check for check in told.checks if not check.holds] == []


@given(MONTHS)
def test_every_figure_has_a_definition(month: Month) -> None:
    assert {figure.indicator for figure in recap(month, NENA_2020).figures} <= set(INDICATORS)


@given(MONTHS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_changes_nothing(month: Month, random: object) -> None:
    turned = Month(month.calls[::-1], month.desks[::-1], month.tickets[::-1], month.tasks[::-1])
    assert recap(turned, NENA_2020) == recap(month, NENA_2020)


def test_an_empty_month_has_zeros_and_no_shares() -> None:
    told = recap(Month(), NENA_2020)
    assert told.value("calls_received") == 0
    assert told.value("answer_rate") is None
    assert told.value("answer_seconds_p90") is None


def test_a_class_of_a_call_that_was_not_answered_does_not_count() -> None:
    month = Month(calls=(call(1, CallOutcome.UNANSWERED),), desks=(DeskRow("1", Classification.EMERGENCY),))
    told = recap(month, NENA_2020)
    assert told.value("calls_by_class", Classification.EMERGENCY) == 0


def test_an_answered_call_without_a_class_is_named() -> None:
    told = recap(Month(calls=answered(1, 2), desks=(DeskRow("0", Classification.PRANK),)), NENA_2020)
    assert told.value("calls_not_classified") == 1
    assert told.value("prank_and_ghost_rate") == 0.5


@pytest.mark.parametrize(
    ("numbers", "rank", "expected"),
    [((), 90, None), ((7,), 50, 7), ((1, 2), 50, 1), (range(1, 11), 90, 9), (range(1, 101), 95, 95)],
)
def test_percentiles_are_nearest_rank(numbers: range, rank: int, expected: float | None) -> None:
    assert percentile(list(numbers), rank) == expected


def test_a_threshold_tells_its_share_its_sample_and_whether_it_is_met() -> None:
    told = recap(Month(calls=answered(*[5] * 9, 16, None)), NENA_2020)
    within = {one.of: one for one in told.figures if one.indicator == "answered_within"}
    assert (within["15 s"].numerator, within["15 s"].denominator, within["15 s"].met) == (9, 10, True)
    assert within["20 s"].met is True
    assert told.value("answer_sample_excluded") == 1


def test_a_stricter_profile_judges_the_same_times_differently() -> None:
    month = Month(calls=answered(12, 12, 12))
    assert [one.met for one in recap(month, NFPA_1225_2022).figures if one.required] == [False]
    own = profile_named("own", (Threshold(30, 0.5),))
    assert [one.met for one in recap(month, own).figures if one.required] == [True]


def test_a_month_seen_by_the_queue_log_alone_says_what_that_cannot_see() -> None:
    assert recap(Month(calls=answered(1)), NENA_2020).unseen == QUEUE_LOG_CANNOT_SEE


def test_one_call_with_another_witness_does_not_open_the_queue_logs_eyes() -> None:
    seen = CallRow("9", NOON, CallOutcome.ABANDONED_IN_MENU, witnesses=("events_api",))
    assert recap(Month(calls=(*answered(1), seen)), NENA_2020).unseen == QUEUE_LOG_CANNOT_SEE


def test_a_month_whose_calls_all_have_a_witness_of_menus_says_nothing_of_the_kind() -> None:
    both = [replace(one, witnesses=("events_api", "queue_log")) for one in answered(1)]
    assert recap(Month(calls=tuple(both)), NENA_2020).unseen == ()


def test_a_ticket_that_no_agency_ever_took_is_not_followed_up() -> None:
    tickets = tuple(
        TicketRow(n, NOON, "kebakaran", "structure_fire", "P1", "emergency", "closed", "helped") for n in "ab"
    )
    tasks = (
        TaskRow("a", "1", "damkar", TaskStatus.DECLINED),
        TaskRow("b", "2", "damkar", TaskStatus.UNANSWERED),
        TaskRow("b", "3", "pmi", TaskStatus.DONE),
    )
    told = recap(Month(tickets=tickets, tasks=tasks), NENA_2020)
    assert told.value("tickets_not_followed_up") == 1
    assert told.value("tasks_by_agency", "damkar") == 2
    assert (told.value("tickets_by_agency", "damkar"), told.value("tickets_by_agency", "pmi")) == (2, 1)


def test_a_ticket_counts_once_at_an_agency_that_was_asked_twice() -> None:
    tasks = (TaskRow("a", "1", "damkar", TaskStatus.UNANSWERED), TaskRow("a", "2", "damkar", TaskStatus.DONE))
    told = recap(Month(tasks=tasks), NENA_2020)
    assert (told.value("tickets_by_agency", "damkar"), told.value("tasks_by_agency", "damkar")) == (1, 2)


@pytest.mark.parametrize("told", [NOON, datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)])
def test_acceptance_counts_from_the_first_offer_whatever_the_agencys_clock_says(told: datetime) -> None:
    recorded = NOON + timedelta(seconds=42)
    task = TaskRow("a", "1", "damkar", "done", NOON, told, acceptance_recorded_at=recorded)
    assert recap(Month(tasks=(task,)), NENA_2020).value("acceptance_seconds_p90") == 42


def test_an_acceptance_that_no_server_timed_is_no_sample() -> None:
    task = TaskRow("a", "1", "damkar", "done", NOON, NOON + timedelta(seconds=42))
    (figure,) = (
        one
        for one in recap(Month(tasks=(task,)), NENA_2020).figures
        if one.indicator == "acceptance_seconds_p90"
    )
    assert (figure.value, figure.sample) == (None, 0)
