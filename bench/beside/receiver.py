"""Agencies' web and mail servers that answer at once, or take what comes and never say a word."""

import asyncio
import json
import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

from aiosmtpd.smtp import SMTP

from bench.messages import read_message

HOST = "127.0.0.1"
ACCEPTED = b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
LOOK_EVERY = 0.001


@dataclass(slots=True)
class Receiver:
    """One port for all agencies' webhooks, one for their mail server; those named in `hangs` never answer.

    The mail server is everybody's: where anybody hangs it does too.

    Attributes:
        asked: when each (ticket, agency) was asked first, in seconds since 1970.
        hung_requests: how many requests were left without an answer.
        hung_mails: how many mail connections were left without a greeting.
    """

    web_port: int
    mail_port: int
    hangs: Collection[str] = ()
    asked: dict[tuple[str, str], float] = field(default_factory=dict)
    hung_requests: int = 0
    hung_mails: int = 0
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _servers: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def __aenter__(self) -> Self:
        web = await asyncio.start_server(self._web, HOST, self.web_port)
        mail = await self._mail_server()
        for server in (web, mail):
            self._servers.callback(server.close)
        return self

    async def _mail_server(self) -> asyncio.Server:
        if self.hangs:
            return await asyncio.start_server(self._silent, HOST, self.mail_port)
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: SMTP(_Mailbox(), enable_SMTPUTF8=True, hostname=HOST), HOST, self.mail_port
        )

    async def __aexit__(self, *_: object) -> None:
        self._over.set()
        await self._servers.aclose()

    async def until_asked(self, ticket: str, agency: str, *, within: float) -> float:
        """Wait until an agency was asked; returns when that was.

        Raises:
            TimeoutError: it was not.
        """
        async with asyncio.timeout(within):
            while (ticket, agency) not in self.asked:  # noqa: ASYNC110 - told by a dictionary only
                await asyncio.sleep(LOOK_EVERY)
        return self.asked[ticket, agency]

    async def _web(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                _, body = await read_message(reader)
                said = json.loads(body)
                self.asked.setdefault((said["ticket_id"], said["agency"]), time.time())
                if said["agency"] in self.hangs:
                    self.hung_requests += 1
                    await self._over.wait()
                    return
                writer.write(ACCEPTED)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    async def _silent(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take the connection and do not even greet."""
        self.hung_mails += 1
        await self._over.wait()
        writer.close()


class _Mailbox:
    """Takes every mail and keeps none."""

    async def handle_DATA(self, *_: object) -> str:  # noqa: N802 - aiosmtpd's interface
        """Say yes."""
        return "250 OK"
