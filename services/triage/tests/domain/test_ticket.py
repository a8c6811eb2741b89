"""A ticket from its opening to its end, and back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from service_kit.decisions import Changed, NotPossible, Unknown
from services.triage.tests.fakes import BUDI, FIRE, LAMP, NOON, SITI, TTU, catalogue_of, minutes, ticket
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Disposition, Lane, Priority, TicketStatus
from triage.domain.catalogue import NotInCatalogue, ticket_number
from triage.domain.place import Place
from triage.domain.ticket import (
    Closing,
    Ticket,
    TicketChange,
    change,
    close_without_agency,
    escalate,
    hear_closing,
    reopen,
)

ENDED = Closing(disposition=Disposition.HELPED, at=NOON + minutes(30), by="dispatch")


def decided(outcome: object) -> Ticket:
    assert isinstance(outcome, Changed), outcome
    assert isinstance(outcome.state, Ticket)
    return outcome.state


def escalated(before: Ticket | None = None, *agencies: str) -> Ticket:
    return decided(
        escalate(
            before or ticket(), agencies or ("damkar",), by=SITI, at=NOON, reason="", configuration_version=3
        )
    )


def closed(before: Ticket | None = None) -> Ticket:
    return decided(
        close_without_agency(
            before or ticket(), Disposition.NO_AGENCY_NEEDED, by=SITI, at=NOON, reason="sudah padam"
        )
    )


# Escalation


def test_escalating_hands_the_ticket_to_agencies_in_a_new_round() -> None:
    done = escalated(None, "damkar", "pln")
    assert (done.status, done.round) == (TicketStatus.ESCALATED, 1)
    assert done.escalations[0].agencies == ("damkar", "pln")
    assert done.escalations[0].round == 1


def test_escalating_again_is_another_round_with_another_id() -> None:
    twice = escalated(escalated(), "polres")
    first, second = twice.escalations
    assert (twice.round, first.round, second.round) == (2, 1, 2)
    assert first.escalation_id != second.escalation_id


def test_escalating_to_nobody_is_not_possible() -> None:
    refused = escalate(ticket(), (), by=SITI, at=NOON, reason="", configuration_version=3)
    assert refused == NotPossible("no_agency_named", ("agencies",))


def test_a_closed_ticket_is_not_escalated_but_reopened_first() -> None:
    refused = escalate(closed(), ("damkar",), by=SITI, at=NOON, reason="", configuration_version=3)
    assert refused == NotPossible("closed", ("reopen",))


# Ends


def test_what_needs_no_agency_is_closed_by_the_desk_and_told_twice() -> None:
    outcome = close_without_agency(
        ticket(), Disposition.DUPLICATE, by=SITI, at=NOON, reason="sama dengan 0001"
    )
    assert isinstance(outcome, Changed)
    assert (outcome.topic, outcome.also) == ("ticket.updated", ("ticket.closed",))
    assert decided(outcome).closing == Closing(
        disposition=Disposition.DUPLICATE, at=NOON, by=SITI, reason="sama dengan 0001", by_desk=True
    )


def test_once_with_agencies_only_dispatch_ends_it() -> None:
    refused = close_without_agency(escalated(), Disposition.CANCELLED, by=SITI, at=NOON, reason="tidak jadi")
    assert refused == NotPossible("escalated", ("change", "escalate"))


@pytest.mark.parametrize(
    "disposition", [Disposition.HELPED, Disposition.PARTLY_HELPED, Disposition.NOT_HELPED]
)
def test_the_desk_does_not_say_whether_agencies_helped(disposition: Disposition) -> None:
    refused = close_without_agency(ticket(), disposition, by=SITI, at=NOON, reason="selesai")
    assert refused == NotPossible("disposition", ("no_agency_needed", "cancelled", "duplicate"))


def test_dispatch_ends_the_round_that_is_with_agencies() -> None:
    done = decided(hear_closing(escalated(), 1, ENDED))
    assert (done.status, done.closing) == (TicketStatus.CLOSED, ENDED)


@pytest.mark.parametrize(
    ("before", "round_"),
    [
        (escalated(escalated()), 1),
        (escalated(), 2),
        (ticket(), 0),
        (closed(), 0),
        (decided(reopen(decided(hear_closing(escalated(), 1, ENDED)), reason="api lagi")), 1),
        (decided(reopen(decided(hear_closing(escalated(), 1, ENDED)), reason="api lagi")), 2),
    ],
)
def test_the_end_of_any_other_round_is_dull(before: Ticket, round_: int) -> None:
    outcome = hear_closing(before, round_, ENDED)
    assert isinstance(outcome, Changed)
    assert (outcome.state, outcome.topic) == (before, None)


def test_reopening_raises_the_round_and_is_counted() -> None:
    again = decided(reopen(decided(hear_closing(escalated(), 1, ENDED)), reason="api muncul lagi"))
    assert (again.status, again.round, again.reopened, again.closing) == (TicketStatus.OPEN, 2, 1, None)


def test_a_reopened_ticket_that_was_not_escalated_again_may_be_closed_by_the_desk() -> None:
    again = decided(reopen(decided(hear_closing(escalated(), 1, ENDED)), reason="api muncul lagi"))
    assert closed(again).status is TicketStatus.CLOSED


@pytest.mark.parametrize("before", [ticket(), escalated()])
def test_only_a_closed_ticket_is_reopened(before: Ticket) -> None:
    assert reopen(before, reason="lagi") == NotPossible("not_closed", before.allowed)


# Corrections


def test_another_type_brings_its_own_priority_and_lane() -> None:
    done = decided(change(ticket(), TicketChange(kind=LAMP, configuration_version=4)))
    assert (done.incident_type, done.priority, done.lane) == ("street_light", Priority.P4, Lane.NON_EMERGENCY)
    assert done.configuration_version == 4


def test_a_priority_that_a_person_chose_survives_another_type() -> None:
    chosen = decided(change(ticket(), TicketChange(priority=Priority.P2)))
    assert decided(change(chosen, TicketChange(kind=LAMP))).priority is Priority.P2


def test_what_is_not_said_stays_as_it_is() -> None:
    here = Place("53.03.01", Sealed("k/1", "n", "rumah"), None)
    before = ticket(place=here, story=Sealed("k/1", "n", "api"))
    assert decided(change(before, TicketChange())) == before
    moved = decided(change(before, TicketChange(district="53.03.02")))
    assert moved.place == replace(here, district="53.03.02")


def test_a_closed_ticket_is_not_corrected() -> None:
    assert change(closed(), TicketChange(priority=Priority.P1)) == NotPossible("closed", ("reopen",))


def test_a_ticket_that_is_not_there_is_unknown_to_every_command() -> None:
    assert change(None, TicketChange()) == Unknown()
    assert escalate(None, (), by=SITI, at=NOON, reason="", configuration_version=0) == Unknown()
    assert reopen(None, reason="lagi") == Unknown()
    assert hear_closing(None, 1, ENDED) == Unknown()
    refused = close_without_agency(None, Disposition.CANCELLED, by=SITI, at=NOON, reason="x")
    assert refused == Unknown()


class TicketLife(RuleBasedStateMachine):
    """Whatever people and dispatch do, in whatever order, these sentences stay true."""

    def __init__(self) -> None:
        super().__init__()
        self.ticket = ticket()
        self.rounds_before = 0

    def _take(self, outcome: object) -> None:
        self.rounds_before = self.ticket.round
        if isinstance(outcome, Changed):
            self.ticket = outcome.state
        else:
            assert isinstance(outcome, NotPossible)

    @rule()
    def somebody_escalates(self) -> None:
        self._take(escalate(self.ticket, ("damkar",), by=BUDI, at=NOON, reason="", configuration_version=3))

    @rule()
    def somebody_reopens(self) -> None:
        self._take(reopen(self.ticket, reason="lagi"))

    @rule(disposition=st.sampled_from(Disposition))
    def the_desk_closes(self, disposition: Disposition) -> None:
        self._take(close_without_agency(self.ticket, disposition, by=SITI, at=NOON, reason="selesai"))

    @rule(round_=st.integers(0, 6))
    def dispatch_ends_a_round(self, round_: int) -> None:
        before = self.ticket
        self._take(hear_closing(self.ticket, round_, ENDED))
        if round_ != before.round:
            assert self.ticket == before

    @invariant()
    def the_round_never_falls(self) -> None:
        assert self.ticket.round >= self.rounds_before

    @invariant()
    def each_round_is_an_escalation_or_a_reopening(self) -> None:
        assert self.ticket.round == len(self.ticket.escalations) + self.ticket.reopened

    @invariant()
    def an_escalated_ticket_is_in_the_round_of_its_newest_escalation(self) -> None:
        if self.ticket.status is TicketStatus.ESCALATED:
            assert self.ticket.escalations[-1].round == self.ticket.round

    @invariant()
    def only_a_closed_ticket_says_how_it_ended(self) -> None:
        assert (self.ticket.closing is not None) == (self.ticket.status is TicketStatus.CLOSED)

    @invariant()
    def escalations_have_ids_of_their_own(self) -> None:
        ids = [one.escalation_id for one in self.ticket.escalations]
        assert len(ids) == len(set(ids))


TestTicketLife = TicketLife.TestCase


# The catalogue and the number


@pytest.mark.parametrize(
    ("at", "stem"),
    [
        (datetime(2026, 11, 22, 15, 59, 59, tzinfo=UTC), "TTU-20261122"),
        (datetime(2026, 11, 22, 16, 0, 0, tzinfo=UTC), "TTU-20261123"),
    ],
)
def test_a_number_carries_the_tenants_own_date(at: datetime, stem: str) -> None:
    known = catalogue_of(TTU)
    assert known is not None
    assert known.number_stem(at) == stem


@given(st.integers(1, 10**7), st.integers(1, 10**7))
def test_two_numbers_never_look_the_same(one: int, other: int) -> None:
    assert (ticket_number("TTU-20261122", one) == ticket_number("TTU-20261122", other)) == (one == other)


@pytest.mark.parametrize(
    ("ordinal", "number"),
    [(17, "TTU-20261122-0017"), (9_999, "TTU-20261122-9999"), (10_000, "TTU-20261122-10000")],
)
def test_numbers_grow_past_9999(ordinal: int, number: str) -> None:
    assert ticket_number("TTU-20261122", ordinal) == number


def test_named_agencies_are_asked_once_each() -> None:
    known = catalogue_of(TTU)
    assert known is not None
    assert known.known_agencies(("pln", "damkar", "pln")) == ("pln", "damkar")
    assert known.known_agencies(("pln", "batman")) == NotInCatalogue("agencies", known.agencies)
    assert known.kind("batman") == NotInCatalogue("incident_type", tuple(known.incident_types))
    assert known.kind(FIRE.code) == FIRE
