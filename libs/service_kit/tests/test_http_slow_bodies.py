"""A body that comes too slowly, or only half, changes nothing and holds no place for ever."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from service_kit.http.bodies import StrictBodies

SCOPE: Scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}


class Doorway:
    """An app that counts how often it was reached."""

    def __init__(self) -> None:
        self.reached = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer anything."""
        self.reached += 1
        await PlainTextResponse("done")(scope, receive, send)


async def never_whole() -> AsyncIterator[bytes]:
    """Send a beginning, and then nothing any more."""
    yield b"{"
    await asyncio.Event().wait()


async def test_a_body_that_never_ends_is_given_up() -> None:
    door = Doorway()
    transport = httpx.ASGITransport(StrictBodies(door, within_seconds=0.01))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        answer = await client.post("/", content=never_whole())
    assert (answer.status_code, answer.json()["type"], door.reached) == (
        408,
        "urn:siaga112:problem:too_slow",
        0,
    )


async def test_half_a_body_is_no_command() -> None:
    door = Doorway()
    sent: list[Message] = []
    parts: list[dict[str, Any]] = [
        {"type": "http.request", "body": b"reason=", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        return parts.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    await StrictBodies(door)(SCOPE, receive, send)
    assert (door.reached, sent) == (0, [])
