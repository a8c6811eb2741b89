"""What each decision of the desk leaves behind, whole: every field, what is told, and the words of the timeline."""

from dataclasses import replace

from service_kit.decisions import Changed, Unknown
from services.triage.tests.fakes import (
    BUDI,
    CALLER,
    LAMP,
    NOON,
    NUMBER_STEM,
    SITI,
    TTU,
    abandoned,
    call,
    catalogue_of,
    facts,
    minutes,
    ticket,
)
from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import CallStage, Classification, Disposition, Lane, Priority, TicketStatus
from triage.domain.desk_call import (
    DeskCall,
    OpenedTicket,
    classify,
    come_due,
    hear_facts,
    link_new_ticket,
    link_to_ticket,
    separate,
    settle,
)
from triage.domain.following import follow
from triage.domain.link import FOLLOW_AGAIN_AFTER, Link, LinkKind, Opening
from triage.domain.place import Place
from triage.domain.ticket import (
    Closing,
    Escalation,
    LinkedCall,
    Ticket,
    TicketChange,
    change,
    close_without_agency,
    escalate,
    hear_closing,
    reopen,
)

STORY = Sealed("call-1/1", "story", "sealed words")
POINT = Sealed("call-1/1", "point", "sealed place")
OPENING = Opening(
    number_stem=NUMBER_STEM,
    incident_type="structure_fire",
    common_type="fire",
    priority=Priority.P2,
    lane=Lane.EMERGENCY,
    priority_chosen=True,
    place=Place(district="Kefamenanu", point=POINT),
    story=STORY,
    configuration_version=7,
)
FIRST_TICKET = derived_id(TTU, "ticket", "call-1", "1")


def linked(kind: LinkKind, ticket_id: str, *, ordinal: int = 1, **more: object) -> Link:
    known = {"by": BUDI, "at": NOON, "retry_at": NOON + FOLLOW_AGAIN_AFTER, "caller": CALLER}
    return Link(ordinal=ordinal, kind=kind, ticket_id=ticket_id, **{**known, **more})  # type: ignore[arg-type]


# A call


def test_what_intake_says_of_a_new_call_is_kept_with_its_deadline() -> None:
    heard = hear_facts(
        None,
        TTU,
        "call-9",
        facts(),
        recorded_at=NOON,
        classify_within=minutes(2),
        configuration_version=3,
    )
    wanted = DeskCall(
        tenant=TTU,
        call_id="call-9",
        facts=facts(),
        classification_due_at=NOON + minutes(2),
        configuration_version=3,
    )
    assert heard == Changed(wanted, "call.heard", None)


def test_what_intake_says_later_replaces_what_it_said() -> None:
    ringing = call(facts(CallStage.RINGING, caller=None), ticket_id="t", classified_by=BUDI)
    heard = hear_facts(
        ringing,
        TTU,
        "call-1",
        abandoned(),
        recorded_at=NOON,
        classify_within=minutes(2),
        configuration_version=4,
    )
    wanted = replace(ringing, facts=abandoned(), configuration_version=4)
    assert heard == Changed(wanted, "call.heard", None)


def test_a_first_class_is_noted_with_who_gave_it_when_and_why() -> None:
    late = call(overdue_since=NOON)
    said = classify(late, Classification.PRANK, by=BUDI, at=NOON + minutes(1), reason="tertawa")
    wanted = replace(
        late,
        classification=Classification.PRANK,
        classified_by=BUDI,
        classified_at=NOON + minutes(1),
        overdue_since=None,
    )
    assert said == Changed(wanted, "call.classified", "call.updated", why="tertawa")


def test_another_class_is_a_reclassification() -> None:
    prank = call(classification=Classification.PRANK, classified_by=SITI, classified_at=NOON, reclassified=1)
    said = classify(prank, Classification.GHOST, by=BUDI, at=NOON + minutes(1), reason="diam")
    wanted = replace(
        prank,
        classification=Classification.GHOST,
        classified_by=BUDI,
        classified_at=NOON + minutes(1),
        reclassified=2,
    )
    assert said == Changed(wanted, "call.reclassified", "call.updated", why="diam")
    again = classify(wanted, Classification.GHOST, by=SITI, at=NOON, reason="")
    assert again == Changed(wanted, "call.classified_again", None)


def test_a_new_ticket_is_linked_and_gives_the_call_its_class() -> None:
    said = link_new_ticket(call(), OPENING, by=BUDI, at=NOON, command="budi:1")
    wanted = call(
        classification=Classification.EMERGENCY,
        classified_by=BUDI,
        classified_at=NOON,
        ticket_id=FIRST_TICKET,
        link=linked(LinkKind.OPENED, FIRST_TICKET, opening=OPENING),
        links=1,
        opened=(OpenedTicket(FIRST_TICKET, "budi:1"),),
    )
    assert said == Changed(wanted, "call.ticket_opened", "call.updated")
    assert (wanted.opened_by("budi:1"), wanted.opened_by("budi:2")) == (FIRST_TICKET, None)


def test_a_second_ticket_of_the_same_call_is_another_one() -> None:
    before = call(links=4, opened=(OpenedTicket(FIRST_TICKET, "budi:1"),))
    said = link_new_ticket(before, OPENING, by=BUDI, at=NOON, command="budi:2")
    assert isinstance(said, Changed)
    second = derived_id(TTU, "ticket", "call-1", "2")
    assert said.state.opened == (OpenedTicket(FIRST_TICKET, "budi:1"), OpenedTicket(second, "budi:2"))
    assert said.state.link == linked(LinkKind.OPENED, second, ordinal=5, opening=OPENING)


def test_a_call_that_joins_a_ticket_says_which_and_who_decided() -> None:
    said = link_to_ticket(call(), "ticket-1", Lane.NON_EMERGENCY, by=BUDI, at=NOON)
    wanted = call(
        classification=Classification.NON_EMERGENCY,
        classified_by=BUDI,
        classified_at=NOON,
        ticket_id="ticket-1",
        link=linked(LinkKind.JOINED, "ticket-1"),
        links=1,
    )
    assert said == Changed(wanted, "call.joined", "call.updated")
    again = link_to_ticket(wanted, "ticket-1", Lane.NON_EMERGENCY, by=SITI, at=NOON)
    assert again == Changed(wanted, "call.joined_again", None)


def test_a_call_that_is_separated_keeps_its_class_and_tells_why() -> None:
    joined = call(ticket_id="ticket-1", links=1, classification=Classification.EMERGENCY)
    said = separate(joined, by=BUDI, at=NOON, reason="kejadian lain")
    link = linked(LinkKind.SEPARATED, "ticket-1", ordinal=2, reason="kejadian lain")
    wanted = replace(joined, ticket_id=None, link=link, links=2)
    assert said == Changed(wanted, "call.separated", "call.updated", why="kejadian lain")


def test_a_link_that_was_followed_is_gone_and_named() -> None:
    joined = call(ticket_id="ticket-1", links=1, link=linked(LinkKind.JOINED, "ticket-1"))
    assert settle(joined, 1) == Changed(replace(joined, link=None), "link.joined", None)


def test_a_link_is_followed_again_from_its_very_moment() -> None:
    link = linked(LinkKind.JOINED, "ticket-1", retry_at=NOON)
    waiting = call(ticket_id="ticket-1", links=1, link=link)
    again = replace(waiting, link=replace(link, retry_at=NOON + FOLLOW_AGAIN_AFTER))
    assert come_due(waiting, now=NOON) == Changed(again, "link.follow_again", None)


def test_a_late_class_is_overdue_since_its_deadline() -> None:
    late = call(classification_due_at=NOON)
    wanted = Changed(replace(late, overdue_since=NOON), "classification.overdue", None)
    assert come_due(late, now=NOON + minutes(9)) == wanted


# A ticket


def test_a_ticket_is_opened_with_all_that_the_desk_decided() -> None:
    link = linked(LinkKind.OPENED, "ticket-1", ordinal=3, opening=OPENING)
    opened = follow(None, link, tenant=TTU, call_id="call-1", number="TTU-1")
    wanted = Ticket(
        tenant=TTU,
        ticket_id="ticket-1",
        number="TTU-1",
        incident_type="structure_fire",
        common_type="fire",
        priority=Priority.P2,
        lane=Lane.EMERGENCY,
        born_of="call-1",
        opened_at=NOON,
        opened_by=BUDI,
        priority_chosen=True,
        place=OPENING.place,
        story=STORY,
        linked=(LinkedCall(call_id="call-1", ordinal=3, caller=CALLER),),
        configuration_version=7,
    )
    assert opened == Changed(wanted, "ticket.opened", "ticket.opened")


def test_calls_join_behind_the_others_and_leave_in_their_place() -> None:
    first, second = (
        LinkedCall(call_id="call-1", ordinal=1, caller=CALLER),
        LinkedCall(call_id="call-2", ordinal=1),
    )
    joining = linked(LinkKind.JOINED, "ticket-1")
    joined = follow(ticket(linked=(first,)), joining, tenant=TTU, call_id="call-2", number="")
    behind = replace(second, caller=CALLER)
    assert joined == Changed(ticket(linked=(first, behind)), "call.joined", "ticket.updated", why="")
    leaving = linked(LinkKind.SEPARATED, "ticket-1", ordinal=2, reason="lain")
    left = follow(ticket(linked=(first, second)), leaving, tenant=TTU, call_id="call-1", number="")
    gone = LinkedCall(call_id="call-1", ordinal=2, belongs=False)
    assert left == Changed(ticket(linked=(gone, second)), "call.separated", "ticket.updated", why="lain")


def test_a_correction_changes_what_it_names_and_nothing_else() -> None:
    before = ticket(place=Place(district="Insana", point=POINT), story=STORY)
    wanted = TicketChange(kind=LAMP, district="Biboki", configuration_version=8)
    after = replace(
        before,
        incident_type=LAMP.code,
        common_type=LAMP.common,
        priority=LAMP.priority,
        lane=LAMP.lane,
        place=Place(district="Biboki", point=POINT),
        configuration_version=8,
    )
    assert change(before, wanted) == Changed(after, "ticket.changed", "ticket.updated")


def test_a_correction_of_point_and_story_replaces_them() -> None:
    point, story = Sealed("call-1/1", "point", "elsewhere"), Sealed("call-1/1", "story", "other words")
    said = change(ticket(place=Place(point=POINT), story=STORY), TicketChange(point=point, story=story))
    assert isinstance(said, Changed)
    assert (said.state.place, said.state.story) == (Place(point=point), story)


def test_an_escalation_names_its_round_agencies_and_who_asked_for_it() -> None:
    said = escalate(
        ticket(round=4), ("damkar", "pln"), by=BUDI, at=NOON, reason="api besar", configuration_version=9
    )
    escalation = Escalation(
        escalation_id=derived_id(TTU, "escalation", "ticket-1", "5"),
        round=5,
        agencies=("damkar", "pln"),
        at=NOON,
        by=BUDI,
        reason="api besar",
    )
    wanted = ticket(
        status=TicketStatus.ESCALATED, round=5, escalations=(escalation,), configuration_version=9
    )
    assert said == Changed(wanted, "ticket.escalated", "ticket.escalated", why="api besar")


def test_a_closing_by_the_desk_is_told_twice_once_as_a_closing() -> None:
    said = close_without_agency(ticket(), Disposition.DUPLICATE, by=BUDI, at=NOON, reason="sama")
    closing = Closing(disposition=Disposition.DUPLICATE, at=NOON, by=BUDI, reason="sama", by_desk=True)
    wanted = ticket(status=TicketStatus.CLOSED, closing=closing)
    assert said == Changed(wanted, "ticket.closed", "ticket.updated", why="sama", also=("ticket.closed",))


def test_a_reopening_raises_the_round_and_forgets_the_closing() -> None:
    closing = Closing(disposition=Disposition.DUPLICATE, at=NOON, by=BUDI)
    closed = ticket(status=TicketStatus.CLOSED, closing=closing, round=2, reopened=1)
    said = reopen(closed, reason="masih terbakar")
    assert said == Changed(
        ticket(round=3, reopened=2), "ticket.reopened", "ticket.updated", why="masih terbakar"
    )


def test_dispatchs_end_of_the_round_closes_the_ticket_and_an_older_one_is_stale() -> None:
    closing = Closing(disposition="resolved", at=NOON, by=BUDI, reason="padam")
    with_agencies = ticket(status=TicketStatus.ESCALATED, round=2)
    closed = replace(with_agencies, status=TicketStatus.CLOSED, closing=closing)
    assert hear_closing(with_agencies, 2, closing) == Changed(
        closed, "ticket.closed", "ticket.updated", why="padam"
    )
    assert hear_closing(with_agencies, 1, closing) == Changed(with_agencies, "closing.stale", None)


def test_nothing_comes_due_where_nothing_waits() -> None:
    assert come_due(None, now=NOON) == come_due(call(), now=NOON) == Unknown()


def test_every_agency_of_the_regency_may_be_named_at_once() -> None:
    known = catalogue_of(TTU)
    assert known is not None
    assert known.known_agencies(known.agencies) == known.agencies


def test_a_call_that_joins_again_goes_behind_the_others() -> None:
    first, second = (
        LinkedCall(call_id="call-1", ordinal=2, belongs=False),
        LinkedCall(call_id="call-2", ordinal=1),
    )
    joining = linked(LinkKind.JOINED, "ticket-1", ordinal=3)
    again = follow(ticket(linked=(first, second)), joining, tenant=TTU, call_id="call-1", number="")
    assert isinstance(again, Changed)
    assert again.state.linked == (second, LinkedCall(call_id="call-1", ordinal=3, caller=CALLER))


def test_the_caller_to_call_back_belongs_to_the_ticket_and_is_known() -> None:
    gone = LinkedCall(call_id="call-1", ordinal=2, belongs=False, caller=CALLER)
    nameless = LinkedCall(call_id="call-2", ordinal=1)
    known = LinkedCall(call_id="call-3", ordinal=1, caller=STORY)
    assert ticket(linked=(gone, nameless)).caller is None
    assert ticket(linked=(gone, nameless, known)).caller == STORY


def test_what_a_person_can_do_with_a_ticket_follows_from_where_it_stands() -> None:
    allowed = {status: ticket(status=status).allowed for status in TicketStatus}
    assert allowed == {
        TicketStatus.OPEN: ("change", "escalate", "close"),
        TicketStatus.ESCALATED: ("change", "escalate"),
        TicketStatus.CLOSED: ("reopen",),
    }


def test_the_desk_is_done_with_a_call_that_is_settled_and_bound_to_nothing_that_waits() -> None:
    link = linked(LinkKind.JOINED, "ticket-1")
    prank = call(classification=Classification.PRANK)
    assert prank.is_finished
    assert not replace(prank, link=link).is_finished
    assert not call().is_finished


def test_somebody_spoke_with_the_caller_where_the_stage_or_a_time_says_so() -> None:
    assert facts(CallStage.ANSWERED, answered_at=None).is_answered
    assert facts(CallStage.QUEUED, answered_at=NOON).is_answered
    assert not facts(CallStage.QUEUED).is_answered
