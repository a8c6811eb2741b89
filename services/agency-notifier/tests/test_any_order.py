"""Twice, late and in any order is dull: the same people are asked, and hearing everything again asks nobody."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agency_notifier.handlers import on_response
from service_kit.event import Event
from shared_schemas import events as wire
from shared_schemas.envelope import Envelope
from shared_schemas.vocabulary import DeliveryStatus

if TYPE_CHECKING:
    from conftest import World

NewWorld = Callable[[], "World"]
STATES: Sequence[tuple[tuple[str, str, Sequence[str]], ...]] = (
    (("task-1", "damkar", ["posko"]),),
    (("task-1", "damkar", ["posko"]), ("task-2", "bpbd", ["posko"])),
    (("task-1", "damkar", ["posko", "piket"]), ("task-2", "bpbd", ["posko"])),
    (("task-1", "damkar", ["posko", "piket"]), ("task-2", "bpbd/accepted", ["posko"])),
)
"""A response, oldest first: who is asked through which contacts; what an agency answered."""
orders = st.tuples(
    st.permutations(range(len(STATES))), st.lists(st.sampled_from(range(len(STATES))), max_size=8)
).flatmap(lambda both: st.permutations([*both[0], *both[1]]))


def _event(world: "World", number: int) -> Event[Any]:
    tasks = [_task(world, *one) for one in STATES[number]]
    data = wire.ResponseState.model_validate(
        {
            "tenant": "53.03",
            "recorded_at": world.clock.now,
            "ticket_id": "ticket-1",
            "round": 1,
            "status": "active",
            "brief": {"number": "TTU-20261122-0017", "incident_type": "structure_fire", "priority": "P1"},
            "tasks": tasks,
        }
    )
    envelope = Envelope(
        "dispatch", "response/ticket-1", "task.updated", 1, "53.03", number + 1, world.clock.now
    )
    return Event(envelope, data)


def _task(world: "World", task_id: str, said: str, contacts: Sequence[str]) -> dict[str, Any]:
    agency, _, status = said.partition("/")
    asked = [world.clock.now + step * timedelta(minutes=1) for step in range(len(contacts))]
    offers = [
        {"step": step, "contact": contact, "at": at, "due_at": at + timedelta(minutes=1)}
        for step, (contact, at) in enumerate(zip(contacts, asked, strict=True), start=1)
    ]
    escalated = {"escalation_id": "e1", "round": 1, "agency": agency}
    return {"task_id": task_id, **escalated, "status": status or "offered", "offers": offers}


def _hear(world: "World", order: Sequence[int]) -> None:
    handle = on_response(world.follow)

    async def run() -> None:
        for number in order:
            await handle(_event(world, number))

    asyncio.run(run())


def _waiting(world: "World") -> set[tuple[str, str]]:
    kept = world.deliveries.kept.values()
    return {(one.task_id, one.contact) for one in kept if one.status is DeliveryStatus.WAITING}


@settings(max_examples=60)
@given(order=orders)
def test_in_any_order_the_same_people_are_waited_for_and_nobody_else_is_sent_anything(
    new_world: NewWorld, order: list[int]
) -> None:
    world = new_world()
    _hear(world, order)
    assert _waiting(world) == {("task-1", "piket")}
    asyncio.run(world.make_tries())
    assert len(world.email.sent) == 1
    assert world.webhook.sent == []


@settings(max_examples=60)
@given(order=orders, again=orders, tried=st.booleans())
def test_hearing_everything_once_more_saves_tells_and_sends_nothing(
    new_world: NewWorld, order: list[int], again: list[int], *, tried: bool
) -> None:
    world = new_world()
    _hear(world, order)
    if tried:
        asyncio.run(world.make_tries())
    before = (repr(world.deliveries.kept), len(world.deliveries.told), len(world.sending.taken))
    sent = len(world.email.sent) + len(world.webhook.sent)
    _hear(world, again)
    after = (repr(world.deliveries.kept), len(world.deliveries.told), len(world.sending.taken))
    assert after == before
    asyncio.run(world.make_tries())
    assert len(world.email.sent) + len(world.webhook.sent) == (sent if tried else 1)
