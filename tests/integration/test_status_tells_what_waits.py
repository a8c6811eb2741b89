"""`/status` counts what was not handled and what was not sent, and comes back to nothing."""

import asyncio
import os
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service_kit.clock import utc_now
from service_kit.event import Event
from service_kit.store import AggregateStore
from tests.integration.small_service import (
    NOTES,
    TENANT,
    TOPIC,
    WITHIN_SECONDS,
    Heard,
    Small,
    StartSmall,
    counted,
    eventually,
)

pytestmark = pytest.mark.integration

LATER = timedelta(hours=1)


async def status(small: Small) -> Any:
    """Ask as `siaga status` does."""
    door = httpx.ASGITransport(small.service.app)
    async with httpx.AsyncClient(transport=door, base_url="http://notes") as client:
        return (await client.get("/status")).raise_for_status().json()


async def comes_to(small: Small, what: str, wanted: dict[str, int]) -> None:
    """Wait until `/status` tells these numbers."""
    told: object = None

    async def is_told() -> bool:
        nonlocal told
        told = (await status(small))[what]
        return told == wanted

    try:
        await eventually(is_told)
    except TimeoutError:
        pytest.fail(f"{what} stays {told}, not {wanted}")


class Gate:
    """A handler that holds one note until it is let go, and hears all others."""

    def __init__(self, note: str) -> None:
        self._note = note
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.heard = Heard()

    async def take(self, event: Event[Any]) -> None:
        """Hear an event; one of the note only after saying that it was called, and waiting."""
        if event.data.reply_id == self._note:
            self.reached.set()
            await self.open.wait()
        await self.heard.take(event)


async def test_events_that_a_handler_holds_are_its_topics_lag_until_they_are_done(
    start_small: StartSmall,
) -> None:
    note = os.urandom(4).hex()
    gate = Gate(note)
    small = await start_small(handle=gate.take)
    await small.notes.change(TENANT, f"{note}-before", counted(f"{note}-before"))
    # Before the group has its partitions a lag of 0 says nothing.
    await gate.heard.until(lambda all_: any(e.data.reply_id == f"{note}-before" for e in all_))
    await comes_to(small, "lag", {TOPIC: 0})
    await small.notes.change(TENANT, note, counted(note))
    async with asyncio.timeout(WITHIN_SECONDS):
        await gate.reached.wait()
    for behind in (2, 3):  # one by one: the consumer reads no further ahead while the first is held
        await small.notes.change(TENANT, note, counted(note))
        await comes_to(small, "lag", {TOPIC: behind})
    gate.open.set()
    await comes_to(small, "lag", {TOPIC: 0})


class Nobody:
    """A shipper that ships nothing."""

    def ship(self, *_: object) -> None:
        """Send nothing."""

    def has_sent(self, *_: object) -> bool:
        """Nothing is ever acknowledged."""
        return False


async def test_what_nobody_ships_waits_in_the_outbox_until_it_is_sent(start_small: StartSmall) -> None:
    small = await start_small()
    assert (await status(small))["outbox"] == {"notes": 0}
    # Saved by a clock that is ahead, so that the sweeper of the service leaves it alone for now.
    unsent = AggregateStore(small.service.database, NOTES, ships=Nobody(), clock=lambda: utc_now() + LATER)
    await unsent.change(TENANT, "n-unsent", counted("n-unsent"))
    assert (await status(small))["outbox"] == {"notes": 1}
    assert await small.service.relay.sweep(older_than=-2 * LATER) == 1
    await comes_to(small, "outbox", {"notes": 0})
