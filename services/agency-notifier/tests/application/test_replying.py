"""What agencies say becomes facts, once each."""

from typing import TYPE_CHECKING

from agency_notifier.application.ports import Traced
from agency_notifier.application.reply_task import ReplyTask, Said
from agency_notifier.domain.reply import Door
from service_kit.decisions import Command, Saved, Unknown
from shared_schemas.vocabulary import ReplyKind

if TYPE_CHECKING:
    from conftest import AskFor, Respond, World


async def asked(
    world: "World", respond: "Respond", task: "AskFor", *contacts: str
) -> tuple[ReplyTask, Traced]:
    await world.hear(respond(task(*(contacts or ("posko",)))))
    reply = ReplyTask(world.deliveries, world.responses, world.replies, world.book)
    found = await reply.asked("53.03", "ticket-1", "task-1", "damkar")
    assert isinstance(found, Traced)
    return reply, found


async def test_an_agency_finds_the_newest_delivery_of_its_own_task_and_no_other(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    reply, found = await asked(world, respond, task, "posko", "piket")
    assert found.state.contact == "piket"
    for stranger in [
        ("53.04", "ticket-1", "task-1", "damkar"),
        ("53.03", "ticket-2", "task-1", "damkar"),
        ("53.03", "ticket-1", "task-2", "damkar"),
        ("53.03", "ticket-1", "task-1", "bpbd"),
        ("53.03", "ticket-1", "task-1", ""),
    ]:
        assert await reply.asked(*stranger) == Unknown()


async def test_a_reply_by_the_api_is_the_accounts_and_happened_when_it_says(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    reply, found = await asked(world, respond, task)
    earlier = world.clock.now.replace(minute=1)
    command = Command("damkar-robot:k1", "damkar-robot", world.clock.now, fingerprint="a")
    saved = await reply.by_agency(found, Said(ReplyKind.EN_ROUTE, occurred_at=earlier), command)
    assert isinstance(saved, Saved)
    kept = saved.state
    assert (kept.by, kept.channel, kept.occurred_at) == ("damkar-robot", Door.API, earlier)
    assert (kept.agency, kept.configuration_version) == ("damkar", 3)
    assert world.replies.told == ["agency.replied"]


async def test_the_same_command_again_is_dull(world: "World", respond: "Respond", task: "AskFor") -> None:
    reply, found = await asked(world, respond, task)
    command = Command("damkar-robot:k1", "damkar-robot", world.clock.now, fingerprint="a")
    await reply.by_agency(found, Said(ReplyKind.ACCEPTED), command)
    again = await reply.by_agency(found, Said(ReplyKind.ACCEPTED), command)
    assert isinstance(again, Saved)
    assert again.repeated
    assert len(world.replies.told) == 1


async def test_a_link_pressed_again_is_dull_whatever_the_second_reason(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    reply, found = await asked(world, respond, task)
    await reply.by_link(found, Said(ReplyKind.DECLINED, "mobil rusak"), world.clock.now)
    world.clock.pass_(60)
    again = await reply.by_link(found, Said(ReplyKind.DECLINED, "lain"), world.clock.now)
    assert isinstance(again, Saved)
    assert (again.repeated, again.state.reason, again.state.by) == (True, "mobil rusak", "damkar/posko")


async def test_different_replies_of_one_task_are_different_facts(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    reply, found = await asked(world, respond, task)
    for kind in (ReplyKind.ACCEPTED, ReplyKind.EN_ROUTE, ReplyKind.DONE):
        await reply.by_link(found, Said(kind), world.clock.now)
    assert [one.reply for one in world.replies.kept.values()] == ["accepted", "en_route", "done"]
