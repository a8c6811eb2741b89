"""A backlog of events as intake or triage leaves it: two events of each call or ticket, what is personal sealed.

First comes one of every call, then the other: so each costs its reader one read and one write, whichever
partition it happens to take first, and two runs do the same work.
"""

import asyncio
import os
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from service_kit.clock import utc_now
from service_kit.outgoing import Outgoing
from service_kit.producer import Producer, slot_of
from service_kit.topics_setup import ensure_topics
from shared_schemas.events import CallState, TenantConfigured, TicketState
from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed
from shared_schemas.tenants import TenantConfiguration

PARTITIONS = 6
SLOTS = ((0, 3), (1, 4), (2, 5))
TOPIC, CONFIGURED = "call.updated", "tenant.configured"
AT_ONCE = 256
CALLER_BYTES = 96
"""About what a number and a name take when sealed."""

Story = Callable[[TenantConfiguration, int, datetime], tuple[Outgoing, Outgoing]]
"""The two events of one call or ticket: by its tenant, its number and the time of now."""


def of_call(tenant: TenantConfiguration, number: int, now: datetime) -> tuple[Outgoing, Outgoing]:
    """A call waits, and is answered; it goes on, so that no deadline of its own falls into the measurement."""
    queued = _queued(tenant.code, number, now)
    answered_at = now + timedelta(seconds=4)
    told = {"stage": "answered", "answered_at": answered_at, "agent": "agen-01", "waiting_seconds": 4.0}
    answered = queued.model_copy(update=told)
    subject = f"call/{queued.call_id}"
    return (
        said(queued, TOPIC, "intake", subject, queued.call_id, 2),
        said(answered, TOPIC, "intake", subject, queued.call_id, 3),
    )


async def write_backlog(
    bootstrap: str,
    tenants: Sequence[TenantConfiguration],
    stories: int,
    *,
    of: Story = of_call,
    tell_tenants: bool = True,
) -> int:
    """Make the topics, tell the tenants and write the events; returns how many events wait.

    A system that runs knows its tenants already: they must not be told anew.
    """
    await ensure_topics(
        bootstrap, client="bench", partitions=PARTITIONS, replicas=1, dead_letters="triage.dlq"
    )
    producer = Producer(bootstrap, client="bench")
    slots = {tenant.code: SLOTS[place % len(SLOTS)] for place, tenant in enumerate(tenants)}
    now, gate = utc_now(), asyncio.Semaphore(AT_ONCE)

    async def send(event: Outgoing) -> None:
        async with gate:
            partition = 0 if event.topic == CONFIGURED else slot_of(event.key, slots[event.tenant])
            key = f"{event.tenant}/{event.key}".encode()
            headers = event.envelope.headers()
            await producer.send(event.topic, partition=partition, key=key, value=event.body, headers=headers)

    for tenant in tenants if tell_tenants else ():
        await send(_configured(tenant, slots[tenant.code], now))
    waves = [of(tenants[number % len(tenants)], number, now) for number in range(stories)]
    for wave in zip(*waves, strict=True):
        await asyncio.gather(*map(send, wave))
    await producer.stop()
    return 2 * stories


def _queued(tenant: str, number: int, now: datetime) -> CallState:
    cause = f"{int(now.timestamp())}.{number}"
    call_id = derived_id(tenant, "call", "pbx-bench", cause)
    return CallState(
        tenant=tenant,
        recorded_at=now,
        configuration_version=1,
        call_id=call_id,
        trunk="pbx-bench",
        exchange_call_id=cause,
        stage="queued",
        started_at=now,
        queued_at=now,
        queue="bench112",
        caller=Sealed(f"{tenant}/{call_id}", _text(12), _text(CALLER_BYTES)),
        caller_ref=_text(16),
        witnesses=("events_api",),
    )


def said(
    state: CallState | TicketState, topic: str, source: str, subject: str, key: str, sequence: int
) -> Outgoing:
    """Return a state as its service tells it."""
    return Outgoing(
        tenant=state.tenant,
        topic=topic,
        source=source,
        subject=subject,
        sequence=sequence,
        key=key,
        body=state.model_dump_json().encode(),
        at=state.recorded_at,
        traceparent=f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01",
    )


def _configured(tenant: TenantConfiguration, slots: tuple[int, ...], now: datetime) -> Outgoing:
    told = TenantConfigured(
        tenant=tenant.code, version=1, slots=slots, configuration=tenant, applied_at=now, applied_by="bench"
    )
    return Outgoing(
        tenant=tenant.code,
        topic=CONFIGURED,
        source="directory",
        subject=f"tenant/{tenant.code}",
        sequence=1,
        key=tenant.code,
        body=told.model_dump_json().encode(),
        at=now,
    )


def _text(size: int) -> str:
    return urlsafe_b64encode(os.urandom(size)).decode()
