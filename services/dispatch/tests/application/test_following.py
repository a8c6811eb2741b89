"""What is stored and told when tickets, agencies and deliveries speak, and when hours come."""

from dataclasses import replace
from datetime import timedelta

from dispatch.domain.facts import Closing, Escalation, NotDelivered
from services.dispatch.tests.world import ACCEPTANCE, NOON, TENANT, TICKET, World, reply, states, the, ticket
from shared_schemas.vocabulary import Disposition, GapStatus, ReplyKind, ResponseStatus, TaskStatus

SECOND = timedelta(seconds=1)


async def test_an_escalation_is_told_as_assigned_with_its_first_offers(world: World) -> None:
    await world.hear(ticket("damkar", "dinkes"))
    assert world.topics == ["task.assigned"]
    told = world.last_state()
    assert [(one.agency, one.offers[0].contact) for one in told.tasks] == [
        ("damkar", "posko"),
        ("dinkes", "posko"),
    ]
    assert (told.configuration_version, told.brief.number) == (7, "TTU-20261123-0001")


async def test_the_same_event_twice_changes_nothing_the_second_time(world: World) -> None:
    await world.hear(ticket("damkar"))
    await world.hear(ticket("damkar"))
    assert len(world.told) == 1


async def test_the_same_state_on_another_topic_is_heard_in_silence(world: World) -> None:
    await world.hear(ticket("damkar"), sequence=1)
    await world.hear(ticket("damkar"), sequence=2)
    assert len(world.told) == 1


async def test_an_older_state_of_the_ticket_does_not_bring_the_brief_back(world: World) -> None:
    await world.hear(ticket("damkar", round_=2), sequence=5)
    await world.hear(ticket("dinkes", round_=1), sequence=4)
    assert states(await world.response()) == {"damkar": "offered"}


async def test_a_ticket_without_escalations_stores_nothing(world: World) -> None:
    await world.hear(ticket())
    assert world.documents.documents == {}


async def test_news_of_the_ticket_is_told_as_updated(world: World) -> None:
    await world.hear(ticket("damkar"), sequence=1)
    news = ticket("damkar")
    brief = type(news.brief)("TTU-20261123-0001", "land_fire", news.brief.priority, calls=2)
    await world.hear(
        type(news)(TENANT, TICKET, 1, closed=False, brief=brief, escalations=news.escalations), 2
    )
    assert world.topics == ["task.assigned", "task.updated"]
    assert (world.last_state().brief.incident_type, world.last_state().brief.calls) == ("land_fire", 2)


async def test_a_reply_is_told_as_updated_and_stands_in_the_timeline(world: World) -> None:
    await world.hear(ticket("damkar"))
    task = the(await world.response(), "damkar")
    await world.hear(reply(task, ReplyKind.ACCEPTED))
    assert world.topics == ["task.assigned", "task.updated"]
    kept = await world.store.get(TENANT, TICKET)
    assert kept is not None
    assert (kept.timeline[-1].what, kept.timeline[-1].why) == (
        "reply.heard",
        "damkar says accepted; damkar accepted",
    )


async def test_when_an_agency_accepted_is_told_by_its_clock_and_by_ours(world: World) -> None:
    await world.hear(ticket("damkar"))
    said = reply(the(await world.response(), "damkar"), ReplyKind.ACCEPTED, after=SECOND)
    told = NOON.replace(year=1)
    await world.hear(replace(said, occurred_at=told))
    (task,) = world.last_state().tasks
    assert (task.accepted_at, task.acceptance_recorded_at) == (told, NOON + SECOND)


async def test_a_reply_that_changes_nothing_stands_in_the_timeline_and_is_not_told(world: World) -> None:
    await world.hear(ticket("pln", "dinkes"))
    task = the(await world.response(), "pln")
    await world.hear(reply(task, ReplyKind.DECLINED))
    told = len(world.told)
    await world.hear(reply(task, ReplyKind.DECLINED, after=SECOND))
    assert len(world.told) == told
    kept = await world.store.get(TENANT, TICKET)
    assert kept is not None
    assert kept.timeline[-1].why == "pln says declined"


async def test_a_reply_before_its_ticket_is_kept_untold_and_counts_later(world: World) -> None:
    other = World()
    await other.hear(ticket("damkar"))
    task = the(await other.response(), "damkar")
    await world.hear(reply(task, ReplyKind.ACCEPTED))
    assert world.told == []
    await world.hear(ticket("damkar"))
    assert world.last_state().tasks[0].status is TaskStatus.ACCEPTED


async def test_silence_is_told_step_by_step_up_to_the_supervisor(world: World) -> None:
    await world.hear(ticket("damkar"))
    await world.wait(5 * ACCEPTANCE)
    assert world.topics == ["task.assigned"] * 5 + ["task.updated"]
    told = world.last_state()
    assert told.status is ResponseStatus.NEEDS_SUPERVISOR
    assert [call.contact for call in told.supervisor_calls] == ["pengawas"]


async def test_a_deadline_that_is_not_there_yet_changes_nothing(world: World) -> None:
    await world.hear(ticket("damkar"))
    await world.tick()
    assert len(world.told) == 1


async def test_a_deadline_waits_while_the_tenants_plan_is_not_here(world: World) -> None:
    await world.hear(ticket("damkar"))
    plan = world.plans.plans.pop(TENANT)
    world.now += 2 * ACCEPTANCE
    await world.tick()
    assert len(world.told) == 1
    world.plans.plans[TENANT] = plan
    await world.tick()
    assert world.topics == ["task.assigned", "task.assigned"]


async def test_a_failed_delivery_asks_the_next_contact_at_once(world: World) -> None:
    await world.hear(ticket("damkar"))
    task = the(await world.response(), "damkar")
    await world.hear(NotDelivered(TENANT, TICKET, task.task_id, 1))
    told = world.last_state().tasks[0].offers
    assert [(one.contact, one.undelivered) for one in told] == [("posko", True), ("piket", False)]
    assert world.topics[-1] == "task.assigned"


async def test_the_end_is_told_twice_in_one_save_as_state_and_as_closing(world: World) -> None:
    await world.hear(ticket("damkar"))
    task = the(await world.response(), "damkar")
    await world.hear(reply(task, ReplyKind.DONE))
    assert world.topics == ["task.assigned", "task.updated", "ticket.closed"]
    state, closing = world.told[-2:]
    assert (state.subject, closing.subject) == (f"response/{TICKET}", f"closing/{TICKET}")
    assert (closing.sequence, closing.key) == (state.sequence, TICKET)
    (said,) = world.closings()
    assert (said.round, said.disposition, said.closed_by) == (1, Disposition.HELPED, "dispatch")


async def test_news_after_the_end_do_not_close_again(world: World) -> None:
    await world.hear(ticket("damkar"), sequence=1)
    task = the(await world.response(), "damkar")
    await world.hear(reply(task, ReplyKind.DONE))
    await world.hear(ticket("damkar", closed=True), sequence=2)
    await world.hear(reply(task, ReplyKind.ACCEPTED, after=-SECOND))
    assert len(world.closings()) == 1


async def test_every_round_is_closed_once(world: World) -> None:
    await world.hear(ticket("damkar"), sequence=1)
    await world.hear(reply(the(await world.response(), "damkar"), ReplyKind.DONE))
    first = Escalation("escalation-1", 1, ("damkar",))
    await world.hear(ticket("dinkes", round_=3, earlier=[first]), sequence=4)
    await world.hear(reply(the(await world.response(), "dinkes"), ReplyKind.DONE))
    assert [closing.round for closing in world.closings()] == [1, 3]


async def test_triages_closing_is_told_as_called_off_but_not_closed_again(world: World) -> None:
    await world.hear(ticket("damkar"))
    await world.hear(Closing(TENANT, TICKET, 1))
    assert world.topics == ["task.assigned", "task.updated"]
    assert world.last_state().tasks[0].status is TaskStatus.CANCELLED


async def test_announcing_tells_the_last_end_again_and_no_earlier_one(world: World) -> None:
    await world.hear(ticket("damkar"))
    await world.hear(reply(the(await world.response(), "damkar"), ReplyKind.DONE))
    kept = await world.store.get(TENANT, TICKET)
    assert kept is not None
    assert [event.topic for event in world.store.present(kept)] == ["task.updated", "ticket.closed"]


async def test_nothing_is_told_as_closed_while_the_response_runs(world: World) -> None:
    await world.hear(ticket("damkar"))
    kept = await world.store.get(TENANT, TICKET)
    assert kept is not None
    assert [event.topic for event in world.store.present(kept)] == ["task.assigned"]


async def test_a_gap_that_a_person_accepts_ends_the_round(world: World) -> None:
    await world.hear(ticket("pln"))
    task = the(await world.response(), "pln")
    await world.hear(reply(task, ReplyKind.DECLINED, reason="tidak ada petugas"))
    await world.act.accept_gap(TENANT, TICKET, task.task_id, world.command("k", reason="listrik menyala"))
    told = world.last_state().tasks[0]
    assert (told.reason, told.gap, told.gap_reason) == (
        "tidak ada petugas",
        GapStatus.ACCEPTED,
        "listrik menyala",
    )
    assert world.closings()[0].disposition is Disposition.NOT_HELPED


async def test_a_process_that_died_goes_on_where_the_deadline_stood(world: World) -> None:
    await world.hear(ticket("damkar"))
    reborn = World(now=world.now, documents=world.documents)
    await reborn.wait(ACCEPTANCE)
    assert reborn.topics == ["task.assigned"]
    assert reborn.last_state().tasks[0].offers[-1].contact == "piket"
