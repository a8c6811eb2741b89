"""What each decision about a message leaves behind, whole: every field, who is told, the words of the timeline."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agency_notifier.domain.delivery import (
    Attempt,
    Claim,
    Delivery,
    Fate,
    Try,
    begin,
    claim,
    make,
    renew,
    report,
    withdraw,
)
from agency_notifier.domain.reply import reply_id
from agency_notifier.domain.response import SUPERVISOR, Brief, Offer, Request, Response, Task
from service_kit.decisions import Changed, NotPossible
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import ContactChannel, DeliveryStatus, TaskStatus

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
LATER, SOON = NOON + timedelta(seconds=30), NOON + timedelta(seconds=2)
LEASE = timedelta(seconds=10)
WEBHOOK, EMAIL = ContactChannel.WEBHOOK, ContactChannel.EMAIL
TOLD = "notification.updated"
ASKED = Request("id-1", "task-1", 2, "damkar", "posko", NOON, NOON + timedelta(minutes=1), stands=True)
MINE = Claim("me", NOON, NOON + LEASE)
WAITING = Delivery(
    tenant="53.03",
    delivery_id="id-1",
    ticket_id="ticket-1",
    task_id="task-1",
    step=2,
    agency="damkar",
    contact="posko",
    channels=(WEBHOOK, EMAIL),
    channel=WEBHOOK,
    asked_at=NOON,
    respond_by=NOON + timedelta(minutes=1),
    status=DeliveryStatus.WAITING,
    next_attempt_at=NOON,
    claim=MINE,
    configuration_version=3,
    priority="P1",
)


def made(request: Request, *channels: ContactChannel) -> Delivery:
    return make(
        request,
        tenant="53.03",
        ticket_id="ticket-1",
        channels=channels,
        claim=MINE,
        configuration_version=3,
        priority="P1",
    )


def tried(fate: Fate, answer: str, *, at: datetime = NOON, took_ms: float = 120.6) -> Try:
    return Try(fate, answer, at, timedelta(milliseconds=took_ms))


def noted(answer: str, *, succeeded: bool = False, number: int = 1, took_ms: int = 121) -> Attempt:
    return Attempt(number, WEBHOOK, NOON, succeeded, answer, took_ms)


def test_a_message_is_made_with_all_that_was_asked() -> None:
    assert made(ASKED, WEBHOOK, EMAIL) == WAITING
    assert begin(None, new=WAITING) == Changed(WAITING, "delivery.made", TOLD)


def test_a_message_without_an_address_or_a_wish_has_no_next_try() -> None:
    ended = replace(WAITING, next_attempt_at=None, claim=None)
    nowhere = replace(ended, channels=(), channel=WEBHOOK, status=DeliveryStatus.FAILED)
    assert made(ASKED) == nowhere
    unwanted = replace(ended, status=DeliveryStatus.WITHDRAWN)
    assert made(replace(ASKED, stands=False), WEBHOOK, EMAIL) == unwanted
    assert begin(None, new=unwanted) == Changed(unwanted, "delivery.withdrawn", TOLD)


def test_only_a_supervisor_is_called_in_the_supervisors_place() -> None:
    assert not WAITING.calls_supervisor
    assert replace(WAITING, agency=SUPERVISOR).calls_supervisor


def test_a_claim_changes_nothing_but_who_holds_it() -> None:
    free = replace(WAITING, claim=None, next_attempt_at=SOON)
    taken = replace(free, claim=Claim("other", SOON, SOON + LEASE))
    assert claim(free, by="other", now=SOON, lease=LEASE) == Changed(taken, "delivery.claimed", None)


@pytest.mark.parametrize(
    "nobodys", [None, replace(WAITING, next_attempt_at=None), replace(WAITING, status=DeliveryStatus.FAILED)]
)
def test_what_does_not_wait_is_not_claimed(nobodys: Delivery | None) -> None:
    assert claim(nobodys, by="me", now=LATER, lease=LEASE) == NotPossible("not_waiting")


def test_a_try_that_was_cut_off_is_noted_and_taken_over() -> None:
    taken = replace(
        WAITING,
        attempts=(noted("interrupted", took_ms=0),),
        next_attempt_at=LATER,
        claim=Claim("other", LATER, LATER + LEASE),
    )
    assert claim(WAITING, by="other", now=LATER, lease=LEASE) == Changed(taken, "delivery.interrupted", TOLD)


def test_a_claim_that_is_renewed_runs_from_now() -> None:
    longer = replace(WAITING, claim=Claim("me", SOON, SOON + LEASE))
    assert renew(WAITING, by="me", now=SOON, lease=LEASE) == Changed(longer, "delivery.claimed", None)
    assert renew(None, by="me", now=SOON, lease=LEASE) == NotPossible("not_claimed")


def test_a_success_is_told_with_its_moment_and_its_answer() -> None:
    done = tried(Fate.DELIVERED, "204")
    ended = replace(
        WAITING,
        status=DeliveryStatus.DELIVERED,
        attempts=(noted("204", succeeded=True),),
        claim=None,
        next_attempt_at=None,
        delivered_at=NOON + timedelta(milliseconds=120.6),
    )
    said = report(WAITING, made=done, by="me", now=SOON, chance=0.5)
    assert said == Changed(ended, "delivery.delivered", TOLD, why="204")


def test_a_failure_is_told_with_the_next_try() -> None:
    waits = replace(
        WAITING, attempts=(noted("503"),), claim=None, next_attempt_at=SOON + timedelta(seconds=2)
    )
    said = report(WAITING, made=tried(Fate.AGAIN, "503"), by="me", now=SOON, chance=0.5)
    assert said == Changed(waits, "delivery.attempted", TOLD, why="503")
    late = report(WAITING, made=tried(Fate.AGAIN, "503"), by="me", now=SOON, chance=1.0)
    assert late == Changed(
        replace(waits, next_attempt_at=SOON + timedelta(seconds=2.4)), "delivery.attempted", TOLD, why="503"
    )


def test_the_last_failure_ends_it() -> None:
    only = replace(WAITING, channels=(WEBHOOK,))
    failed = replace(
        only, status=DeliveryStatus.FAILED, attempts=(noted("404"),), claim=None, next_attempt_at=None
    )
    said = report(only, made=tried(Fate.NEVER, "404"), by="me", now=SOON, chance=0.5)
    assert said == Changed(failed, "delivery.failed", TOLD, why="404")


def test_an_address_that_is_none_gives_way_to_the_other_channel() -> None:
    turned = replace(WAITING, attempts=(noted("404"),), claim=None, next_attempt_at=SOON, channel=EMAIL)
    said = report(WAITING, made=tried(Fate.NEVER, "404"), by="me", now=SOON, chance=0.5)
    assert said == Changed(turned, "delivery.attempted", TOLD, why="404")


def test_a_clock_that_went_back_makes_no_negative_time() -> None:
    said = report(WAITING, made=tried(Fate.AGAIN, "503", took_ms=-5), by="me", now=SOON, chance=0.5)
    assert isinstance(said, Changed)
    assert said.state.attempts == (noted("503", took_ms=0),)


def test_what_is_reported_by_another_or_too_late_is_only_noted() -> None:
    anothers = report(WAITING, made=tried(Fate.GONE, "410"), by="other", now=SOON, chance=0.5)
    assert anothers == Changed(
        replace(WAITING, attempts=(noted("410"),)), "delivery.attempted", TOLD, why="410"
    )
    ended = replace(WAITING, status=DeliveryStatus.WITHDRAWN, claim=None, next_attempt_at=None)
    late = report(ended, made=tried(Fate.DELIVERED, "200"), by="me", now=SOON, chance=0.5)
    noted_only = replace(ended, attempts=(noted("200", succeeded=True),))
    assert late == Changed(noted_only, "delivery.attempted", TOLD, why="200")
    assert report(None, made=tried(Fate.GONE, ""), by="me", now=SOON, chance=0) == NotPossible("not_waiting")


def test_a_message_is_withdrawn_whole() -> None:
    taken_back = replace(WAITING, status=DeliveryStatus.WITHDRAWN, claim=None, next_attempt_at=None)
    assert withdraw(WAITING) == Changed(taken_back, "delivery.withdrawn", TOLD)


def test_a_response_asks_whole_requests() -> None:
    first, second = Offer(1, "posko", NOON, SOON), Offer(2, "piket", SOON, LATER)
    call = Offer(1, "pengawas", LATER, LATER + LEASE)
    response = Response(
        "53.03",
        "ticket-1",
        Brief("TTU-1", "structure_fire", "P1"),
        (Task("task-1", "damkar", "offered", (first, second)),),
        needs_supervisor=True,
        supervisor_calls=(call,),
    )

    def request(about: str, offer: Offer, agency: str, *, stands: bool) -> Request:
        delivery = derived_id("53.03", "delivery", about, str(offer.step))
        return Request(
            delivery, about, offer.step, agency, offer.contact, offer.at, offer.due_at, stands=stands
        )

    wanted = [
        request("task-1", first, "damkar", stands=False),
        request("task-1", second, "damkar", stands=True),
        request("ticket-1", call, SUPERVISOR, stands=True),
    ]
    assert response.requests() == wanted
    assert [response.request(one.delivery_id) for one in wanted] == wanted
    assert response.request("another") is None


def test_a_reply_is_named_by_tenant_task_and_command() -> None:
    assert reply_id("53.03", "task-1", "key") == derived_id("53.03", "reply", "task-1", "key")


def test_a_long_try_is_told_to_the_millisecond() -> None:
    said = report(WAITING, made=tried(Fate.AGAIN, "timeout", took_ms=10_000), by="me", now=SOON, chance=0.5)
    assert isinstance(said, Changed)
    assert said.state.attempts == (noted("timeout", took_ms=10_000),)


def test_where_nobody_says_how_urgent_it_is_nothing_is_said() -> None:
    made_plainly = make(
        ASKED, tenant="53.03", ticket_id="t", channels=(WEBHOOK,), claim=MINE, configuration_version=3
    )
    assert not made_plainly.priority


def test_who_declined_is_out_also_while_the_place_is_empty() -> None:
    task = Task("task-1", "damkar", "declined", gap_is_open=True)
    response = Response("53.03", "ticket-1", Brief("TTU-1", "structure_fire", "P1"), (task,))
    assert response.closed("task-1") is TaskStatus.DECLINED
