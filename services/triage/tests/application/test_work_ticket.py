"""A ticket is worked on through its use cases."""

import pytest

from service_kit.decisions import Conflict, Heard, NotPossible, Saved, Unknown
from services.triage.tests.fakes import (
    BUDI,
    FIRE,
    LAMP,
    NOON,
    QUESTION,
    SITI,
    TTU,
    Desk,
    command,
    minutes,
    ticket,
)
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Disposition, Priority, TicketStatus
from triage.application.link_call import Wish
from triage.application.sealing import Spoken
from triage.application.work_ticket import ClosedUnheardOf, Correction
from triage.domain.catalogue import NotInCatalogue
from triage.domain.place import Place
from triage.domain.ticket import Closing

ENDED = Closing(disposition=Disposition.HELPED, at=NOON, by="dispatch")


async def escalated(desk: Desk, *agencies: str) -> str:
    opened = await desk.opened()
    saved = await desk.escalate(TTU, opened.ticket_id, agencies, command("escalate"))
    assert isinstance(saved, Saved)
    return opened.ticket_id


async def test_the_catalogue_names_the_agencies_when_nobody_does(desk: Desk) -> None:
    await escalated(desk)
    assert desk.tickets.only().escalations[0].agencies == FIRE.agencies
    assert desk.tickets.topics[-1] == "ticket.escalated"


async def test_named_agencies_are_asked_instead(desk: Desk) -> None:
    await escalated(desk, "polres")
    assert desk.tickets.only().escalations[0].agencies == ("polres",)


async def test_an_agency_that_the_tenant_does_not_have_is_refused(desk: Desk) -> None:
    opened = await desk.opened()
    refused = await desk.escalate(TTU, opened.ticket_id, ("basarnas",), command("escalate"))
    assert refused == NotInCatalogue("agencies", ("damkar", "pln", "dishub", "polres"))


async def test_a_type_without_agencies_is_escalated_only_to_named_ones(desk: Desk) -> None:
    opened = await desk.opened(wish=Wish(incident_type=QUESTION.code))
    refused = await desk.escalate(TTU, opened.ticket_id, (), command("escalate"))
    assert refused == NotPossible("no_agency_named", ("agencies",))


async def test_escalating_with_the_same_key_escalates_once(desk: Desk) -> None:
    ticket_id = await escalated(desk)
    again = await desk.escalate(TTU, ticket_id, (), command("escalate"))
    assert isinstance(again, Saved)
    assert again.repeated
    assert desk.tickets.only().round == 1


async def test_a_correction_is_sealed_for_the_first_caller(desk: Desk) -> None:
    opened = await desk.opened()
    correction = Correction(priority=Priority.P2, spoken=Spoken(story="dua rumah"))
    await desk.change(TTU, opened.ticket_id, correction, command("change"))
    assert (desk.vault.tenants, desk.vault.subjects) == ({TTU}, ["call-1"])
    assert desk.tickets.only().priority is Priority.P2
    story = desk.tickets.only().story
    assert story is not None
    assert story.ciphertext == "dua rumah"[::-1]


async def test_everything_that_can_be_corrected_is(desk: Desk) -> None:
    desk.tickets.put(TTU, "ticket-1", ticket(place=Place(district="53.03.01")))
    spoken = Spoken(place="dekat pasar baru", point='{"latitude":-9.4}')
    correction = Correction(incident_type=LAMP.code, district="53.03.02", spoken=spoken)
    asked = command("change")
    await desk.change(TTU, "ticket-1", correction, asked)
    corrected = desk.tickets.only()
    assert (corrected.incident_type, corrected.common_type) == (LAMP.code, LAMP.common)
    assert corrected.place == Place(
        district="53.03.02",
        description=Sealed("call-1/1", "place", "dekat pasar baru"[::-1]),
        point=Sealed("call-1/1", "point", '{"latitude":-9.4}'[::-1]),
    )
    assert corrected.configuration_version == 3
    assert desk.tickets.asked == [asked]


async def test_a_hand_over_says_who_when_why_and_by_which_configuration(desk: Desk) -> None:
    desk.tickets.put(TTU, "ticket-1", ticket())
    asked = command("escalate", by=BUDI, at=NOON + minutes(1), reason="api meluas")
    await desk.escalate(TTU, "ticket-1", (), asked)
    (escalation,) = desk.tickets.only().escalations
    assert (escalation.by, escalation.at, escalation.reason) == (BUDI, NOON + minutes(1), "api meluas")
    assert desk.tickets.only().configuration_version == 3
    assert desk.tickets.asked == [asked]


async def test_a_correction_to_an_unknown_type_is_refused(desk: Desk) -> None:
    opened = await desk.opened()
    refused = await desk.change(TTU, opened.ticket_id, Correction(incident_type="dragon"), command("c"))
    assert isinstance(refused, NotInCatalogue)


async def test_of_two_people_who_change_one_ticket_the_second_sees_the_firsts_state(desk: Desk) -> None:
    opened = await desk.opened()
    wish = Correction(priority=Priority.P2)
    await desk.change(TTU, opened.ticket_id, wish, command("siti", seen=1))
    lost = await desk.change(TTU, opened.ticket_id, Correction(priority=Priority.P3), command("budi", seen=1))
    assert lost == Conflict(desk.tickets.only(), 2)
    assert desk.tickets.only().priority is Priority.P2


async def test_an_unknown_ticket_is_unknown_to_every_use_case(desk: Desk) -> None:
    assert await desk.change(TTU, "t", Correction(priority=Priority.P1), command()) == Unknown()
    assert await desk.escalate(TTU, "t", (), command()) == Unknown()
    assert await desk.escalate("99.99", "t", (), command()) == Unknown()
    assert await desk.reopen(TTU, "t", command(reason="lagi")) == Unknown()
    assert await desk.close(TTU, "t", Disposition.CANCELLED, command(reason="batal")) == Unknown()


def heard(sequence: int, ticket_id: str) -> Heard:
    return Heard("dispatch", f"closing/{ticket_id}", sequence, NOON)


async def test_dispatch_closes_the_present_round_and_the_ticket_tells_its_state(desk: Desk) -> None:
    ticket_id = await escalated(desk)
    await desk.hear_closing(TTU, ticket_id, 1, ENDED, heard=heard(9, ticket_id))
    assert desk.tickets.only().status is TicketStatus.CLOSED
    assert desk.tickets.topics[-1] == "ticket.updated"


async def test_a_late_end_of_an_older_round_leaves_the_newer_one_with_agencies(desk: Desk) -> None:
    ticket_id = await escalated(desk)
    await desk.escalate(TTU, ticket_id, ("polres",), command("again"))
    await desk.hear_closing(TTU, ticket_id, 1, ENDED, heard=heard(9, ticket_id))
    assert desk.tickets.only().status is TicketStatus.ESCALATED
    await desk.hear_closing(TTU, ticket_id, 2, ENDED, heard=heard(12, ticket_id))
    assert desk.tickets.only().status is TicketStatus.CLOSED


async def test_a_repeated_end_does_not_close_a_reopened_ticket(desk: Desk) -> None:
    ticket_id = await escalated(desk)
    await desk.hear_closing(TTU, ticket_id, 1, ENDED, heard=heard(9, ticket_id))
    await desk.reopen(TTU, ticket_id, command("reopen", reason="api lagi"))
    await desk.hear_closing(TTU, ticket_id, 1, ENDED, heard=heard(9, ticket_id))
    await desk.hear_closing(TTU, ticket_id, 1, ENDED, heard=heard(10, ticket_id))
    assert desk.tickets.only().status is TicketStatus.OPEN


async def test_the_end_of_a_ticket_that_is_not_here_is_not_swallowed(desk: Desk) -> None:
    with pytest.raises(ClosedUnheardOf, match="ticket-9"):
        await desk.hear_closing(TTU, "ticket-9", 1, ENDED, heard=heard(1, "ticket-9"))


async def test_the_desks_own_closing_names_its_author_and_reason(desk: Desk) -> None:
    opened = await desk.opened()
    closing = command("close", reason="sudah padam")
    await desk.close(TTU, opened.ticket_id, Disposition.NO_AGENCY_NEEDED, closing)
    assert desk.tickets.only().closing == Closing(
        disposition=Disposition.NO_AGENCY_NEEDED, at=NOON, by=SITI, reason="sudah padam", by_desk=True
    )
    assert desk.tickets.topics[-2:] == ["ticket.updated", "ticket.closed"]


async def test_every_step_of_a_ticket_is_kept_with_what_asked_for_it(desk: Desk) -> None:
    ticket_id = await escalated(desk)
    told = heard(9, ticket_id)
    await desk.hear_closing(TTU, ticket_id, 1, ENDED, heard=told)
    reopens = command("reopen", by=BUDI, reason="api lagi")
    await desk.reopen(TTU, ticket_id, reopens)
    closes = command("close", reason="sudah padam")
    await desk.close(TTU, ticket_id, Disposition.NO_AGENCY_NEEDED, closes)
    assert desk.tickets.asked[2:] == [told, reopens, closes]
