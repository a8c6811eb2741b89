"""The mail server of all agencies: takes every mail and keeps whom it came to, when, and under which Message-ID."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.faults.history import Request

HOST = "127.0.0.1"
ADDRESS = re.compile(r"(?P<contact>[^.@]+)(?:[.](?P<agency>[^.@]+))?[.](?P<tenant>\d\d[.]\d\d)@")
"""As the tenants' files write them: contact.agency.tenant@, a supervisor's without an agency."""


class Mailbox:
    """What becomes of a mail: aiosmtpd calls this for every message."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.hangs = False
        """Whether the server takes connections and says nothing."""

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        """Keep it."""
        mail = message_from_bytes(
            envelope.original_content or b"", policy=policy.default, _class=EmailMessage
        )
        self.requests.append(read_mail(mail, time.time()))
        return "250 taken"


def read_mail(mail: EmailMessage, at: float) -> Request:
    """Read whom a mail asked; its Message-ID names its delivery."""
    to = ADDRESS.match(str(mail["To"]))
    message_id = str(mail["Message-ID"]).strip("<> ").partition("@")[0]
    return Request(
        at=at,
        channel="email",
        message_id=message_id,
        delivery_id=message_id,
        tenant=to["tenant"] if to else "",
        agency=(to["agency"] or "supervisor") if to else "",
        contact=to["contact"] if to else "",
    )


@asynccontextmanager
async def mail_served(mailbox: Mailbox, port: int) -> AsyncIterator[None]:
    """Take mail for the length of a block."""
    loop = asyncio.get_running_loop()

    def answering() -> asyncio.Protocol:
        if mailbox.hangs:
            return asyncio.Protocol()
        return SMTP(mailbox, enable_SMTPUTF8=True, hostname="agencies", loop=loop)

    server = await loop.create_server(answering, HOST, port)
    async with server:
        yield
