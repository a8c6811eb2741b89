"""Events come in by one door, and triage does not listen to itself."""

from datetime import timedelta
from typing import Any

import pytest

from service_kit.event import Event
from services.triage.tests.fakes import NOON, TTU, Desk, call, ticket
from shared_schemas.envelope import Envelope
from shared_schemas.vocabulary import Classification, Disposition, TicketStatus
from triage import contracts
from triage.domain.ticket import Closing
from triage.handlers import Hear


def event(topic: str, source: str, subject: str, data: Any) -> Event[Any]:
    return Event(Envelope(source, subject, topic, 1, TTU, 5, NOON), data)


@pytest.fixture
def hear(desk: Desk) -> Hear:
    return Hear(desk.hear_call, desk.hear_closing)


@pytest.mark.parametrize("topic", ["call.received", "call.updated"])
async def test_what_intake_says_lies_on_the_desk(desk: Desk, hear: Hear, topic: str) -> None:
    told = contracts.call_said(call(), NOON)
    await hear(event(topic, "intake", "call/call-1", told))
    assert desk.calls.only().call_id == "call-1"
    assert desk.calls.only().classification_due_at == NOON + timedelta(seconds=120)


async def test_what_triage_says_of_a_call_does_not_come_back(desk: Desk, hear: Hear) -> None:
    told = contracts.call_said(call(classification=Classification.PRANK), NOON)
    await hear(event("call.updated", "triage", "call/call-1", told))
    assert desk.calls.documents == {}


@pytest.mark.parametrize(
    ("source", "status"), [("dispatch", TicketStatus.CLOSED), ("triage", TicketStatus.ESCALATED)]
)
async def test_only_dispatch_ends_what_is_with_agencies(
    desk: Desk, hear: Hear, source: str, status: TicketStatus
) -> None:
    desk.tickets.put(TTU, "ticket-1", ticket(status=TicketStatus.ESCALATED, round=1))
    own = Closing(disposition=Disposition.CANCELLED, at=NOON, by="siti", by_desk=True)
    told = contracts.closing_said(ticket(closing=own, round=1), NOON)
    await hear(event("ticket.closed", source, "closing/ticket-1", told))
    assert desk.tickets.only().status is status
