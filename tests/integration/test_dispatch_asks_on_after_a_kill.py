"""The ladder goes on when dispatch is killed: deadlines are data, and no event is asked for twice."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from dispatch.application.follow import Follow
from dispatch.application.meet_deadline import MeetDeadline
from dispatch.application.ports import Plans
from dispatch.contracts import plan_of
from dispatch.domain.facts import Brief, Escalation, Ticket
from dispatch.domain.plan import Plan
from dispatch.storage import RESPONSES
from service_kit.clock import utc_now
from service_kit.decisions import Heard as HeardOf
from service_kit.documents import connect, database
from service_kit.due import DueWorker
from service_kit.event import Event
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from service_kit.store import AggregateStore
from shared_schemas import events as wire
from shared_schemas.envelope import Envelope
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import Priority
from tests.integration.service_process import ServiceProcess
from tests.integration.small_service import Heard, StartSmall, configured, tell_tenant

pytestmark = pytest.mark.integration

TENANT = "53.05"
TOLD = frozenset({"task.assigned", "task.updated", "ticket.closed"})
LONG_SECONDS = 60.0


def regency(acceptance_seconds: float) -> wire.TenantConfigured:
    """Return a regency with one fire brigade that has two contacts, and a supervisor."""
    told = configured(TENANT)
    plain = told.configuration.model_dump(mode="json")
    contact = plain["agencies"][0]["contacts"][0]
    plain["agencies"][0]["contacts"] = [contact, {**contact, "id": "piket"}]
    plain["clocks"]["acceptance_seconds"] = dict.fromkeys(("P1", "P2", "P3", "P4"), acceptance_seconds)
    configuration = type(told.configuration).model_validate(plain)
    return told.model_copy(update={"configuration": configuration})


class OnePlan(Plans):
    """The plan of one regency."""

    def of(self, tenant: str) -> Plan:
        """Return the plan."""
        assert tenant == TENANT
        return plan_of(regency(60))


class Nobody:
    """Sends nothing."""

    def ship(self, *_: object) -> None:
        """Leave it in the outbox."""

    def has_sent(self, *_: object) -> bool:
        """Nothing is ever acknowledged."""
        return False


async def test_a_new_process_meets_the_deadlines_that_the_old_one_left(settings: ServiceSettings) -> None:
    noon = utc_now()

    @asynccontextmanager
    async def process(seconds: int) -> AsyncIterator[tuple[AggregateStore[Any], Follow, DueWorker]]:
        now = noon + timedelta(seconds=seconds)
        client = connect(settings.mongo_url, service="dispatch")
        kept = database(client, f"{settings.database_prefix}dispatch")
        store = AggregateStore(kept, RESPONSES, ships=Nobody(), clock=lambda: now)
        await store.prepare()
        tick = MeetDeadline(store, OnePlan(), lambda: now)
        yield store, Follow(store, OnePlan(), lambda: now), DueWorker(store, tick, lambda: now)
        await client.close()

    brief = Brief("TTU-20261123-0001", "structure_fire", Priority.P1)
    ticket = Ticket(
        TENANT, "t-1", 1, closed=False, brief=brief, escalations=(Escalation("e", 1, ("damkar",)),)
    )
    async with process(0) as (_, follow, worker):
        await follow(ticket, HeardOf("triage", "ticket/t-1", 1, noon))
        assert await worker.run_once() == 0
    seen = []
    for seconds in (61, 122, 190):
        async with process(seconds) as (store, follow, worker):
            assert await worker.run_once() == 1
            assert await worker.run_once() == 0
            await follow(ticket, HeardOf("triage", "ticket/t-1", 1, noon))
            kept = await store.get(TENANT, "t-1")
            assert kept is not None
            seen.append(kept.state)
    assert [offer.contact for offer in seen[0].tasks[0].offers] == ["posko", "piket"]
    assert [state.status.value for state in seen] == ["active", "needs_supervisor", "needs_supervisor"]
    assert [len(state.supervisor_calls) for state in seen] == [0, 1, 2]


@pytest.fixture
async def dispatch(settings: ServiceSettings) -> AsyncIterator[ServiceProcess]:
    """Dispatch, not yet started."""
    process = ServiceProcess("dispatch", settings)
    yield process
    await process.end()


async def say(service: Service, source: str, subject: str, topic: str, data: wire.Stated) -> None:
    """Say an event as another service would."""
    envelope = Envelope(source, subject, topic, 1, TENANT, 1, utc_now())
    await service.producer.send(
        topic,
        partition=0,
        key=f"{TENANT}/{subject}".encode(),
        value=data.model_dump_json().encode(),
        headers=envelope.headers(),
    )


def escalated(ticket_id: str) -> wire.TicketState:
    """Return a burning house that the fire brigade is needed for."""
    now = utc_now()
    escalation = wire.Escalation(escalation_id="e-1", round=1, agencies=("damkar",), at=now, by="siti")
    return wire.TicketState(
        tenant=TENANT,
        recorded_at=now,
        ticket_id=ticket_id,
        number="TTU-20261123-0001",
        status="escalated",
        round=1,
        incident_type="structure_fire",
        common_type="structure_fire",
        priority="P1",
        lane="emergency",
        escalations=(escalation,),
        opened_at=now,
        opened_by="siti",
    )


def done(response: wire.ResponseState) -> wire.AgencyReplied:
    """Return the fire brigade's word that the fire is out."""
    now = utc_now()
    return wire.AgencyReplied(
        tenant=TENANT,
        recorded_at=now,
        reply_id=f"reply-{response.ticket_id}",
        ticket_id=response.ticket_id,
        task_id=response.tasks[0].task_id,
        agency="damkar",
        reply="done",
        by="damkar",
        channel="api",
        occurred_at=now,
    )


async def until(heard: Heard, what: str, matches: Callable[[Event[Any]], bool]) -> Event[Any]:
    """Wait for an event; say which one did not come."""
    found: list[Event[Any]] = []

    def look(events: list[Event[Any]]) -> bool:
        found[:] = [event for event in events if event.tenant == TENANT and matches(event)]
        return bool(found)

    try:
        async with asyncio.timeout(LONG_SECONDS), heard.news:
            await heard.news.wait_for(lambda: look(heard.events))
    except TimeoutError as error:
        message = f"{what} was not told"
        raise AssertionError(message) from error
    return found[0]


async def test_a_killed_dispatch_asks_the_next_contact_and_hears_the_end(
    start_small: StartSmall, dispatch: ServiceProcess
) -> None:
    heard = Heard()
    small = await start_small(heard.take, topics=TOLD)
    await tell_tenant(small.service, regency(3))
    ticket_id = derived_id(TENANT, "ticket", os.urandom(8).hex())

    def offers(event: Event[Any], count: int) -> bool:
        data = event.data
        return (
            isinstance(data, wire.ResponseState)
            and data.ticket_id == ticket_id
            and len(data.tasks[0].offers) == count
        )

    await dispatch.start()
    await say(small.service, "triage", f"ticket/{ticket_id}", "ticket.escalated", escalated(ticket_id))
    await until(heard, "the first offer", lambda event: offers(event, 1))
    await dispatch.kill()
    await dispatch.start()
    asked = await until(heard, "the offer to the second contact", lambda event: offers(event, 2))
    assert [offer.contact for offer in asked.data.tasks[0].offers] == ["posko", "piket"]
    await say(small.service, "agency-notifier", "reply/r", "agency.replied", done(asked.data))
    end = await until(heard, "the end", lambda event: event.envelope.topic == "ticket.closed")
    assert (end.data.ticket_id, end.data.disposition.value) == (ticket_id, "helped")
    assert end.envelope.subject == f"closing/{ticket_id}"
