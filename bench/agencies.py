"""The agencies' server of the bench: notes when each request came in whole, then accepts and ends the task."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import httpx
import uvicorn

from bench.connections import client_of
from bench.insisting import insist
from bench.people import Tokens

HOST = "127.0.0.1"
REPLIES = (("accepted", 1.0), ("done", 3.0))
"""What an agency says, and how many seconds after it was asked."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Received:
    """One agency was asked: when, in seconds since 1970 by this machine's clock."""

    delivery_id: str
    ticket_id: str
    agency: str
    at: float


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, a repeat as well: where to, under which id, and what it says."""

    path: str
    message_id: str
    body: dict[str, Any]
    at: float


@dataclass(frozen=True, slots=True)
class Replied:
    """The notifier took a reply."""

    tenant: str
    ticket_id: str
    task_id: str
    reply: str


class Agencies:
    """Every agency of every tenant, behind one port.

    With patience a reply is sent again, under the same key, for so many seconds while the notifier is
    away; `answers_after` says for each delivery how many seconds its receiver takes to answer, and
    `replies_late` of each message how many seconds later than usual somebody replies to it.
    """

    def __init__(
        self,
        notifier: str,
        tokens: Tokens,
        *,
        patience: float = 0.0,
        answers_after: Callable[[str], float] = lambda _: 0.0,
    ) -> None:
        self._tokens, self._patience, self._answers_after = tokens, patience, answers_after
        self._client = client_of(notifier)
        self._replying: set[asyncio.Task[None]] = set()
        self.received: dict[str, Received] = {}
        self.requests: list[Request] = []
        self.replied: list[Replied] = []
        self.refused_replies, self.unanswered_replies = 0, 0
        self.replies_late: Callable[[Request], float] = lambda _: 0.0

    @property
    def lost_replies(self) -> int:
        """How many replies the notifier did not take: refused, or never answered."""
        return self.refused_replies + self.unanswered_replies

    async def rest(self) -> None:
        """Let replies under way end."""
        if self._replying:
            await asyncio.wait(self._replying, timeout=10 + self._patience)

    async def close(self) -> None:
        """Let replies under way end, and go home."""
        await self.rest()
        await self._client.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one request (ASGI)."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        asked, at = json.loads(body), time.time()
        message_id = dict(scope["headers"]).get(b"webhook-id", b"").decode()
        request = Request(scope["path"], message_id, asked, at)
        self.requests.append(request)
        self._take(request)
        if seconds := self._answers_after(message_id):
            await asyncio.sleep(seconds)
        await send({"type": "http.response.start", "status": 202, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def _take(self, request: Request) -> None:
        asked, at = request.body, request.at
        delivery = str(asked["delivery_id"])
        if asked["kind"] != "task_offered" or delivery in self.received:
            return
        self.received[delivery] = Received(delivery, asked["ticket_id"], asked["agency"], at)
        task = asyncio.create_task(self._reply(asked, self.replies_late(request)))
        self._replying.add(task)
        task.add_done_callback(self._replying.discard)

    async def _reply(self, asked: dict[str, Any], late: float) -> None:
        token = self._tokens.agency(asked["tenant"], asked["agency"])
        path = f"/v1/tenants/{asked['tenant']}/tickets/{asked['ticket_id']}/tasks/{asked['task_id']}/replies"
        waited = -late
        for reply, after in REPLIES:
            await asyncio.sleep(after - waited)
            waited = after
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"{asked['task_id']}-{reply}"}
            once = partial(self._client.post, path, json={"reply": reply}, headers=headers)
            try:
                answer = await insist(once, seconds=self._patience)
            except httpx.HTTPError:
                self.unanswered_replies += 1
                continue
            self.refused_replies += answer.is_error
            if answer.is_success:
                self.replied.append(Replied(asked["tenant"], asked["ticket_id"], asked["task_id"], reply))


class Serving:
    """The agencies' HTTP server, for the length of a block."""

    def __init__(self, agencies: Agencies, port: int) -> None:
        configuration = uvicorn.Config(
            agencies, host=HOST, port=port, log_level="warning", access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(configuration)
        self._server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._server._serve())  # noqa: SLF001 - `serve` would take our signals
        while not self._server.started and not self._task.done():  # noqa: ASYNC110 - told by a flag only
            await asyncio.sleep(0.01)

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        if self._task is not None:
            await self._task
