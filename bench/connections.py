"""Many requests at once without httpx's pool, which looks at all of its connections for each request.

With 300 open one request cost 15 ms of processor time there: who measures a slow system then measured itself.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from functools import partial

import httpx

TIMEOUT_SECONDS = 30.0


class Connections(httpx.AsyncBaseTransport):
    """Keeps as many connections open as were needed at once, and looks at one for each request."""

    def __init__(self) -> None:
        """Connect to nothing yet; only plain HTTP is spoken on one machine."""
        self._plain = ssl.create_default_context()
        self._idle: list[httpx.AsyncHTTPTransport] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over the connection that was used last, or over a new one."""
        one = self._idle.pop() if self._idle else self._new()
        try:
            answer = await one.handle_async_request(request)
        except BaseException:
            await one.aclose()
            raise
        if not isinstance(answer.stream, httpx.AsyncByteStream):
            raise TypeError(type(answer.stream).__name__)
        answer.stream = _Read(answer.stream, partial(self._idle.append, one))
        return answer

    async def aclose(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.pop().aclose()

    def _new(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(
            verify=self._plain, trust_env=False, limits=httpx.Limits(max_connections=1)
        )


class _Read(httpx.AsyncByteStream):
    """An answer's body; its connection is free for others when it was read."""

    def __init__(self, body: httpx.AsyncByteStream, give_back: Callable[[], None]) -> None:
        self._body, self._give_back = body, give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._body:
            yield part

    async def aclose(self) -> None:
        await self._body.aclose()
        self._give_back()


def client_of(address: str) -> httpx.AsyncClient:
    """Return a client of one service for many requests at once."""
    return httpx.AsyncClient(
        base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False, transport=Connections()
    )
