"""A response changed: who is told, who is no longer, and that repeats and old news change nothing."""

from datetime import timedelta
from typing import TYPE_CHECKING

from agency_notifier.domain.response import Offer
from shared_schemas.vocabulary import DeliveryStatus

if TYPE_CHECKING:
    from conftest import AskFor, Respond, World


async def test_an_offer_becomes_a_delivery_whose_first_try_begins_at_once(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko")))
    assert [one.delivery_id for one in world.sending.taken] == [world.only().delivery_id]
    assert [told.topic for told in world.deliveries.told] == ["notification.updated"]


async def test_hearing_the_same_again_is_dull(world: "World", respond: "Respond", task: "AskFor") -> None:
    await world.hear(respond(task("posko")), sequence=4)
    await world.make_tries()
    await world.hear(respond(task("posko")), sequence=4)
    assert world.sending.taken == []
    assert len(world.webhook.sent) == 1


async def test_a_crash_between_hearing_and_making_is_made_good_by_the_repeat(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko")), sequence=4)
    world.deliveries.kept.clear()
    world.sending.taken.clear()
    await world.hear(respond(task("posko")), sequence=4)
    assert len(world.sending.taken) == 1


async def test_old_news_that_comes_late_asks_nobody(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko", status="cancelled")), sequence=5)
    await world.hear(respond(task("posko")), sequence=4)
    assert world.deliveries.kept == {}


async def test_a_waiting_message_is_withdrawn_once_the_task_is_taken(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko")))
    await world.hear(respond(task("posko", status="accepted")))
    assert world.only().status is DeliveryStatus.WITHDRAWN
    await world.make_tries()
    assert world.webhook.sent == []


async def test_a_delivered_message_stays_delivered(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko")))
    await world.make_tries()
    await world.hear(respond(task("posko", status="accepted")))
    assert world.only().status is DeliveryStatus.DELIVERED


async def test_when_the_ladder_goes_on_the_message_before_is_withdrawn(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko")))
    await world.hear(respond(task("posko", "piket")))
    states = {one.contact: one.status for one in world.deliveries.kept.values()}
    assert states == {"posko": DeliveryStatus.WITHDRAWN, "piket": DeliveryStatus.WAITING}


async def test_an_offer_that_was_over_before_it_was_heard_is_kept_as_withdrawn(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko", "piket")))
    states = {one.contact: one.status for one in world.deliveries.kept.values()}
    assert states == {"posko": DeliveryStatus.WITHDRAWN, "piket": DeliveryStatus.WAITING}
    assert [one.contact for one in world.sending.taken] == ["piket"]


async def test_a_contact_asked_beside_another_is_told_too(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko", "piket", apart=timedelta(seconds=5))))
    assert [one.contact for one in world.sending.taken] == ["posko", "piket"]


async def test_a_contact_that_the_tenant_no_longer_has_fails_at_once_so_that_dispatch_goes_on(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("nobody")))
    assert world.only().status is DeliveryStatus.FAILED
    assert [told.topic for told in world.deliveries.told] == ["notification.updated"]
    assert world.sending.taken == []


async def test_a_call_to_the_supervisor_is_a_message_to_the_supervisors_contact(
    world: "World", respond: "Respond"
) -> None:
    call = Offer(1, "pengawas", world.clock.now, world.clock.now + timedelta(minutes=1))
    await world.hear(respond(calls=[call], needs_supervisor=True))
    await world.make_tries()
    ((notice, address),) = world.email.sent
    assert (address, notice.calls_supervisor) == ("pengawas@x.example", True)
    assert (dict(notice.reply_links), notice.reply_url) == ({}, "")


async def test_a_supervisor_who_is_no_longer_needed_is_not_called(world: "World", respond: "Respond") -> None:
    call = Offer(1, "pengawas", world.clock.now, world.clock.now + timedelta(minutes=1))
    await world.hear(respond(calls=[call], needs_supervisor=True))
    await world.hear(respond(calls=[call], needs_supervisor=False))
    await world.make_tries()
    assert world.only().status is DeliveryStatus.WITHDRAWN
    assert world.email.sent == []


async def test_several_tasks_of_one_ticket_are_told_apart(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko"), task("posko", agency="bpbd", task_id="task-2")))
    assert {one.agency for one in world.deliveries.kept.values()} == {"damkar", "bpbd"}


async def test_no_kept_delivery_holds_what_was_said(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    await world.hear(respond(task("posko")))
    await world.make_tries()
    ((notice, _),) = world.webhook.sent
    assert (notice.story, notice.caller_number) == ("rumah terbakar", "081200000042")
    kept = repr(world.deliveries.kept) + repr(notice)
    assert "rumah" not in kept
    assert "0812" not in kept
