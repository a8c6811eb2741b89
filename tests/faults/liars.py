"""Agencies' endpoints that may lie: one port before the true server, which behaves in a chosen way for each of them.

An endpoint that was told no lie hands every request over, so it is an agency's own server like any other.
"""

import asyncio
import itertools
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

HOST = "127.0.0.1"
DRIP_EVERY = 1.0
LONGEST_LIE = 60.0
"""Seconds after which a liar lets go of whoever still waits for it."""
FLOOD_BYTES = 10 * 1024 * 1024
AT_ONCE = 65_536
TAKEN = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
INWARDS = "/inwards"
"""A request to such a path is a redirect that somebody followed."""


class Lie(StrEnum):
    """What an endpoint does with a request."""

    DRIPS = "answers a byte a second"
    SILENT = "never answers"
    RESETS = "resets the connection"
    FLOODS = "answers with 10 MB"
    REDIRECTS = "redirects inwards"
    BABBLES = "answers what is no HTTP"


OPENS = frozenset(Lie) - {Lie.FLOODS}
"""Lies at which an endpoint is to be left alone; who floods has taken the message all the same."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One request as it came."""

    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @property
    def message_id(self) -> str:
        """Its `webhook-id`."""
        return dict(self.headers).get(b"webhook-id", b"").decode()


@dataclass(frozen=True, slots=True)
class Lied:
    """One request that was lied to: from its coming until its sender had an answer or gave up."""

    endpoint: str
    lie: Lie
    message_id: str
    began: float
    ended: float


App = Callable[[MutableMapping[str, Any], Callable[[], Any], Callable[[Any], Any]], Awaitable[None]]


@dataclass
class Liars:
    """Every endpoint behind one port; `honest` takes what is not lied to."""

    honest: App
    lied: list[Lied] = field(default_factory=list)
    followed: int = 0
    _telling: dict[str, Lie] = field(default_factory=dict)
    _inwards: Callable[[], str] = field(default=lambda: "")

    def tell(self, endpoint: str, lie: Lie | None) -> None:
        """Let an endpoint lie from now on, or be honest again."""
        if lie is None:
            self._telling.pop(endpoint, None)
        else:
            self._telling[endpoint] = lie

    @asynccontextmanager
    async def served(self, port: int) -> AsyncIterator[None]:
        """Listen for the length of a block."""
        places = itertools.cycle(_inner_addresses(port))
        self._inwards = lambda: next(places)
        server = await asyncio.start_server(self._take, HOST, port)
        async with server:
            yield

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            posted = await _read(reader)
            if posted.path.startswith(INWARDS):
                self.followed += 1
            lie = self._telling.get(posted.path)
            if lie is None:
                await self._hand_over(posted, writer, TAKEN)
            else:
                await self._lie(lie, posted, reader, writer)
        with suppress(ConnectionError):
            writer.close()

    async def _lie(
        self, lie: Lie, posted: Posted, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        began = time.time()
        try:
            async with asyncio.timeout(LONGEST_LIE):
                await LIES[lie](self, posted, writer)
                await reader.read()  # until its sender lets go
        except TimeoutError:
            pass
        finally:
            self.lied.append(Lied(posted.path, lie, posted.message_id, began, time.time()))

    async def _hand_over(self, posted: Posted, writer: asyncio.StreamWriter, answer: bytes) -> None:
        """Let the true server take a request, then answer."""
        scope = {"type": "http", "path": posted.path, "headers": posted.headers}
        if posted.body:
            await self.honest(scope, lambda: _whole(posted.body), _unsaid)
        writer.write(answer)
        await writer.drain()

    async def drip(self, _: Posted, writer: asyncio.StreamWriter) -> None:
        """Answer, a byte a second."""
        for byte in TAKEN:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(DRIP_EVERY)

    async def keep_silent(self, _: Posted, __: asyncio.StreamWriter) -> None:
        """Say nothing, and keep the connection."""

    async def reset(self, _: Posted, writer: asyncio.StreamWriter) -> None:
        """Close as a crashed machine does: without a goodbye."""
        peer: socket.socket = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def flood(self, posted: Posted, writer: asyncio.StreamWriter) -> None:
        """Take the message, and answer with more than anybody wants to read."""
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {FLOOD_BYTES}\r\nconnection: close\r\n\r\n"
        await self._hand_over(posted, writer, head.encode())
        for _ in range(FLOOD_BYTES // AT_ONCE):
            writer.write(b"0" * AT_ONCE)
            await writer.drain()

    async def redirect(self, _: Posted, writer: asyncio.StreamWriter) -> None:
        """Send the asker to the insides of its own network; 307 keeps method and body."""
        head = f"HTTP/1.1 307 Temporary Redirect\r\nlocation: {self._inwards()}\r\n"
        writer.write(f"{head}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()

    async def babble(self, _: Posted, writer: asyncio.StreamWriter) -> None:
        """Answer what no HTTP client can read."""
        writer.write(b"220 mail.example ESMTP\r\n" * 20 + b"\r\n")
        await writer.drain()


LIES: Mapping[Lie, Callable[[Liars, Posted, asyncio.StreamWriter], Awaitable[None]]] = {
    Lie.DRIPS: Liars.drip,
    Lie.SILENT: Liars.keep_silent,
    Lie.RESETS: Liars.reset,
    Lie.FLOODS: Liars.flood,
    Lie.REDIRECTS: Liars.redirect,
    Lie.BABBLES: Liars.babble,
}


def _inner_addresses(port: int) -> tuple[str, ...]:
    """Return where nobody may be led: ourselves under three names, a cloud's metadata, a private network."""
    ours = (f"http://{name}:{port}{INWARDS}" for name in (HOST, "localhost", "[::ffff:127.0.0.1]"))
    return (*ours, "http://169.254.169.254/latest/meta-data/", f"http://10.0.0.1{INWARDS}")


async def _read(reader: asyncio.StreamReader) -> Posted:
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n").split(b"\r\n")
    headers = tuple(
        (name.strip().lower(), value.strip()) for name, _, value in (one.partition(b":") for one in lines)
    )
    body = await reader.readexactly(int(dict(headers).get(b"content-length", b"0")))
    return Posted(first.split()[1].decode(), headers, body)


async def _whole(body: bytes) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": False}


async def _unsaid(_: Any) -> None:
    """Drop what the true server would answer: the answer is ours."""
