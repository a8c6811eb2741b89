"""Twice and late is dull: whatever was heard in whatever order, hearing all of it again saves and tells nothing."""

import asyncio
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.application.follow import Follow
from dispatch.contracts import SERVICE, fact_of
from dispatch.handlers import follow_events
from service_kit.event import Event
from services.dispatch.tests.world import NOON, TENANT, TICKET, World, the
from shared_schemas import events as wire
from shared_schemas.envelope import Envelope
from shared_schemas.vocabulary import ReplyKind

AGENCIES = ("damkar", "dinkes")
Told = Event[wire.EventData]


def _ticket(sequence: int, *agencies: str, round_: int = 1, status: str = "escalated") -> Told:
    escalations = [
        {"escalation_id": f"e{number}", "round": number, "agencies": list(asked), "at": NOON, "by": "siti"}
        for number, asked in enumerate((AGENCIES, agencies)[:round_], start=1)
    ]
    data = wire.TicketState.model_validate(
        {
            "tenant": TENANT,
            "recorded_at": NOON,
            "ticket_id": TICKET,
            "number": "TTU-20261123-0001",
            "status": status,
            "round": round_,
            "incident_type": "structure_fire",
            "common_type": "structure_fire",
            "priority": "P1",
            "lane": "emergency",
            "opened_at": NOON,
            "opened_by": "siti",
            "escalations": escalations,
        }
    )
    return _event("triage", f"ticket/{TICKET}", sequence, "ticket.updated", data)


def _event(source: str, subject: str, sequence: int, topic: str, data: wire.EventData) -> Told:
    return Event(Envelope(source, subject, topic, 1, TENANT, sequence, NOON), data)


def _reply(task_id: str, agency: str, kind: ReplyKind) -> Told:
    data = wire.AgencyReplied(
        tenant=TENANT,
        recorded_at=NOON,
        reply_id=f"{task_id}/{kind}",
        ticket_id=TICKET,
        task_id=task_id,
        agency=agency,
        reply=kind,
        by="robot",
        channel="api",
        occurred_at=NOON,
    )
    return _event("agency-notifier", f"reply/{task_id}/{kind}", 1, "agency.replied", data)


def _delivery(sequence: int, task_id: str, agency: str, status: str) -> Told:
    data = wire.DeliveryState.model_validate(
        {
            "tenant": TENANT,
            "recorded_at": NOON,
            "delivery_id": f"d-{task_id}",
            "ticket_id": TICKET,
            "task_id": task_id,
            "step": 1,
            "agency": agency,
            "contact": "posko",
            "channel": "webhook",
            "status": status,
        }
    )
    return _event("agency-notifier", f"delivery/d-{task_id}", sequence, "notification.updated", data)


def _closed(sequence: int, round_: int, source: str) -> Told:
    data = wire.TicketClosed(
        tenant=TENANT,
        recorded_at=NOON,
        ticket_id=TICKET,
        round=round_,
        disposition="cancelled",
        closed_at=NOON,
        closed_by="siti",
    )
    return _event(source, f"closing/{TICKET}", sequence, "ticket.closed", data)


def _first_tasks() -> dict[str, str]:
    world = World()
    asyncio.run(_hear(world, [_ticket(2)]))
    return {agency: the(asyncio.run(world.response()), agency).task_id for agency in AGENCIES}


async def _hear(world: World, events: Sequence[Told]) -> None:
    handle = follow_events(Follow(world.store, world.plans, lambda: world.now))
    for event in events:
        await handle(event)


def _events() -> list[Told]:
    """Two rounds of one ticket and its end, what two agencies said and what did not reach them, our own word too."""
    tasks = _first_tasks()
    damkar, dinkes = tasks["damkar"], tasks["dinkes"]
    return [
        _ticket(2),
        _ticket(3),
        _ticket(5, "pln", round_=2),
        _ticket(9, "pln", round_=2, status="closed"),
        *(
            _reply(damkar, "damkar", kind)
            for kind in (ReplyKind.ACCEPTED, ReplyKind.ON_SCENE, ReplyKind.DONE)
        ),
        _reply(dinkes, "dinkes", ReplyKind.DECLINED),
        _delivery(1, damkar, "damkar", "waiting"),
        _delivery(4, damkar, "damkar", "delivered"),
        _delivery(3, dinkes, "dinkes", "failed"),
        _closed(6, 1, SERVICE),
        _closed(8, 2, "triage"),
    ]


EVENTS = _events()
orders = st.tuples(
    st.permutations(range(len(EVENTS))), st.lists(st.sampled_from(range(len(EVENTS))), max_size=20)
).flatmap(lambda both: st.permutations([*both[0], *both[1]]))


def _of(order: list[int]) -> list[Told]:
    return [EVENTS[number] for number in order]


def test_every_kind_of_fact_is_among_them() -> None:
    facts = {type(fact).__name__ for fact in map(fact_of, EVENTS) if fact is not None}
    assert facts == {"Ticket", "Reply", "NotDelivered", "Closing"}


@settings(max_examples=30)
@given(orders, orders)
def test_hearing_everything_once_more_saves_and_tells_nothing(order: list[int], again: list[int]) -> None:
    world = World()
    asyncio.run(_hear(world, _of(order)))
    kept, told = repr(world.documents.documents), len(world.told)
    asyncio.run(_hear(world, _of(again)))
    assert (repr(world.documents.documents), len(world.told)) == (kept, told)


@settings(max_examples=30)
@given(orders)
def test_in_any_order_nobody_is_still_asked_once_the_ticket_is_closed(order: list[int]) -> None:
    world = World()
    asyncio.run(_hear(world, _of(order)))
    response = asyncio.run(world.response())
    assert response.has_ended
    assert [task for task in response.tasks if task.is_open] == []
