"""One call and one ticket, in two documents, also when the power goes between them."""

from datetime import timedelta

import pytest

from service_kit.decisions import Command, Conflict, KeyReused, NotPossible, Saved, Unknown
from service_kit.transient import Away
from services.triage.tests.fakes import (
    BUDI,
    CALLER,
    FIRE,
    LAMP,
    NOON,
    SITI,
    TTU,
    Desk,
    abandoned,
    command,
    facts,
    ticket,
)
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Classification, Disposition, Lane, Priority
from triage.application.follow_link import TicketMissing
from triage.application.link_call import Opened, TicketUnknown, Wish
from triage.application.sealing import Spoken
from triage.domain.catalogue import NotInCatalogue

WISH = Wish(incident_type=FIRE.code)
LATER = NOON + timedelta(seconds=5)


async def test_a_ticket_is_opened_with_what_the_catalogue_says(desk: Desk) -> None:
    opened = await desk.opened()
    assert (opened.priority, opened.lane, opened.common_type) == (
        Priority.P1,
        Lane.EMERGENCY,
        "structure_fire",
    )
    assert (opened.number, opened.calls, opened.caller) == ("TTU-20261122-0001", ("call-1",), CALLER)
    assert opened.configuration_version == 3
    assert desk.tickets.topics == ["ticket.opened"]


async def test_the_call_is_told_with_its_class_and_ticket(desk: Desk) -> None:
    opened = await desk.opened()
    assert desk.calls.topics == ["call.updated"]
    on_desk = desk.calls.only()
    assert (on_desk.classification, on_desk.ticket_id) == (Classification.EMERGENCY, opened.ticket_id)
    assert (on_desk.classified_by, on_desk.classified_at) == (SITI, NOON)
    assert on_desk.link is None


async def test_a_priority_that_the_call_taker_names_wins(desk: Desk) -> None:
    opened = await desk.opened(wish=Wish(incident_type=FIRE.code, priority=Priority.P2))
    assert (opened.priority, opened.priority_chosen) == (Priority.P2, True)


async def test_story_and_place_are_sealed_for_the_contact(desk: Desk) -> None:
    spoken = Spoken(story="rumah terbakar", place="dekat pasar baru", point='{"latitude":-9.4}')
    opened = await desk.opened(wish=Wish(incident_type=FIRE.code, district="53.03.01", spoken=spoken))
    assert (desk.vault.tenants, desk.vault.subjects) == ({TTU}, ["call-1"])
    assert opened.story == Sealed("call-1/1", "story", "rumah terbakar"[::-1])
    assert opened.place.description == Sealed("call-1/1", "place", "dekat pasar baru"[::-1])
    assert opened.place.point is not None
    assert opened.place.district == "53.03.01"


async def test_without_a_story_of_its_own_a_ticket_takes_the_reports(desk: Desk) -> None:
    reported = Sealed("call-1/1", "story", "...")
    desk.has_call(told=facts(story=reported))
    assert (await desk.opened()).story == reported


async def test_a_call_that_nobody_answered_gets_a_ticket_when_a_person_decides_so(desk: Desk) -> None:
    desk.has_call(told=abandoned())
    assert (await desk.opened()).calls == ("call-1",)


async def test_a_type_that_the_tenant_does_not_have_is_refused_with_those_it_has(desk: Desk) -> None:
    desk.has_call()
    refused = await desk.open(TTU, "call-1", Wish(incident_type="dragon"), command())
    assert refused == NotInCatalogue("incident_type", ("structure_fire", "street_light", "question"))


async def test_a_ticket_of_an_unknown_call_or_tenant_is_not_opened(desk: Desk) -> None:
    desk.has_call(tenant="99.99")
    assert await desk.open(TTU, "call-9", WISH, command()) == Unknown()
    assert await desk.open("99.99", "call-1", WISH, command()) == Unknown()
    assert desk.tickets.documents == {}


async def test_the_same_command_opens_one_ticket_and_answers_the_same(desk: Desk) -> None:
    desk.has_call()
    first = await desk.open(TTU, "call-1", WISH, command())
    second = await desk.open(TTU, "call-1", WISH, command())
    assert isinstance(first, Opened)
    assert second == Opened(first.ticket_id, repeated=True)
    assert len(desk.tickets.documents) == 1


async def test_the_same_command_names_its_ticket_also_after_the_call_has_left_it(desk: Desk) -> None:
    desk.has_call()
    first = await desk.open(TTU, "call-1", WISH, command())
    await desk.separate(TTU, "call-1", command("key-2", reason="lain"))
    second = await desk.open(TTU, "call-1", WISH, command("key-3"))
    again = await desk.open(TTU, "call-1", WISH, command())
    assert isinstance(first, Opened)
    assert isinstance(second, Opened)
    assert again == Opened(first.ticket_id, repeated=True)
    assert second.ticket_id != first.ticket_id


async def test_a_key_that_served_another_request_is_refused(desk: Desk) -> None:
    desk.has_call()
    await desk.open(TTU, "call-1", WISH, command(fingerprint="fire"))
    other = Wish(incident_type=LAMP.code)
    assert await desk.open(TTU, "call-1", other, command(fingerprint="lamp")) == KeyReused()


async def test_a_key_that_opened_no_ticket_names_none(desk: Desk) -> None:
    desk.has_call()
    await desk.classify(TTU, "call-1", Classification.PRANK, command())
    assert await desk.open(TTU, "call-1", WISH, command()) == Unknown()


async def test_who_decided_on_an_older_call_sees_the_newer_one(desk: Desk) -> None:
    desk.has_call()
    await desk.classify(TTU, "call-1", Classification.PRANK, command())
    lost = await desk.open(TTU, "call-1", WISH, command("key-2", by=BUDI, seen=1))
    assert lost == Conflict(desk.calls.only(), 2)


# The second half


async def test_what_was_cut_off_between_call_and_ticket_is_finished_by_the_deadline(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.away_for = 1
    with pytest.raises(Away):
        await desk.open(TTU, "call-1", WISH, command())
    assert desk.tickets.documents == {}
    assert desk.calls.only().next_due_at == LATER
    desk.now = LATER
    await desk.meet_deadline(TTU, "call-1")
    assert desk.tickets.only().calls == ("call-1",)
    assert desk.tickets.only().opened_at == NOON
    assert desk.calls.only().next_due_at is None


async def test_who_repeats_a_cut_off_command_finishes_it(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.away_for = 1
    with pytest.raises(Away):
        await desk.open(TTU, "call-1", WISH, command())
    again = await desk.open(TTU, "call-1", WISH, command())
    assert again == Opened(desk.tickets.only().ticket_id, repeated=True)


async def test_a_link_whose_ticket_followed_but_that_was_not_settled_is_settled_later(desk: Desk) -> None:
    desk.calls.away_after, desk.calls.away_for = 1, 1
    with pytest.raises(Away):
        await desk.opened()
    assert desk.calls.only().link is not None
    opened = desk.tickets.only()
    desk.now = LATER
    await desk.meet_deadline(TTU, "call-1")
    assert desk.calls.only().link is None
    assert desk.tickets.only() == opened
    assert desk.numbers.taken == {"53.03/TTU-20261122": 1}


async def test_a_deadline_that_cannot_be_met_comes_again_later(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.away_for = 2
    with pytest.raises(Away):
        await desk.open(TTU, "call-1", WISH, command())
    desk.now = LATER
    with pytest.raises(Away):
        await desk.meet_deadline(TTU, "call-1")
    assert desk.calls.only().next_due_at == LATER + timedelta(seconds=5)


async def test_a_deadline_without_anything_to_do_is_dull(desk: Desk) -> None:
    desk.has_call()
    await desk.meet_deadline(TTU, "call-1")
    await desk.meet_deadline(TTU, "call-9")
    assert desk.calls.documents[TTU, "call-1"].version == 1


async def test_a_link_to_a_ticket_that_vanished_is_shouted_about(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.put(TTU, "ticket-1", ticket())
    desk.tickets.away_for = 1
    with pytest.raises(Away):
        await desk.join(TTU, "call-1", "ticket-1", command())
    desk.tickets.documents.clear()
    with pytest.raises(TicketMissing, match="ticket-1"):
        await desk.follow(TTU, "call-1")


# Joining and leaving


async def test_a_second_call_about_the_same_fire_joins_its_ticket(desk: Desk) -> None:
    opened = await desk.opened()
    desk.has_call("call-2")
    saved = await desk.join(TTU, "call-2", opened.ticket_id, command("join"))
    assert isinstance(saved, Saved)
    assert desk.tickets.only().calls == ("call-1", "call-2")
    joined = desk.calls.documents[TTU, "call-2"].state
    assert (joined.classification, joined.classified_by) == (Classification.EMERGENCY, SITI)
    assert desk.tickets.topics == ["ticket.opened", "ticket.updated"]


async def test_joining_twice_is_joining_once(desk: Desk) -> None:
    opened = await desk.opened()
    desk.has_call("call-2")
    await desk.join(TTU, "call-2", opened.ticket_id, command("join"))
    again = await desk.join(TTU, "call-2", opened.ticket_id, command("join"))
    other_key = await desk.join(TTU, "call-2", opened.ticket_id, command("join-2"))
    assert isinstance(again, Saved)
    assert again.repeated
    assert isinstance(other_key, Saved)
    assert desk.tickets.only().calls == ("call-1", "call-2")


async def test_a_closed_ticket_is_not_joined(desk: Desk) -> None:
    opened = await desk.opened()
    await desk.close(TTU, opened.ticket_id, Disposition.CANCELLED, command("close", reason="batal"))
    desk.has_call("call-2")
    refused = await desk.join(TTU, "call-2", opened.ticket_id, command("join"))
    assert refused == NotPossible("ticket_closed", ("reopen",))


async def test_a_ticket_of_another_tenant_cannot_be_joined(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.put("53.71", "ticket-1", ticket())
    assert await desk.join(TTU, "call-1", "ticket-1", command()) == TicketUnknown()
    assert await desk.join(TTU, "call-9", "ticket-1", command()) == Unknown()


async def test_a_call_that_left_its_ticket_can_join_another(desk: Desk) -> None:
    opened = await desk.opened()
    desk.tickets.put(TTU, "ticket-2", ticket(ticket_id="ticket-2", number="TTU-20261122-0099"))
    await desk.separate(TTU, "call-1", command("leave", reason="kebakaran lain"))
    await desk.join(TTU, "call-1", "ticket-2", command("join"))
    assert desk.tickets.documents[TTU, opened.ticket_id].state.calls == ()
    assert desk.tickets.documents[TTU, "ticket-2"].state.calls == ("call-1",)


async def test_a_cut_off_separation_is_finished_before_the_next_step(desk: Desk) -> None:
    opened = await desk.opened()
    desk.tickets.away_for = 1
    with pytest.raises(Away):
        await desk.separate(TTU, "call-1", command("leave", reason="lain"))
    second = await desk.open(TTU, "call-1", WISH, command("second"))
    assert isinstance(second, Opened)
    assert desk.tickets.documents[TTU, opened.ticket_id].state.calls == ()


async def test_a_cut_off_opening_is_finished_before_the_call_leaves(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.away_for = 1
    with pytest.raises(Away):
        await desk.open(TTU, "call-1", WISH, command())
    left = await desk.separate(TTU, "call-1", command("leave", reason="lain"))
    assert isinstance(left, Saved)
    assert desk.tickets.only().calls == ()
    assert desk.tickets.only().born_of == "call-1"


async def test_a_cut_off_opening_is_finished_before_the_call_joins_another(desk: Desk) -> None:
    desk.has_call()
    desk.tickets.put(TTU, "ticket-1", ticket())
    desk.tickets.away_for = 1
    with pytest.raises(Away):
        await desk.open(TTU, "call-1", WISH, command())
    refused = await desk.join(TTU, "call-1", "ticket-1", command("join"))
    assert refused == NotPossible("has_ticket", ("separate",))
    assert len(desk.tickets.documents) == 2


async def test_the_ticket_follows_in_the_name_of_who_decided(desk: Desk) -> None:
    opened = await desk.opened()
    await desk.separate(TTU, "call-1", command("leave", by=BUDI, reason="kebakaran lain"))
    step = desk.tickets.documents[TTU, opened.ticket_id].steps[-1]
    assert (step.what, step.by, step.why) == ("call.separated", BUDI, "kebakaran lain")


async def test_the_ticket_follows_at_the_time_of_the_decision_and_each_step_once(desk: Desk) -> None:
    opened = await desk.opened()
    leaves = command("leave", by=BUDI, at=LATER, reason="kebakaran lain")
    await desk.separate(TTU, "call-1", leaves)
    follows = Command(key="follow/call-1/2", by=BUDI, at=LATER, occurred_at=LATER, reason="kebakaran lain")
    settles = Command(key="settle/call-1/2", by=BUDI, at=LATER, occurred_at=LATER, reason="kebakaran lain")
    assert desk.tickets.asked[1:] == [follows]
    assert desk.calls.asked[2:] == [leaves, settles]
    assert [*desk.tickets.documents[TTU, opened.ticket_id].commands] == ["follow/call-1/1", "follow/call-1/2"]
