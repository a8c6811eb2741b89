"""Twice, late and in any order is dull: the desk ends the same, and hearing everything once more does nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service_kit.event import Event
from services.triage.tests.fakes import NOON, TTU, Desk, call, facts, ticket
from shared_schemas.envelope import Envelope
from shared_schemas.vocabulary import CallStage, Disposition, TicketStatus
from triage import contracts
from triage.domain.desk_call import DeskCall
from triage.domain.ticket import Closing
from triage.handlers import Hear

STAGES = (CallStage.RINGING, CallStage.QUEUED, CallStage.ANSWERED, CallStage.ENDED, CallStage.ENDED)
SECOND = timedelta(seconds=1)
WITHIN = timedelta(seconds=120)


def _events() -> list[Event[Any]]:
    """Two calls as intake tells them step by step, and three rounds that dispatch ended, of one ticket."""
    return [*_call("call-1"), *_call("call-2"), *(_closing(round_) for round_ in (1, 2, 3))]


def _call(call_id: str) -> list[Event[Any]]:
    told = []
    for sequence, stage in enumerate(STAGES, start=1):
        state = contracts.call_said(
            replace(call(facts(stage, transfers=sequence)), call_id=call_id), NOON + sequence * SECOND
        )
        topic = contracts.CALL_RECEIVED if sequence == 1 else contracts.CALL_UPDATED
        told.append(_event(topic, "intake", f"call/{call_id}", sequence, state))
    return told


def _closing(round_: int) -> Event[Any]:
    own = Closing(disposition=Disposition.CANCELLED, at=NOON, by="siti", reason=str(round_), by_desk=True)
    said = contracts.closing_said(ticket(closing=own, round=round_), NOON)
    return _event(contracts.TICKET_CLOSED, "dispatch", "closing/ticket-1", 3 * round_, said)


def _event(topic: str, source: str, subject: str, sequence: int, data: Any) -> Event[Any]:
    return Event(Envelope(source, subject, topic, 1, TTU, sequence, NOON), data)


EVENTS = _events()
orders = st.tuples(
    st.permutations(range(len(EVENTS))), st.lists(st.sampled_from(range(len(EVENTS))), max_size=20)
).flatmap(lambda both: st.permutations([*both[0], *both[1]]))


def _heard(order: list[int], desk: Desk | None = None) -> Desk:
    """Hear events in an order; the ticket is with agencies in its third round."""
    if desk is None:
        desk = Desk()
        desk.tickets.put(TTU, "ticket-1", ticket(status=TicketStatus.ESCALATED, round=3))
    hear = Hear(desk.hear_call, desk.hear_closing)

    async def run() -> None:
        for number in order:
            await hear(EVENTS[number])

    asyncio.run(run())
    return desk


def _calls(desk: Desk) -> dict[str, DeskCall]:
    """Return the calls without their deadlines, which count from the telling of the end that came first."""
    states = {name: document.state for (_, name), document in desk.calls.documents.items()}
    for state in states.values():
        assert state.classification_due_at in {NOON + 4 * SECOND + WITHIN, NOON + 5 * SECOND + WITHIN}
    return {name: replace(state, classification_due_at=None) for name, state in states.items()}


IN_ORDER = list(range(len(EVENTS)))


@settings(max_examples=80)
@given(orders)
def test_any_order_and_any_repeat_end_the_same_and_say_the_same(order: list[int]) -> None:
    once, heard = _heard(IN_ORDER), _heard(order)
    assert _calls(heard) == _calls(once)
    assert heard.tickets.only() == once.tickets.only()
    assert (heard.tickets.topics, heard.calls.topics) == (once.tickets.topics, [])


@settings(max_examples=80)
@given(orders, orders)
def test_hearing_everything_once_more_saves_and_says_nothing(order: list[int], again: list[int]) -> None:
    desk = _heard(order)
    before = (desk.calls.documents, desk.tickets.documents, desk.tickets.said)
    kept = repr(before)
    _heard(again, desk)
    assert repr(before) == kept
