"""Triage on the real broker and store: from intake's first word to dispatch's last, also after a cut."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
import pytest

from service_kit.clock import utc_now
from service_kit.event import Event
from service_kit.identity import Kind, Principal, Role, Signer
from service_kit.producer import slot_of
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from service_kit.store import AggregateStore
from shared_schemas import events as wire
from shared_schemas.envelope import Envelope
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import Lane, Priority
from tests.integration.small_service import (
    WITHIN_SECONDS,
    Heard,
    StartSmall,
    configured,
    eventually,
    said,
    tell_tenant,
)
from triage import contracts
from triage.config import TriageSettings
from triage.domain.desk_call import link_new_ticket
from triage.domain.link import Opening
from triage.main import assemble
from triage.storage.desk_calls import DESK_CALLS, MongoDeskCalls

pytestmark = pytest.mark.integration

SLOTS = (0, 1)
CODES = count(int.from_bytes(os.urandom(2)))


class Desk:
    """A running triage with a call taker at its doors."""

    def __init__(self, service: Service, client: httpx.AsyncClient, tenant: str) -> None:
        self.service = service
        self.client = client
        self.tenant = tenant

    async def ask(self, method: str, path: str, body: object = None) -> httpx.Response:
        """Send one request; a command gets a key of its own."""
        headers = {"Idempotency-Key": str(uuid4())}
        return await self.client.request(
            method, f"/v1/tenants/{self.tenant}/{path}", json=body, headers=headers
        )

    async def get(self, path: str) -> Any:
        """Return what a door shows."""
        answer = await self.ask("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def do(self, method: str, path: str, body: object) -> Any:
        """Give a command that is taken."""
        answer = await self.ask(method, path, body)
        assert answer.is_success, answer.text
        return answer.json()

    async def shows(self, path: str, **wanted: object) -> None:
        """Wait until a door shows these values."""

        async def holds() -> bool:
            answer = await self.ask("GET", path)
            return answer.is_success and wanted.items() <= answer.json().items()

        await eventually(holds)

    async def say(self, source: str, subject: str, topic: str, data: wire.Stated, sequence: int) -> None:
        """Say an event as another service does."""
        key = subject.partition("/")[2]
        await self.service.producer.send(
            topic,
            partition=slot_of(key, SLOTS),
            key=f"{self.tenant}/{key}".encode(),
            value=data.model_dump_json().encode(),
            headers=Envelope(source, subject, topic, 1, self.tenant, sequence, utc_now()).headers(),
        )

    async def said_until(self, subject: str, events: int) -> list[Event[Any]]:
        """Return the log of what triage says, once it holds so many events of a subject."""
        log: list[Event[Any]] = []

        async def holds() -> bool:
            log[:] = await said(contracts.SAYS, self.service.settings.kafka_bootstrap)
            return len(of(log, subject)) >= events

        await eventually(holds)
        return log

    async def call(self, *, ended_at: datetime | None = None, recorded_at: datetime | None = None) -> str:
        """Have intake tell of an answered call that has ended, and wait until it lies on the desk."""
        cause = str(uuid4())
        call_id, now = derived_id(self.tenant, "call", "pbx", cause), ended_at or utc_now()
        ringing = wire.CallState(
            tenant=self.tenant,
            recorded_at=recorded_at or now,
            call_id=call_id,
            trunk="pbx",
            exchange_call_id=cause,
            stage="ringing",
            started_at=now - timedelta(seconds=30),
        )
        ended = ringing.model_copy(
            update={"stage": "ended", "outcome": "answered", "answered_at": now, "ended_at": now}
        )
        await self.say("intake", f"call/{call_id}", "call.updated", ended, 2)
        await self.say("intake", f"call/{call_id}", "call.received", ringing, 1)
        await self.shows(f"calls/{call_id}", stage="ended", outcome="answered")
        return call_id


@pytest.fixture
def tenant() -> str:
    """A regency that no other test has: the topics are shared by all of them."""
    code = next(CODES) % 10_000
    return f"{code // 100:02}.{code % 100:02}"


@pytest.fixture
async def desk(settings: ServiceSettings, tenant: str) -> AsyncIterator[Desk]:
    given = {
        **settings.model_dump(),
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "MONGO_URL": settings.mongo_url,
    }
    own = TriageSettings.model_validate(given)
    service = Service("triage", own)
    await assemble(service, own)
    signer = Signer(service.secrets, issuer=own.token_issuer, audience=own.token_audience)
    signer.publish(own.token_keys)
    siti = Principal("siti", "Siti", Kind.PERSON, frozenset({tenant}), frozenset({Role.CALL_TAKER}))
    running = asyncio.create_task(service.run())

    async def is_ready() -> bool:
        return not await service.ready()

    await eventually(is_ready)
    await tell_tenant(service, configured(tenant))
    assert await service.tenants.wait_for(tenant, seconds=WITHIN_SECONDS)
    transport = httpx.ASGITransport(service.app)
    token = {"Authorization": f"Bearer {signer.token(siti, utc_now())}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://triage", headers=token) as client:
        yield Desk(service, client, tenant)
    service.stop()
    assert await running == 0


Listen = Callable[[], Awaitable[Heard]]


@pytest.fixture
def listen(start_small: StartSmall) -> Listen:
    """Hear everything that triage says."""

    async def start() -> Heard:
        heard = Heard()
        await start_small(heard.take, topics=contracts.SAYS)
        return heard

    return start


def closing(tenant: str, ticket_id: str, round_: int) -> wire.TicketClosed:
    return wire.TicketClosed(
        tenant=tenant,
        recorded_at=utc_now(),
        ticket_id=ticket_id,
        round=round_,
        disposition="helped",
        closed_at=utc_now(),
        closed_by="dispatch",
    )


def of(heard: list[Event[Any]], subject: str) -> list[Event[Any]]:
    """Return what was said of one subject by triage, in the order of its sequence, each once."""
    mine = {one.envelope.id: one for one in heard if one.envelope.subject == subject}
    return sorted((one for one in mine.values() if one.envelope.source == "triage"), key=_sequence)


def _sequence(event: Event[Any]) -> int:
    return event.envelope.sequence


async def test_a_call_becomes_a_ticket_that_agencies_end(desk: Desk) -> None:
    call_id = await desk.call()
    body = {"call_id": call_id, "incident_type": "structure_fire", "story": "rumah terbakar"}
    ticket = await desk.do("POST", "tickets", body)
    ticket_id = ticket["ticket_id"]
    assert (await desk.get(f"tickets/{ticket['number']}?personal=true"))["story"] == "rumah terbakar"
    await desk.do("POST", f"tickets/{ticket_id}/escalations", {})
    await desk.do("POST", f"tickets/{ticket_id}/escalations", {"reason": "api membesar"})
    for sequence, round_ in ((7, 1), (8, 2)):
        ended = closing(desk.tenant, ticket_id, round_)
        await desk.say("dispatch", f"closing/{ticket_id}", "ticket.closed", ended, sequence)
    await desk.shows(f"tickets/{ticket_id}", status="closed", disposition="helped", round=2)

    log = await desk.said_until(f"ticket/{ticket_id}", 4)
    topics = [one.envelope.topic for one in of(log, f"ticket/{ticket_id}")]
    assert topics == ["ticket.opened", "ticket.escalated", "ticket.escalated", "ticket.updated"]
    (told,) = of(log, f"call/{call_id}")
    assert (told.data.desk.classification, told.data.desk.ticket_id) == ("emergency", ticket_id)
    assert of(log, f"closing/{ticket_id}") == []


async def test_what_the_desk_closes_is_told_as_state_and_as_an_end(desk: Desk) -> None:
    call_id = await desk.call()
    ticket = await desk.do("POST", "tickets", {"call_id": call_id, "incident_type": "structure_fire"})
    done = {"disposition": "no_agency_needed", "reason": "sudah padam"}
    await desk.do("POST", f"tickets/{ticket['ticket_id']}/closing", done)
    log = await desk.said_until(f"closing/{ticket['ticket_id']}", 1)
    (end,) = of(log, f"closing/{ticket['ticket_id']}")
    assert (end.envelope.topic, end.data.round, end.data.reason) == ("ticket.closed", 0, "sudah padam")
    log = await desk.said_until(f"ticket/{ticket['ticket_id']}", 2)
    assert [one.data.status for one in of(log, f"ticket/{ticket['ticket_id']}")] == ["open", "closed"]


async def test_of_many_who_open_a_ticket_from_one_call_one_does(desk: Desk) -> None:
    call_id = await desk.call()
    body = {"call_id": call_id, "incident_type": "structure_fire"}
    answers = await asyncio.gather(*(desk.ask("POST", "tickets", body) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409, 409, 409]
    assert len((await desk.get("tickets"))["items"]) == 1


class Nobody:
    """Sends nothing: the process died before it could."""

    def ship(self, *_: object) -> None:
        """Leave it in the outbox."""

    def has_sent(self, *_: object) -> bool:
        """Nothing is ever acknowledged."""
        return False


async def test_what_a_dead_process_left_between_call_and_ticket_is_finished(
    desk: Desk, listen: Listen
) -> None:
    heard, call_id = await listen(), await desk.call()
    dead = AggregateStore(desk.service.database, DESK_CALLS, ships=Nobody(), clock=utc_now)
    opening = Opening(
        number_stem="TTU-20261122",
        incident_type="structure_fire",
        common_type="structure_fire",
        priority=Priority.P1,
        lane=Lane.EMERGENCY,
        configuration_version=1,
    )
    long_ago = utc_now() - timedelta(seconds=6)
    await MongoDeskCalls(dead).change(
        desk.tenant,
        call_id,
        lambda call: link_new_ticket(call, opening, by="siti", at=long_ago, command="siti:1"),
    )
    await desk.shows(f"calls/{call_id}", link_pending=False, classification="emergency")
    (ticket,) = (await desk.get("tickets"))["items"]
    assert (ticket["calls"], ticket["opened_by"]) == ([call_id], "siti")
    told = await heard.until(lambda events: len(of(events, f"ticket/{ticket['ticket_id']}")) == 1)
    assert of(told, f"ticket/{ticket['ticket_id']}")[0].envelope.topic == "ticket.opened"


async def test_a_call_without_a_class_becomes_overdue_and_comes_first(desk: Desk) -> None:
    fresh = await desk.call()
    forgotten = await desk.call(recorded_at=utc_now() - timedelta(hours=1))

    async def is_overdue() -> bool:
        return bool((await desk.get(f"calls/{forgotten}"))["overdue_since"])

    await eventually(is_overdue)
    older = await desk.call(ended_at=utc_now() - timedelta(seconds=60))
    listed = [one["call_id"] for one in (await desk.get("calls?view=unclassified"))["items"]]
    assert listed == [forgotten, older, fresh]
    await desk.do("PUT", f"calls/{forgotten}/classification", {"classification": "prank"})
    first = await desk.get("calls?view=unclassified&limit=1")
    rest = await desk.get(f"calls?view=unclassified&limit=1&after={first['next']}")
    assert [one["call_id"] for one in first["items"] + rest["items"]] == [older, fresh]
    newest = [one["call_id"] for one in (await desk.get("calls?view=all"))["items"]]
    assert newest == [forgotten, fresh, older]


async def test_the_loser_of_a_race_gets_the_winners_ticket(desk: Desk) -> None:
    call_id = await desk.call()
    ticket = await desk.do("POST", "tickets", {"call_id": call_id, "incident_type": "structure_fire"})
    door = f"tickets/{ticket['ticket_id']}"
    await desk.do("PATCH", door, {"priority": "P2"})
    url = f"/v1/tenants/{desk.tenant}/{door}"
    headers = {"Idempotency-Key": "late", "If-Match": f'"{ticket["version"]}"'}
    lost = await desk.client.patch(url, json={"priority": "P3"}, headers=headers)
    assert (lost.status_code, lost.json()["current"]["priority"]) == (409, "P2")
