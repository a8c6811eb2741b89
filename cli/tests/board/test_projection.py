"""The board's sums: any order, any repeat, the same counts, and a difference is seen."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from service_kit.event import Event
from shared_schemas.envelope import Envelope
from shared_schemas.events import CallState, DeliveryState, EventData, ResponseState, TicketState
from siaga_cli.board import plain, screen
from siaga_cli.board.clocks import clock
from siaga_cli.board.projection import Projection
from siaga_cli.board.sentences import told_by

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
Events = list[Event[EventData]]


def said(topic: str, source: str, subject: str, sequence: int, data: EventData) -> Event[EventData]:
    return Event(Envelope(source, subject, topic, 1, "53.03", sequence, NOW), data)


def call(number: int, sequence: int, *, source: str = "intake", **more: Any) -> Event[EventData]:
    state = {
        "tenant": "53.03",
        "recorded_at": NOW,
        "call_id": f"c{number}",
        "trunk": "pbx-ttu",
        "exchange_call_id": f"1795418172.{number}",
        "stage": "queued",
        "started_at": NOW,
        **more,
    }
    topic = "call.received" if sequence == 1 and source == "intake" else "call.updated"
    return said(topic, source, f"call/c{number}", sequence, CallState.model_validate(state))


def ended(number: int, outcome: str, sequence: int = 2) -> Event[EventData]:
    return call(number, sequence, stage="ended", outcome=outcome, ended_at=NOW)


def classified(number: int, label: str) -> Event[EventData]:
    return call(number, 2, source="triage", stage="answered", desk={"classification": label})


def ticket(number: int, sequence: int, topic: str, status: str) -> Event[EventData]:
    state = {
        "tenant": "53.03",
        "recorded_at": NOW,
        "ticket_id": f"t{number}",
        "number": f"TTU-20261123-{number:04}",
        "status": status,
        "round": 0,
        "incident_type": "structure_fire",
        "common_type": "structure_fire",
        "priority": "P1",
        "lane": "emergency",
        "opened_at": NOW,
        "opened_by": "petugas",
    }
    return said(topic, "triage", f"ticket/t{number}", sequence, TicketState.model_validate(state))


def response(sequence: int, status: str, due_in: int = 60) -> Event[EventData]:
    task = {
        "task_id": "k1",
        "escalation_id": "e1",
        "round": 1,
        "agency": "damkar",
        "status": status,
        "due_at": NOW + timedelta(seconds=due_in),
    }
    brief = {"number": "TTU-20261123-0001", "incident_type": "structure_fire", "priority": "P1"}
    state = {
        "tenant": "53.03",
        "recorded_at": NOW,
        "ticket_id": "t1",
        "round": 1,
        "status": "ended" if status == "done" else "active",
        "brief": brief,
        "tasks": [task],
    }
    return said("task.updated", "dispatch", "response/t1", sequence, ResponseState.model_validate(state))


def delivery(sequence: int, status: str) -> Event[EventData]:
    state = {
        "tenant": "53.03",
        "recorded_at": NOW,
        "delivery_id": "d1",
        "ticket_id": "t1",
        "task_id": "k1",
        "step": 1,
        "agency": "damkar",
        "contact": "posko",
        "status": status,
        "channel": "webhook",
    }
    data = DeliveryState.model_validate(state)
    return said("notification.updated", "agency-notifier", "delivery/d1", sequence, data)


def a_quiet_hour() -> Events:
    return [
        *(call(number, 1) for number in range(1, 6)),
        ended(1, "answered"),
        ended(2, "abandoned_in_queue"),
        ended(3, "unanswered"),
        ended(4, "answered"),
        ended(5, "abandoned_in_menu"),
        classified(1, "emergency"),
        classified(4, "prank"),
        ticket(1, 1, "ticket.opened", "open"),
        ticket(1, 2, "ticket.escalated", "escalated"),
        response(1, "offered"),
        delivery(1, "waiting"),
        delivery(2, "delivered"),
        response(2, "done"),
        ticket(1, 3, "ticket.updated", "closed"),
    ]


def projected(events: Events) -> Projection:
    known = Projection()
    for event in events:
        known.take(event)
    return known


def counts(known: Projection) -> tuple[object, ...]:
    views = (known.outcomes, known.classes, known.ticket_states, known.task_states, known.delivery_states)
    return (*(dict(view()) for view in views), known.sums())


def test_a_hours_sums_add_up_and_nothing_is_left_to_do() -> None:
    known = projected(a_quiet_hour())
    assert [check.whole for check in known.sums()] == [5, 2, 1]
    assert all(check.holds for check in known.sums())
    assert known.is_at_rest


@pytest.mark.parametrize("seed", range(20))
def test_any_order_with_any_repeats_gives_the_same_counts(seed: int) -> None:
    shuffled = [*a_quiet_hour(), *a_quiet_hour()[::2]]
    random.Random(seed).shuffle(shuffled)
    assert counts(projected(shuffled)) == counts(projected(a_quiet_hour()))


@pytest.mark.parametrize("missing", range(len(a_quiet_hour())))
def test_a_loss_is_seen_unless_a_newer_state_makes_it_good(missing: int) -> None:
    kept = a_quiet_hour()
    lost = kept.pop(missing).envelope
    about = (lost.source, lost.subject)
    same = [one.envelope for one in kept if (one.envelope.source, one.envelope.subject) == about]
    made_good = any(one.sequence > lost.sequence for one in same)
    counted = lost.topic in {"call.received", "ticket.opened"}
    unseen = lost.subject in {"response/t1", "delivery/d1"} and not same
    assert projected(kept).is_at_rest == ((made_good and not counted) or unseen)


def test_a_call_that_nobody_received_makes_a_difference() -> None:
    received, _, _ = projected([ended(1, "answered")]).sums()
    assert not received.holds
    assert screen.verdict(received) != "OK"


def test_a_class_for_a_call_that_was_not_answered_makes_a_difference() -> None:
    known = projected([call(1, 1), ended(1, "abandoned_in_queue"), classified(1, "prank")])
    _, answered, _ = known.sums()
    assert not answered.holds


def test_a_call_that_is_being_answered_may_be_classified_already() -> None:
    known = projected([call(1, 1), call(1, 2, stage="answered", answered_at=NOW), classified(1, "test")])
    assert all(check.holds for check in known.sums())
    assert not known.is_at_rest


def test_the_clock_that_runs_out_first_is_on_top() -> None:
    slow, quick = response(1, "offered", due_in=90), response(1, "accepted", due_in=30)
    assert isinstance(quick.data, ResponseState)
    other = replace(
        quick,
        data=quick.data.model_copy(update={"ticket_id": "t2"}),
        envelope=replace(quick.envelope, subject="response/t2"),
    )
    lines = projected([slow, other]).open_tasks()
    assert [line.status for line in lines] == ["accepted", "offered"]


@pytest.mark.parametrize(("seconds", "shown"), [(61, "1:01"), (0, "0:00"), (-5, "-0:05"), (3_725, "1:02:05")])
def test_a_clock_shows_what_is_left(seconds: int, shown: str) -> None:
    assert clock(NOW + timedelta(seconds=seconds), NOW) == shown


def test_news_are_told_in_plain_words_and_only_what_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_LANG", "en")
    known = projected([response(1, "offered")])
    assert list(told_by(known, response(2, "done"))) == ["TTU-20261123-0001: damkar done"]
    known.take(response(2, "done"))
    assert list(told_by(known, response(3, "done"))) == []
    assert list(told_by(known, ticket(1, 3, "ticket.updated", "open"))) == []


def test_the_plain_line_holds_the_sums_with_their_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_LANG", "en")
    line = plain.line(projected(a_quiet_hour()))
    assert (
        "received 5 = abandoned in the menu 1 + abandoned in the queue 1 + unanswered 1 + answered 2 + in progress 0 OK"
        in line
    )


def test_the_board_can_be_drawn_before_anything_happened() -> None:
    from rich.console import Console

    console = Console(width=120, record=True)
    with console.capture() as drawn:
        console.print(screen.board(Projection(), [], now=NOW, heading="Siaga 112"))
    assert "Siaga 112" in drawn.get()
