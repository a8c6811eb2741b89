"""Tries: made once by one process, repeated by the pattern, moved to the other channel, given up."""

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from agency_notifier.application.ports import Answer
from agency_notifier.domain.delivery import Fate
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import ContactChannel, DeliveryStatus

if TYPE_CHECKING:
    from conftest import AskFor, Respond, World

OK = Answer(Fate.DELIVERED, "200", healthy=True)
SICK = Answer(Fate.AGAIN, "500", healthy=False)
REFUSED = Answer(Fate.AGAIN, "403", healthy=True)
GONE = Answer(Fate.GONE, "410", healthy=True)
NO_MAILBOX = Answer(Fate.NEVER, "address_refused", healthy=True)


async def test_two_failures_then_a_success(world: "World", respond: "Respond", task: "AskFor") -> None:
    world.webhook.answers(SICK, SICK, OK)
    await world.hear(respond(task("posko")))
    await world.run_until_quiet()
    one = world.only()
    assert (one.status, [tried.answer for tried in one.attempts]) == ("delivered", ["500", "500", "200"])
    assert {notice.delivery_id for notice, _ in world.webhook.sent} == {one.delivery_id}


async def test_an_endpoint_that_refuses_five_times_gives_way_to_mail(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    world.webhook.answers(REFUSED)
    await world.hear(respond(task("posko")))
    await world.run_until_quiet()
    one = world.only()
    assert len(world.webhook.sent) == 5
    assert [address for _, address in world.email.sent] == ["posko@damkar.example"]
    assert (one.status, one.channel) == (DeliveryStatus.DELIVERED, ContactChannel.EMAIL)


async def test_when_no_channel_works_it_fails_and_says_so(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    world.webhook.answers(REFUSED)
    world.email.answers(REFUSED)
    await world.hear(respond(task("posko")))
    await world.run_until_quiet()
    last = world.deliveries.told[-1]
    assert (last.what, last.topic) == ("delivery.failed", "notification.updated")
    assert len(last.state.attempts) == 10


async def test_every_attempt_is_told(world: "World", respond: "Respond", task: "AskFor") -> None:
    world.webhook.answers(SICK, OK)
    await world.hear(respond(task("posko")))
    await world.run_until_quiet()
    told = [len(one.state.attempts) for one in world.deliveries.told if one.topic]
    assert told == [0, 1, 2]


async def test_a_receiver_that_is_gone_fails_it_at_once(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    world.webhook.answers(GONE)
    await world.hear(respond(task("posko")))
    await world.make_tries()
    assert world.only().status is DeliveryStatus.FAILED
    assert world.email.sent == []


async def test_an_address_that_is_none_fails_at_once_so_that_the_next_contact_is_asked(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    world.email.answers(NO_MAILBOX)
    await world.hear(respond(task("piket")))
    await world.make_tries()
    last = world.deliveries.told[-1]
    assert (last.what, last.topic, last.state.status) == ("delivery.failed", "notification.updated", "failed")
    assert [tried.answer for tried in last.state.attempts] == ["address_refused"]


async def test_where_the_preferred_address_is_none_the_other_channel_is_used_at_once(
    world: "World", respond: "Respond", task: "AskFor"
) -> None:
    posko = world.book.contacts["damkar", "posko"]
    mail_first = dict(reversed(list(posko.addresses.items())))
    world.book.contacts["damkar", "posko"] = replace(posko, addresses=mail_first)
    world.email.answers(NO_MAILBOX)
    await world.hear(respond(task("posko")))
    await world.run_until_quiet()
    one = world.only()
    assert [tried.answer for tried in one.attempts] == ["address_refused", "200"]
    assert (one.status, world.clock.now) == (DeliveryStatus.DELIVERED, one.asked_at)


class TestTheCircuit:
    async def test_the_third_failure_opens_it_and_mail_goes_at_once(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.webhook.answers(SICK)
        await world.hear(respond(task("posko")))
        await world.run_until_quiet()
        assert len(world.webhook.sent) == 3
        one = world.only()
        assert (one.status, one.channel) == ("delivered", ContactChannel.EMAIL)
        assert world.clock.now - one.asked_at == timedelta(seconds=7)

    async def test_while_it_is_open_a_try_is_noted_as_not_made_and_mail_goes_at_once(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.webhook.answers(SICK)
        await world.hear(respond(task("posko")))
        await world.run_until_quiet()
        made = len(world.webhook.sent)
        await world.hear(respond(task("posko"), task("posko", task_id="task-2")))
        await world.run_until_quiet()
        (second,) = (one for one in world.deliveries.kept.values() if one.task_id == "task-2")
        assert len(world.webhook.sent) == made
        assert [(tried.channel, tried.answer) for tried in second.attempts] == [
            (ContactChannel.WEBHOOK, "circuit_open"),
            (ContactChannel.EMAIL, "200"),
        ]

    async def test_it_is_not_opened_by_answers_of_a_healthy_endpoint(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.webhook.answers(REFUSED, REFUSED, REFUSED, OK)
        await world.hear(respond(task("posko")))
        await world.run_until_quiet()
        assert len(world.webhook.sent) == 4
        assert world.only().channel is ContactChannel.WEBHOOK

    async def test_one_endpoints_trouble_is_not_anothers(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.webhook.answers(SICK)
        await world.hear(respond(task("posko")))
        await world.run_until_quiet()
        world.webhook.answers(OK)
        await world.hear(respond(task("posko"), task("posko", agency="bpbd", task_id="task-2")))
        await world.make_tries()
        assert world.webhook.sent[-1][1] == "https://bpbd.example/112"


class TestCrashes:
    async def test_a_try_that_was_sent_but_not_saved_is_made_again_with_the_same_id(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        await world.hear(respond(task("posko")))
        sent_by_the_dead = world.sending.taken.pop()
        second = world.another()
        world.clock.pass_(9.9)
        await second.wake_due()
        assert second.sending.taken == [], "the dead one's word still counts"
        world.clock.pass_(0.1)
        await second.run_until_quiet()
        ((notice, _),) = world.webhook.sent
        assert notice.delivery_id == sent_by_the_dead.delivery_id
        assert [tried.answer for tried in world.only().attempts] == ["interrupted", "200"]

    async def test_two_processes_never_hold_the_same_try(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.webhook.answers(SICK, OK)
        await world.hear(respond(task("posko")))
        await world.make_tries()
        world.clock.pass_(2)
        second = world.another()
        await world.wake_due()
        await second.wake_due()
        await world.wake(world.only().tenant, world.only().delivery_id)
        assert [len(world.sending.taken), len(second.sending.taken)] == [1, 0]

    async def test_who_lost_the_claim_while_waiting_for_a_turn_does_not_send(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        await world.hear(respond(task("posko")))
        world.clock.pass_(10)
        second = world.another()
        await second.wake_due()
        await world.make_tries()
        assert world.webhook.sent == []
        await second.make_tries()
        assert len(world.webhook.sent) == 1

    async def test_a_try_that_waits_long_for_its_turn_keeps_its_claim(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        await world.hear(respond(task("posko")))
        world.clock.pass_(10)
        await world.wake_due()
        assert world.only().attempts == ()
        world.clock.pass_(9)
        await world.another().wake_due()
        await world.make_tries()
        assert [tried.answer for tried in world.only().attempts] == ["200"]

    async def test_a_claim_that_is_nearly_over_is_renewed_before_sending(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        await world.hear(respond(task("posko")))
        world.clock.pass_(6)
        await world.make_tries()
        assert "delivery.claimed" in [told.what for told in world.deliveries.told]


class TestWhatIsSent:
    async def test_a_repeat_tells_the_newest_that_is_known(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.webhook.answers(SICK, OK)
        await world.hear(respond(task("posko"), story=None))
        await world.make_tries()
        await world.hear(respond(task("posko"), story=Sealed("call-2/1", "bg", "Yw")))
        await world.run_until_quiet()
        assert [notice.story for notice, _ in world.webhook.sent] == [None, "rumah terbakar"]

    async def test_a_message_that_is_wanted_no_more_is_withdrawn_instead_of_sent(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        await world.hear(respond(task("posko")))
        accepted = respond(task("posko", status="accepted"))
        world.responses.kept[(accepted.tenant, accepted.ticket_id)] = (9, accepted)
        await world.make_tries()
        assert (world.webhook.sent, world.only().status) == ([], DeliveryStatus.WITHDRAWN)

    async def test_while_the_vault_is_away_nothing_is_sent_and_it_is_tried_again(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        world.contents.away = True
        await world.hear(respond(task("posko")))
        await world.make_tries()
        assert [tried.answer for tried in world.only().attempts] == ["content_unavailable"]
        assert world.webhook.sent == []
        world.contents.away = False
        await world.run_until_quiet()
        assert world.only().status is DeliveryStatus.DELIVERED

    @pytest.mark.parametrize("channel", list(ContactChannel))
    async def test_an_address_that_was_taken_out_meanwhile_is_not_used(
        self, world: "World", respond: "Respond", task: "AskFor", channel: ContactChannel
    ) -> None:
        await world.hear(respond(task("posko")))
        posko = world.book.contacts["damkar", "posko"]
        left = {channel: posko.addresses[channel]}
        world.book.contacts["damkar", "posko"] = replace(posko, addresses=left)
        await world.run_until_quiet()
        sent = {"webhook": len(world.webhook.sent), "email": len(world.email.sent)}
        assert sent == {"webhook": 0, "email": 0, channel.value: 1}

    async def test_the_message_says_what_the_tenant_calls_things(
        self, world: "World", respond: "Respond", task: "AskFor"
    ) -> None:
        await world.hear(respond(task("posko")))
        await world.make_tries()
        ((notice, address),) = world.webhook.sent
        assert (notice.type_name, notice.type_name_en) == ("Kebakaran bangunan", "Structure fire")
        assert (notice.agency_name, notice.number) == ("Pemadam Kebakaran", "TTU-20261122-0017")
        assert (address, len(notice.reply_links)) == ("https://damkar.example/112", 5)
