"""HTTP over one kept connection, so light that the client's own work hardly counts, and that can be cut anywhere."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.messages import read_message


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many seconds after the request was begun."""

    status: int
    body: bytes
    seconds: float

    @property
    def said(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Refused(Exception):
    """A command of the bench was not taken; the sentence has the status and the beginning of the answer."""


class Wire:
    """One connection to one service, made when first used; after a cut the next request makes another."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self._host, self._port = str(parts.hostname), int(parts.port or 80)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, token: str, *, body: object = None, key: str = "") -> Answer:
        """Send one request and return its answer, whatever it says."""
        raw = self._request(method, path, token, body, key)
        began = time.perf_counter()
        reader, writer = await self._connected()
        writer.write(raw)
        status, said = await _answer(reader)
        return Answer(status, said, time.perf_counter() - began)

    async def must(self, method: str, path: str, token: str, *, body: object = None, key: str = "") -> Answer:
        """Send one request that has to be taken.

        Raises:
            Refused: it was not.
        """
        answer = await self.ask(method, path, token, body=body, key=key)
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {answer.body[:200]!r}")
        return answer

    async def cut(self, method: str, path: str, token: str, *, body: object, key: str, after: float) -> bool:
        """Send a request and cut the connection so many seconds later; tells whether it was answered before."""
        reader, writer = await self._connected()
        writer.write(self._request(method, path, token, body, key))
        answering = asyncio.ensure_future(_answer(reader))
        done, _ = await asyncio.wait([answering], timeout=after)
        if not done:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)
        writer.transport.abort()
        self._streams = None
        return bool(done)

    def close(self) -> None:
        """Hang up."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()  # the server ends connections that rest for five seconds
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port, limit=2**24)
        return self._streams

    def _request(self, method: str, path: str, token: str, body: object, key: str) -> bytes:
        content = b"" if body is None else json.dumps(body).encode()
        headers: Mapping[str, str] = {
            "host": f"{self._host}:{self._port}",
            "authorization": f"Bearer {token}",
            "content-length": str(len(content)),
            **({"content-type": "application/json"} if content else {}),
            **({"idempotency-key": key} if key else {}),
        }
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + content


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, body = await read_message(reader)
    return int(first.split()[1]), body
