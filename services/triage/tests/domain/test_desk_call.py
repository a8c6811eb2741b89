"""What the desk decides about one call."""

from dataclasses import replace

import pytest

from service_kit.decisions import Changed, NotPossible, Unknown
from services.triage.tests.fakes import (
    BUDI,
    FIRE,
    LAMP,
    NOON,
    NUMBER_STEM,
    SITI,
    TTU,
    abandoned,
    call,
    facts,
    minutes,
)
from shared_schemas.vocabulary import CallOutcome, CallStage, Classification, Lane
from triage.domain.catalogue import IncidentType
from triage.domain.desk_call import (
    CallFacts,
    DeskCall,
    DeskView,
    classify,
    come_due,
    hear_facts,
    link_new_ticket,
    link_to_ticket,
    separate,
    settle,
)
from triage.domain.link import LinkKind, Opening

PRANK, EMERGENCY, GHOST = Classification.PRANK, Classification.EMERGENCY, Classification.GHOST


def decided(outcome: object) -> DeskCall:
    assert isinstance(outcome, Changed), outcome
    assert isinstance(outcome.state, DeskCall)
    return outcome.state


def opening(kind: IncidentType = FIRE) -> Opening:
    return Opening(
        number_stem=NUMBER_STEM,
        incident_type=kind.code,
        common_type=kind.common,
        priority=kind.priority,
        lane=kind.lane,
    )


def heard(told: CallFacts, before: DeskCall | None = None, *, at: float = 0) -> DeskCall:
    return decided(
        hear_facts(
            before,
            TTU,
            "call-1",
            told,
            recorded_at=NOON + minutes(at),
            classify_within=minutes(2),
            configuration_version=3,
        )
    )


def labelled(as_: Classification, before: DeskCall | None = None, *, reason: str = "") -> object:
    return classify(before or call(), as_, by=SITI, at=NOON, reason=reason)


def opened(before: DeskCall | None = None, kind: IncidentType = FIRE) -> DeskCall:
    return decided(link_new_ticket(before or call(), opening(kind), by=SITI, at=NOON, command="siti:1"))


def settled(before: DeskCall) -> DeskCall:
    return decided(settle(before, before.links))


# What it was


@pytest.mark.parametrize("as_", list(Classification))
def test_every_class_fits_an_answered_call(as_: Classification) -> None:
    done = decided(labelled(as_))
    assert (done.classification, done.classified_by, done.reclassified) == (as_, SITI, 0)


def test_a_prank_label_is_taken_back_and_counted() -> None:
    prank = decided(labelled(PRANK))
    again = decided(labelled(EMERGENCY, prank, reason="menangis, bukan main-main"))
    assert (again.classification, again.reclassified) == (EMERGENCY, 1)


def test_a_change_of_class_without_a_reason_is_refused() -> None:
    prank = decided(labelled(PRANK))
    assert labelled(GHOST, prank) == NotPossible("reason_needed", ("prank",))


def test_the_same_class_again_counts_nothing_and_tells_nobody() -> None:
    prank = decided(labelled(PRANK))
    again = labelled(PRANK, prank)
    assert isinstance(again, Changed)
    assert (again.state, again.topic) == (prank, None)


def test_a_call_that_nobody_answered_has_no_class() -> None:
    assert labelled(PRANK, call(abandoned())) == NotPossible("not_answered")


@pytest.mark.parametrize("stage", [CallStage.RINGING, CallStage.QUEUED])
def test_a_waiting_call_has_no_class_yet(stage: CallStage) -> None:
    assert labelled(PRANK, call(facts(stage))) == NotPossible("not_answered")


def test_a_call_can_be_classified_while_it_is_spoken_with() -> None:
    assert decided(labelled(EMERGENCY, call(facts(CallStage.ANSWERED)))).classification is EMERGENCY


def test_a_call_with_a_ticket_keeps_a_class_that_needs_help() -> None:
    refused = labelled(PRANK, opened(), reason="iseng")
    assert refused == NotPossible("has_ticket", ("emergency", "non_emergency"))


def test_a_call_that_is_not_there_is_unknown_to_every_command() -> None:
    assert classify(None, PRANK, by=SITI, at=NOON, reason="") == Unknown()
    assert link_new_ticket(None, opening(), by=SITI, at=NOON, command="") == Unknown()
    assert link_to_ticket(None, "ticket-1", Lane.EMERGENCY, by=SITI, at=NOON) == Unknown()
    assert separate(None, by=SITI, at=NOON, reason="salah") == Unknown()


# When its class is due


def test_a_class_is_due_two_minutes_after_the_end_was_recorded() -> None:
    assert heard(facts()).next_due_at == NOON + minutes(2)


def test_later_facts_do_not_move_the_deadline() -> None:
    assert heard(facts(detail="answered"), heard(facts()), at=1).next_due_at == NOON + minutes(2)


@pytest.mark.parametrize("told", [facts(CallStage.ANSWERED), facts(CallStage.RINGING), abandoned()])
def test_only_an_answered_call_that_has_ended_is_due(told: CallFacts) -> None:
    assert heard(told).next_due_at is None


def test_a_classified_call_is_not_due() -> None:
    assert decided(labelled(PRANK, heard(facts()))).next_due_at is None


def test_an_overdue_call_shows_and_is_never_classified_by_the_clock() -> None:
    late = decided(come_due(heard(facts()), now=NOON + minutes(2)))
    assert (late.overdue_since, late.classification) == (NOON + minutes(2), None)
    assert late.view is DeskView.UNCLASSIFIED
    assert late.next_due_at is None


def test_before_its_time_a_deadline_does_nothing() -> None:
    assert come_due(heard(facts()), now=NOON + minutes(1)) == Unknown()


def test_a_class_ends_being_overdue() -> None:
    late = decided(come_due(heard(facts()), now=NOON + minutes(2)))
    assert decided(labelled(PRANK, late)).overdue_since is None


def test_facts_never_touch_what_the_desk_decided() -> None:
    before = settled(opened())
    after = heard(facts(detail="transferred"), before)
    assert replace(after, facts=before.facts, classification_due_at=None, configuration_version=0) == before


# Where it lies


@pytest.mark.parametrize(
    ("told", "view"),
    [
        (facts(CallStage.RINGING), DeskView.WAITING),
        (facts(CallStage.QUEUED), DeskView.WAITING),
        (facts(CallStage.ANSWERED), DeskView.CURRENT),
        (facts(), DeskView.UNCLASSIFIED),
        (abandoned(), DeskView.SETTLED),
        (facts(outcome=CallOutcome.UNANSWERED, answered_at=None), DeskView.SETTLED),
    ],
)
def test_each_call_lies_in_one_place(told: CallFacts, view: DeskView) -> None:
    assert call(told).view is view


# Which ticket it belongs to


@pytest.mark.parametrize(("kind", "expected"), [(FIRE, EMERGENCY), (LAMP, Classification.NON_EMERGENCY)])
def test_opening_a_ticket_says_what_the_call_was(kind: IncidentType, expected: Classification) -> None:
    assert opened(kind=kind).classification is expected


def test_opening_a_ticket_keeps_a_class_that_needs_help() -> None:
    lamp = decided(labelled(Classification.NON_EMERGENCY))
    assert opened(lamp).classification is Classification.NON_EMERGENCY


def test_opening_a_ticket_from_a_prank_takes_the_label_back_and_counts_it() -> None:
    prank = decided(labelled(PRANK))
    assert (opened(prank).classification, opened(prank).reclassified) == (EMERGENCY, 1)


def test_a_call_that_nobody_answered_may_have_a_ticket_but_no_class() -> None:
    done = opened(call(abandoned()))
    assert done.ticket_id is not None
    assert done.classification is None


def test_a_call_has_at_most_one_ticket() -> None:
    assert link_new_ticket(opened(), opening(), by=BUDI, at=NOON, command="budi:1") == NotPossible(
        "has_ticket", ("separate",)
    )
    assert link_to_ticket(opened(), "ticket-9", Lane.EMERGENCY, by=BUDI, at=NOON) == NotPossible(
        "has_ticket", ("separate",)
    )


def test_joining_the_ticket_it_belongs_to_changes_nothing() -> None:
    before = opened()
    assert before.ticket_id is not None
    again = link_to_ticket(before, before.ticket_id, Lane.EMERGENCY, by=BUDI, at=NOON)
    assert isinstance(again, Changed)
    assert (again.state, again.topic) == (before, None)


def test_joining_says_what_the_call_was_by_the_tickets_lane() -> None:
    joined = decided(link_to_ticket(call(), "ticket-1", Lane.NON_EMERGENCY, by=SITI, at=NOON))
    assert joined.classification is Classification.NON_EMERGENCY


def test_a_pending_link_is_followed_again_after_five_seconds() -> None:
    before = opened(decided(labelled(EMERGENCY)))
    assert before.next_due_at == NOON + minutes(5 / 60)
    later = decided(come_due(before, now=NOON + minutes(1)))
    assert later.link is not None
    assert later.next_due_at == NOON + minutes(1) + minutes(5 / 60)


def test_a_settled_link_is_due_no_more() -> None:
    assert settled(opened(decided(labelled(EMERGENCY)))).next_due_at is None


def test_settling_another_link_than_the_present_one_is_dull() -> None:
    assert settle(opened(), 7) == Unknown()
    assert settle(call(), 1) == Unknown()


def test_a_call_leaves_its_ticket_and_keeps_its_class() -> None:
    done = decided(separate(settled(opened()), by=BUDI, at=NOON, reason="kebakaran lain"))
    assert (done.ticket_id, done.classification) == (None, EMERGENCY)
    assert done.link is not None
    assert (done.link.kind, done.link.ordinal) == (LinkKind.SEPARATED, 2)


def test_nothing_else_is_decided_while_a_link_is_pending() -> None:
    leaving = decided(separate(settled(opened()), by=BUDI, at=NOON, reason="salah"))
    assert separate(opened(), by=BUDI, at=NOON, reason="salah") == NotPossible("link_pending")
    assert link_new_ticket(leaving, opening(), by=BUDI, at=NOON, command="2") == NotPossible("link_pending")


def test_a_call_without_a_ticket_cannot_leave_one() -> None:
    refused = separate(call(), by=BUDI, at=NOON, reason="salah")
    assert refused == NotPossible("has_no_ticket", ("open_ticket", "join_ticket"))


def test_a_second_ticket_of_a_separated_call_is_another_ticket() -> None:
    first = settled(opened())
    alone = settled(decided(separate(first, by=BUDI, at=NOON, reason="lain")))
    second = decided(link_new_ticket(alone, opening(), by=BUDI, at=NOON, command="budi:2"))
    assert second.ticket_id != first.ticket_id
    assert second.opened_by("siti:1") == first.ticket_id
    assert second.opened_by("budi:2") == second.ticket_id
