"""Wire models and the domain: what is read from dispatch's words, what is said in ours."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agency_notifier import contracts
from agency_notifier.domain.delivery import Fate, Try, report
from agency_notifier.domain.reply import AgencyReply, Door
from agency_notifier.handlers import on_response
from service_kit.decisions import Changed
from service_kit.event import Event
from shared_schemas.envelope import Envelope
from shared_schemas.events import AgencyReplied, DeliveryState, ResponseState
from shared_schemas.topics import TOPICS
from shared_schemas.vocabulary import ReplyKind

if TYPE_CHECKING:
    from conftest import World

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def told(**about: Any) -> Event[ResponseState]:
    sealed = {"key_id": "call-1/1", "nonce": "bm9uY2U", "ciphertext": "Y2lwaGVy"}
    offer = {"step": 1, "contact": "posko", "at": NOON, "due_at": NOON + timedelta(minutes=1)}
    task = {
        "task_id": "task-1",
        "escalation_id": "e-1",
        "round": 1,
        "agency": "damkar",
        "status": "offered",
        "offers": [offer],
    }
    brief = {
        "number": "TTU-20261122-0017",
        "incident_type": "structure_fire",
        "priority": "P1",
        "place": {"district": "53.03.01", "description": sealed, "point": sealed},
        "story": sealed,
        "caller": sealed,
    }
    data = ResponseState.model_validate(
        {
            "tenant": "53.03",
            "recorded_at": NOON,
            "ticket_id": "ticket-1",
            "round": 1,
            "status": "active",
            "brief": brief,
            "tasks": [task],
            **about,
        }
    )
    envelope = Envelope("dispatch", "response/ticket-1", "task.assigned", 1, "53.03", 4, NOON)
    return Event(envelope, data)


def test_whose_place_a_stand_in_fills_is_heard() -> None:
    first, second = told().data.tasks[0], told().data.tasks[0]
    second = second.model_copy(update={"task_id": "task-2", "stands_in_for": "task-1"})
    heard = contracts.response_of(told(tasks=[first, second]))
    assert [task.stands_in_for for task in heard.tasks] == [None, "task-1"]


async def test_an_event_of_dispatch_becomes_a_delivery(world: "World") -> None:
    await on_response(world.follow)(told())
    one = world.only()
    assert (one.agency, one.contact, one.step, one.asked_at) == ("damkar", "posko", 1, NOON)
    await world.make_tries()
    ((notice, _),) = world.webhook.sent
    assert (notice.number, notice.district, notice.story) == (
        "TTU-20261122-0017",
        "53.03.01",
        "rumah terbakar",
    )


def test_everything_sealed_stays_sealed_and_in_its_place() -> None:
    brief = contracts.response_of(told()).brief
    assert all(one is not None for one in (brief.place, brief.point, brief.story, brief.caller))


def test_calls_to_a_supervisor_are_read() -> None:
    call = {"step": 3, "contact": "pengawas", "at": NOON, "due_at": NOON + timedelta(minutes=1)}
    response = contracts.response_of(told(status="needs_supervisor", supervisor_calls=[call]))
    (request,) = [one for one in response.requests() if one.agency == "supervisor"]
    assert (request.step, request.contact, request.stands) == (3, "pengawas", True)


def test_words_of_a_newer_version_are_read() -> None:
    response = contracts.response_of(told(status="paused", fresh_field={"a": 1}))
    assert not response.needs_supervisor


async def test_a_delivery_is_told_as_its_contract_says(world: "World") -> None:
    await on_response(world.follow)(told())
    failed = Try(Fate.AGAIN, "503", NOON, timedelta(milliseconds=7))
    changed = report(world.only(), made=failed, by="first", now=NOON, chance=0.5)
    assert isinstance(changed, Changed)
    event = contracts.delivery_state(changed.state, NOON)
    again = DeliveryState.model_validate_json(event.model_dump_json())
    assert (again.status, again.channel, again.next_attempt_at) == (
        "waiting",
        "webhook",
        NOON + timedelta(seconds=2),
    )
    assert [(one.number, one.answer, one.took_ms) for one in again.attempts] == [(1, "503", 7)]
    assert TOPICS["notification.updated"].key_of(again) == "ticket-1"
    assert "claim" not in event.model_dump()


def test_a_reply_is_told_as_its_contract_says() -> None:
    reply = AgencyReply(
        "53.03", "r-1", "ticket-1", "task-1", "damkar", ReplyKind.DECLINED, "robot", Door.API, NOON, "rusak"
    )
    event = AgencyReplied.model_validate_json(contracts.agency_replied(reply, NOON).model_dump_json())
    assert (event.reply, event.reason, event.channel, event.by) == ("declined", "rusak", "api", "robot")


def test_what_is_heard_and_said_is_what_the_topics_say() -> None:
    heard = {name for name, topic in TOPICS.items() if contracts.SOURCE in topic.consumers}
    said = {name for name, topic in TOPICS.items() if contracts.SOURCE in topic.producers}
    assert heard - {"tenant.configured"} == contracts.HEARS
    assert said == contracts.SAYS
