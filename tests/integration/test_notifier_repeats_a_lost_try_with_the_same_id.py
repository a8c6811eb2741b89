"""A notifier killed between sending and saving sends again with the same webhook-id, and the reply comes home."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service_kit.clock import utc_now
from service_kit.documents import connect, database
from service_kit.identity import Kind, Principal, Role, Signer
from service_kit.secrets import Secrets
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from service_kit.signing import verify
from service_kit.vault import OPERATOR_KEY, Vault
from shared_schemas import events as wire
from shared_schemas.envelope import Envelope
from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed, SealedField
from tests.integration.service_process import ServiceProcess
from tests.integration.small_service import Heard, StartSmall, configured, tell_tenant

pytestmark = pytest.mark.integration

TENANT = "53.06"
STORY = "rumah terbakar dekat pasar baru"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
LONG_SECONDS = 60.0


@dataclass
class Agency:
    """Damkar's webhook server: leaves its first request without an answer."""

    port: int = 0
    requests: asyncio.Queue[tuple[dict[str, str], bytes]] = field(default_factory=asyncio.Queue)
    answers: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:]
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head if line)
        }
        body = await reader.readexactly(int(headers["content-length"]))
        self.requests.put_nowait((headers, body))
        if self.answers:
            writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            await writer.drain()
            writer.close()

    async def next(self) -> tuple[dict[str, str], bytes]:
        return await asyncio.wait_for(self.requests.get(), LONG_SECONDS)


@pytest.fixture
async def agency() -> AsyncIterator[Agency]:
    agency = Agency()
    server = await asyncio.start_server(agency.serve, "127.0.0.1", 0)
    agency.port = server.sockets[0].getsockname()[1]
    yield agency
    server.close()


@pytest.fixture
async def notifier(settings: ServiceSettings) -> AsyncIterator[ServiceProcess]:
    """The notifier, not yet started; it may reach this machine, and gives up soon."""
    environment = {
        "SIAGA_ALLOW_PRIVATE_ADDRESSES": "true",
        "SIAGA_WEBHOOK_TIMEOUT_SECONDS": "2",
        "SIAGA_SMTP_TIMEOUT_SECONDS": "2",
    }
    process = ServiceProcess("agency_notifier", settings, environment)
    yield process
    await process.end()


def regency(port: int) -> wire.TenantConfigured:
    """Return a regency whose fire brigade has one webhook and no mail."""
    told = configured(TENANT)
    plain = told.configuration.model_dump(mode="json")
    plain["agencies"][0]["contacts"][0]["url"] = f"http://127.0.0.1:{port}/112"
    return told.model_copy(update={"configuration": type(told.configuration).model_validate(plain)})


async def sealed_story(settings: ServiceSettings) -> Sealed:
    """Seal a story as triage does."""
    secrets = Secrets(settings.secrets_dir)
    secrets.ensure(OPERATOR_KEY)
    client = connect(settings.vault_url or settings.mongo_url, service="triage")
    vault = Vault(database(client, f"{settings.database_prefix}vault"), secrets, writer="triage-test")
    sealed = await vault.seal(TENANT, "call-1", SealedField.STORY, STORY)
    await client.close()
    return sealed


def offered(ticket_id: str, story: Sealed) -> wire.ResponseState:
    """Return a response in which damkar's posko is asked now."""
    now = utc_now()
    offer = wire.Offer(step=1, contact="posko", at=now, due_at=now + timedelta(minutes=5))
    task = wire.TaskState(
        task_id=f"task-{ticket_id}",
        escalation_id="e-1",
        round=1,
        agency="damkar",
        status="offered",
        offers=(offer,),
    )
    brief = wire.Brief(number="TTU-1", incident_type="structure_fire", priority="P1", story=story)
    return wire.ResponseState(
        tenant=TENANT,
        recorded_at=now,
        ticket_id=ticket_id,
        round=1,
        status="active",
        brief=brief,
        tasks=(task,),
    )


async def say(service: Service, response: wire.ResponseState) -> None:
    """Say it as dispatch does."""
    subject = f"response/{response.ticket_id}"
    trace = f"00-{TRACE_ID}-b7ad6b7169203331-01"
    envelope = Envelope("dispatch", subject, "task.assigned", 1, TENANT, 1, utc_now(), trace)
    await service.producer.send(
        "task.assigned",
        partition=0,
        key=f"{TENANT}/{response.ticket_id}".encode(),
        value=response.model_dump_json().encode(),
        headers=envelope.headers(),
    )


def supervisors_token(settings: ServiceSettings) -> str:
    """Return a token as the directory makes it, and publish its key."""
    signer = Signer(
        Secrets(settings.secrets_dir), issuer=settings.token_issuer, audience=settings.token_audience
    )
    signer.publish(settings.token_keys)
    who = Principal("s-1", "S", Kind.PERSON, frozenset({TENANT}), frozenset({Role.SUPERVISOR}))
    return signer.token(who, utc_now())


async def shown(settings: ServiceSettings, base: str, ticket_id: str) -> Any:
    """Look at the ticket's one delivery through the public door."""
    headers = {"authorization": f"Bearer {supervisors_token(settings)}"}
    async with httpx.AsyncClient(headers=headers, trust_env=False) as client:
        deliveries = f"{base}/v1/tenants/{TENANT}/deliveries"
        (listed,) = (await client.get(deliveries, params={"ticket_id": ticket_id})).json()["items"]
        return (await client.get(f"{deliveries}/{listed['delivery_id']}")).json()


async def press(link: str) -> tuple[str, str]:
    """Open a reply link and press its button twice."""
    async with httpx.AsyncClient(trust_env=False) as client:
        assert (await client.get(link)).status_code == 200
        first, second = await client.post(link), await client.post(link)
    return first.text, second.text


async def test_a_try_whose_end_nobody_saw_is_made_again_with_the_same_id(
    settings: ServiceSettings, start_small: StartSmall, notifier: ServiceProcess, agency: Agency
) -> None:
    heard = Heard()
    small = await start_small(heard.take, topics=frozenset({"agency.replied", "notification.updated"}))
    await tell_tenant(small.service, regency(agency.port))
    ticket_id = derived_id(TENANT, "ticket", os.urandom(4).hex())
    response = offered(ticket_id, await sealed_story(settings))

    await notifier.start()
    await say(small.service, response)
    before, _ = await agency.next()
    await notifier.kill()

    agency.answers = True
    await notifier.start()
    after, body = await agency.next()
    said = json.loads(body)
    assert after["webhook-id"] == before["webhook-id"] == said["delivery_id"]
    assert after["traceparent"].split("-")[1] == TRACE_ID
    assert said["story"] == STORY
    secret = Secrets(settings.secrets_dir).read(f"agencies/{TENANT}/damkar")
    assert verify([secret], after, body, utc_now()).id == said["delivery_id"]

    events = await heard.until(lambda events: _status(events, ticket_id) == "delivered")
    ours = [event for event in events if event.data.ticket_id == ticket_id]
    assert {event.envelope.traceparent.split("-")[1] for event in ours} == {TRACE_ID}
    link = said["reply_links"]["accepted"]
    delivery = await shown(settings, link.partition("/r/")[0], ticket_id)
    assert [one["answer"] for one in delivery["attempts"]] == ["interrupted", "204"]
    assert [step["what"] for step in delivery["timeline"]] == [
        "delivery.made",
        "delivery.interrupted",
        "delivery.delivered",
    ]
    assert agency.requests.empty()

    pressed = await press(link)
    assert "sudah dicatat. Terima kasih" in pressed[0]
    assert "sudah dicatat sebelumnya" in pressed[1]
    events = await heard.until(lambda events: bool(_replies(events, ticket_id)))
    (reply,) = _replies(events, ticket_id)
    assert (reply.data.reply, reply.data.task_id) == ("accepted", f"task-{ticket_id}")
    assert reply.envelope.traceparent.split("-")[1] == TRACE_ID


def _status(events: list[Any], ticket_id: str) -> str | None:
    told = [
        event
        for event in events
        if event.envelope.topic == "notification.updated" and event.data.ticket_id == ticket_id
    ]
    newest = max(told, key=lambda event: event.envelope.sequence, default=None)
    return None if newest is None else str(newest.data.status)


def _replies(events: list[Any], ticket_id: str) -> list[Any]:
    return [
        event
        for event in events
        if event.envelope.topic == "agency.replied" and event.data.ticket_id == ticket_id
    ]
