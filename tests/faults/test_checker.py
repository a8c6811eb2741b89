"""Each violation that the checker can name is seen by it, and a run that held breaks nothing."""

from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checker import BACK, DOUBLED, FIGURES, LOST, RECOVERY, REST, violations
from tests.faults.checks.recovery import recoveries
from tests.faults.good_history import FIGURES as GOOD_FIGURES
from tests.faults.good_history import (
    GOOD,
    INPUTS,
    LOG,
    MONTH,
    STATES,
    TENANT,
    call,
    delivery,
    desk_call,
    request,
    response,
    said,
    task,
    ticket,
    told,
)
from tests.faults.history import KILL, PAUSE, Death, Fault, Figure, History, Letter, Said
from tests.faults.noted import POISON


def states(**news: Any) -> History:
    return replace(GOOD, states=replace(STATES, **news))


def inputs(**news: Any) -> History:
    return replace(GOOD, inputs=replace(INPUTS, **news))


def logged(*more: Said) -> History:
    return replace(GOOD, log=(*LOG, *more))


def without(topic: str) -> History:
    return replace(GOOD, log=tuple(one for one in LOG if one.topic != topic))


def figure(name: str, part: str, value: float | None, **sides: Any) -> History:
    return states(figures={TENANT: GOOD_FIGURES | {(MONTH, name, part): Figure(value, **sides)}})


def test_an_offer_that_was_made_after_the_agency_had_answered_needs_no_message() -> None:
    second = {"step": 2, "contact": "piket", "due_at": "2026-11-22T03:02:00Z"}
    late = response(task(offers=[*task()["offers"], second]))
    answer = said("agency.replied", "agency-notifier", "reply/r2", 1, {"task_id": "k1", "reply": "accepted"})
    at = {"recorded_at": "2026-11-22T03:01:59Z"}
    before = replace(answer, body={**answer.body, **at})
    after = replace(answer, body={**before.body, "recorded_at": "2026-11-22T03:02:01Z"})
    others = tuple(one for one in LOG if one.topic != "agency.replied")
    done = replace(LOG[-1], body={**LOG[-1].body, "recorded_at": "2026-11-22T03:03:00Z"})
    asked = states(responses=(late,))
    assert sentences(replace(asked, log=(*others, before, done))) == []
    assert "no message was made" in " ".join(sentences(replace(asked, log=(*others, after, done))))


def test_an_offer_that_was_called_off_before_its_time_was_over_needs_no_message() -> None:
    offered = {"step": 1, "contact": "posko", "at": "2026-11-22T03:01:00Z", "due_at": "2026-11-22T03:02:00Z"}

    def called_off(ended_at: str, status: str = "cancelled") -> History:
        other = task(task_id="k2", stands_in_for="k1", status=status, offers=[offered], ended_at=ended_at)
        return states(responses=(response(task(), other),))

    unmade = "no message was made"
    assert not any(unmade in one for one in sentences(called_off("2026-11-22T03:01:01Z")))
    assert any(unmade in one for one in sentences(called_off("2026-11-22T03:02:01Z")))
    assert any(unmade in one for one in sentences(called_off("2026-11-22T03:01:01Z", status="done")))


def test_an_event_that_was_broken_on_purpose_is_no_good_one() -> None:
    noted = {POISON: [{"topic": LETTER.topic, "place": LETTER.place}]}
    assert sentences(replace(GOOD, buried=(LETTER,), noted=noted)) == []
    assert sentences(replace(GOOD, buried=(LETTER,))) != []


def test_an_answer_before_the_exchanges_clock_went_back_has_no_time_and_is_not_lost() -> None:
    back = {"answered_at": None, "ended_at": "2026-10-31T16:29:00Z"}
    known = states(desk_calls=(desk_call(**back),))
    unknown = states(desk_calls=(desk_call(**back, outcome="abandoned_in_queue"),))
    assert LOST not in [one.kind for one in violations(known)]
    assert LOST in [one.kind for one in violations(unknown)]


def at_once(*contacts: tuple[int, str]) -> dict[str, Any]:
    return task(offers=[{"step": step, "contact": contact} for step, contact in contacts])


def sentences(history: History) -> list[str]:
    return [str(one) for one in violations(history)]


LETTER = Letter("triage", "call.updated", "0/1", "x")
CASES = [
    # lost
    ("calls=()", states(calls=()), LOST, "call c1 (ended) was acknowledged and intake does not have it"),
    ("desk", states(desk_calls=()), LOST, "call c1 (ended) was acknowledged and the desk does not have it"),
    ("end", states(calls=(call(ended_at=None),)), LOST, "ended was acknowledged and intake does not know it"),
    (
        "answer",
        states(desk_calls=(desk_call(answered_at=None),)),
        LOST,
        "answered was acknowledged and the desk does not know it",
    ),
    ("untold", without("call.received"), LOST, "call c1 was acknowledged and never told"),
    (
        "class",
        states(desk_calls=(desk_call(classification=None),)),
        LOST,
        "classified emergency, acknowledged",
    ),
    ("ticket", states(tickets=()), LOST, "ticket t1 was acknowledged and the desk does not have it"),
    ("handed", states(tickets=(ticket(escalations=[]),)), LOST, "its acknowledged escalation e1 is gone"),
    ("task", states(responses=()), LOST, "dinkes was to be asked and dispatch has no task for it"),
    ("message", states(deliveries=()), LOST, "was offered its task (step 1) and no message was made"),
    ("request", replace(GOOD, requests=()), LOST, "counts as delivered and was never received"),
    ("waits", states(deliveries=(delivery(status="waiting"),)), LOST, "delivery d1 to dinkes still waits"),
    ("reply", without("agency.replied"), LOST, "done was acknowledged and no agency.replied tells it"),
    ("done", states(responses=(response(task(status="offered")),)), LOST, "dispatch tells offered"),
    ("refused", inputs(refused=("call c9 was never answered",)), LOST, "call c9 was never answered"),
    # doubled
    ("tickets", states(tickets=(ticket(), ticket(ticket_id="t2"))), DOUBLED, "call c1 has 2 tickets"),
    (
        "number",
        states(tickets=(ticket(), ticket(calls=[]))),
        DOUBLED,
        "ticket number TTU-1 was given 2 times",
    ),
    (
        "escalations",
        states(tickets=(ticket(escalations=[{"escalation_id": "e1"}, {"escalation_id": "e2"}]),)),
        DOUBLED,
        "was escalated 1 times and has 2 escalations",
    ),
    (
        "tasks",
        states(responses=(response(task(), task(task_id="k2")),)),
        DOUBLED,
        "escalation e1: dinkes has 2 tasks",
    ),
    (
        "two ids in the store",
        states(deliveries=(delivery(), delivery(delivery_id="d2"))),
        DOUBLED,
        "task k1, step 1 has 2 delivery ids: d1, d2",
    ),
    (
        "two ids in the log",
        logged(said("notification.updated", "agency-notifier", "delivery/d2", 1, delivery(delivery_id="d2"))),
        DOUBLED,
        "task k1, step 1 has 2 delivery ids: d1, d2",
    ),
    (
        "another id at the agency",
        replace(GOOD, requests=(request(101.5), request(102.0, message_id="x1"))),
        DOUBLED,
        "delivery d1 reached dinkes under another id, x1",
    ),
    (
        "unknown id at the agency",
        replace(GOOD, requests=(request(101.5), request(102.0, message_id="x1", delivery_id="x1"))),
        DOUBLED,
        "dinkes was sent x1, which the notifier does not know",
    ),
    (
        "one contact under two ids",
        replace(
            states(
                deliveries=(delivery(), delivery(delivery_id="d2", step=2)),
                responses=(response(at_once((1, "posko"), (2, "piket"))),),
            ),
            requests=(request(101.5), request(102.0, message_id="d2", delivery_id="d2")),
        ),
        DOUBLED,
        "posko was offered it 1 times and got it under 2 ids",
    ),
    (
        "repeat without a kill",
        replace(GOOD, requests=(request(101.5), request(103.5))),
        DOUBLED,
        "message d1 reached dinkes again after 2.0 s, and nothing was killed while it was under way",
    ),
    (
        "a kill long after the message explains no repeat of it",
        replace(
            GOOD,
            requests=(request(101.5), request(140.0)),
            faults=(Fault("agency-notifier", KILL, 130.0, 130.0),),
        ),
        DOUBLED,
        "again after 38.5 s",
    ),
    (
        "one kill explains one repeat",
        replace(
            GOOD,
            requests=(request(101.5), request(102.5), request(103.0)),
            faults=(Fault("agency-notifier", KILL, 102.0, 102.0),),
        ),
        DOUBLED,
        "again after 0.5 s",
    ),
    (
        "what was done when nobody called explains nothing",
        replace(
            GOOD,
            requests=(request(101.5), request(103.5)),
            faults=(Fault("agency-notifier", PAUSE, 102.0, 103.0, at_rest=True),),
        ),
        DOUBLED,
        "again after 2.0 s",
    ),
    (
        "more repeats than kills",
        replace(
            GOOD,
            requests=(request(101.5), request(110.0), request(120.0)),
            faults=(Fault("agency-notifier", KILL, 102.0, 102.0),),
        ),
        DOUBLED,
        "again after 10.0 s",
    ),
    (
        "reply",
        logged(said("agency.replied", "agency-notifier", "reply/r2", 1, {"task_id": "k1", "reply": "done"})),
        DOUBLED,
        "task k1: done was said once and is 2 facts",
    ),
    # went back
    (
        "one sequence, two states",
        logged(said("call.updated", "intake", "call/c1", 4, call(outcome="unanswered"))),
        BACK,
        "intake's call/c1: sequence 4 was told on call.updated as different states: outcome",
    ),
    (
        "a stage",
        logged(said("call.updated", "intake", "call/c1", 5, call(stage="queued"))),
        BACK,
        "intake's call/c1: stage went from 3 back to 1 between sequence 4 and 5",
    ),
    (
        "a task",
        logged(said("task.updated", "dispatch", "response/t1", 8, response(task(status="accepted")))),
        BACK,
        "task k1 went from 4 back to 1",
    ),
    (
        "escalations",
        logged(said("ticket.updated", "triage", "ticket/t1", 9, ticket(escalations=[]))),
        BACK,
        "escalations went from 1 back to 0",
    ),
    (
        "attempts",
        logged(
            said(
                "notification.updated", "agency-notifier", "delivery/d1", 3, delivery(attempts=[], version=3)
            )
        ),
        BACK,
        "attempts went from 1 back to 0",
    ),
    (
        "the store",
        states(tickets=(ticket(version=4),)),
        BACK,
        "triage told sequence 5 of ticket/t1 and its store is back at 4",
    ),
    # figures
    (
        "one more",
        figure("calls_received", "", 2),
        FIGURES,
        "1 calls were acknowledged and the recap counts 2",
    ),
    ("one class", figure("calls_by_class", "ghost", 1), FIGURES, "calls_by_class/ghost = 1, the log 0"),
    ("no tasks", figure("tasks_total", "", 0), FIGURES, "the recap tells 2026-11/tasks_total = 0, the log 1"),
    (
        "no recap",
        states(figures={TENANT: {}}),
        FIGURES,
        "the recap tells 2026-11/tickets_opened = 0, the log 1",
    ),
    (
        "a share's other side",
        figure("answer_rate", "", 1.0, numerator=2, denominator=2, sample=2),
        FIGURES,
        "answer_rate = 1.0 {'numerator': 2, 'denominator': 2, 'sample': 2}, the log 1.0 {'numerator': 1",
    ),
    (
        "a percentile that is rounded",
        figure("acceptance_seconds_p90", "", 2.5, sample=1),
        FIGURES,
        "acceptance_seconds_p90 = 2.5 {'sample': 1}, the log 2.499999",
    ),
    (
        "another threshold",
        figure("answered_within", "15 s", 1.0, numerator=1, denominator=1, sample=1, required=0.8),
        FIGURES,
        "'required': 0.8}, the log 1.0",
    ),
    ("a figure that nobody recounts", figure("calls_sung", "", 1), FIGURES, "calls_sung = 1, the log 0"),
    (
        "another month",
        states(figures={TENANT: {("2026-10", *name[1:]): one for name, one in GOOD_FIGURES.items()}}),
        FIGURES,
        "2026-10/calls_answered = 1, the log 0",
    ),
    ("a wrong sum", states(wrong_sums=("a is 1, b + c 2",)), FIGURES, "a is 1, b + c 2"),
    # recovery
    (
        "late answer",
        inputs(told=(*INPUTS.told, told("ended", 106.0, seconds=0.3))),
        RECOVERY,
        "16.0 s after the last fault something was still acknowledged late (over 0.25 s)",
    ),
    (
        "late request",
        replace(
            inputs(escalated=(replace(INPUTS.escalated[0], at=105.5),)),
            requests=(request(111.0),),
        ),
        RECOVERY,
        "15.5 s after the last fault something was still asked late (over 5.00 s)",
    ),
    (
        "nothing to see",
        replace(GOOD, faults=(Fault("intake", KILL, 300.0, 300.0),), deaths=()),
        RECOVERY,
        "nothing was acknowledged after the last fault",
    ),
    # rest
    (
        "buried",
        replace(GOOD, buried=(LETTER, LETTER)),
        REST,
        "2 good events of call.updated were buried by triage: x",
    ),
    ("unfinished", states(unfinished=("triage is 3 events behind",)), REST, "triage is 3 events behind"),
    ("open ticket", states(tickets=(ticket(status="escalated"),)), REST, "ticket t1 was helped to its end"),
    ("fell", replace(GOOD, deaths=(Death("triage", "70"),)), REST, "triage ended by itself (exit 70)"),
    (
        "died twice",
        replace(GOOD, deaths=GOOD.deaths * 2),
        REST,
        "agency-notifier was killed 1 times and died 2 times",
    ),
]


def test_a_run_that_held_breaks_nothing() -> None:
    assert sentences(GOOD) == []


@pytest.mark.parametrize(
    ("history", "kind", "sentence"),
    [case[1:] for case in CASES],
    ids=[f"{case[2]}: {case[0]}" for case in CASES],
)
def test_each_violation_is_named(history: History, kind: str, sentence: str) -> None:
    found = [one for one in violations(history) if one.kind == kind]
    assert any(sentence in one.sentence for one in found), sentences(history)


def test_a_repeat_after_a_kill_is_none() -> None:
    killed = Fault("agency-notifier", KILL, 102.0, 102.0)
    history = replace(
        GOOD,
        requests=(request(101.5), request(110.0)),
        faults=(killed,),
        inputs=replace(INPUTS, told=(*INPUTS.told, told("ended", 110.0))),
    )
    assert [one for one in violations(history) if one.kind == DOUBLED] == []


def test_a_repeat_in_a_pause_is_none_and_another_programs_fault_explains_nothing() -> None:
    requests = (request(101.5), request(110.0))
    paused = Fault("agency-notifier", PAUSE, 95.0, 109.0)
    others = Fault("statistics", PAUSE, 95.0, 109.0)
    assert not [
        one for one in violations(replace(GOOD, requests=requests, faults=(paused,))) if one.kind == DOUBLED
    ]
    assert [
        one for one in violations(replace(GOOD, requests=requests, faults=(others,))) if one.kind == DOUBLED
    ]


def test_an_announcement_says_the_same_event_again() -> None:
    assert sentences(logged(LOG[1], LOG[5])) == []


def test_an_older_event_that_comes_late_is_dull() -> None:
    assert sentences(replace(GOOD, log=tuple(reversed(LOG)))) == []


def test_what_is_usual_on_a_slow_machine_is_normal() -> None:
    slow = inputs(told=tuple(replace(one, acknowledged_at=one.intended_at + 0.4) for one in INPUTS.told))
    (acknowledged, decided, asked) = recoveries(slow)
    assert (decided.limit, decided.calm) == (5.0, 1)
    assert acknowledged.limit == pytest.approx(0.8)
    assert acknowledged.after == 0
    assert (asked.limit, asked.calm) == (5.0, 1)


def test_a_desk_that_tells_late_what_was_decided_is_not_normal() -> None:
    late = replace(GOOD, log=tuple(replace(one, at=150.0) if one.source == "triage" else one for one in LOG))
    later = replace(late, inputs=replace(INPUTS, told=(told("ringing", 110.0), *INPUTS.told[1:])))
    assert any("something was still decided late" in one for one in sentences(later))


def test_without_a_fault_there_is_nothing_to_recover_from() -> None:
    assert recoveries(replace(GOOD, faults=())) == ()


def test_one_late_answer_in_a_hundred_is_normal_and_two_are_not() -> None:
    calm = tuple(told(f"e{number}", 91.0 + number / 10) for number in range(100))
    late = (told("ended", 106.0, seconds=0.3), told("ended", 107.0, seconds=0.3))
    one, two = (replace(GOOD, inputs=replace(INPUTS, told=(*calm, *late[:n]))) for n in (1, 2))
    assert recoveries(one)[0].after == 0
    assert recoveries(two)[0].after == pytest.approx(17.0)
