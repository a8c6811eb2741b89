"""Notices by e-mail (SMTP); a repeat carries the same Message-ID."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

import aiosmtplib

from agency_notifier.application.notice import Notice
from agency_notifier.application.ports import Answer, Clock, Outbound
from agency_notifier.domain.delivery import Fate
from agency_notifier.gateways.mail_text import subject_of, text_of
from service_kit.secrets import SecretUnavailable

CLOSING = 421
"""The mail server itself cannot work now (RFC 5321, 4.2.3)."""

PERMANENT = 500
"""SMTP answers from here on say that the same mail will never be taken (RFC 5321, 4.2.1)."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out.

    Attributes:
        starttls: True: insist on it; False: never; None: where the server offers it.
    """

    host: str | None
    port: int
    sender: str
    starttls: bool | None = None
    username: str | None = None


class Mail(Outbound):
    """Mails a notice to a contact."""

    def __init__(
        self, server: MailServer, password: Callable[[], bytes], clock: Clock, *, seconds: float
    ) -> None:
        """`password` is asked before each mail, where the server has a user name."""
        self._server, self._password, self._clock, self._seconds = server, password, clock, seconds

    async def send(self, notice: Notice, address: str) -> Answer:
        """Make one try; whatever goes wrong is an answer."""
        if self._server.host is None:
            return Answer(Fate.ELSEWHERE, "no_mail_server", healthy=True)
        try:
            message = self._message(notice, address)
        except ValueError:  # an address or a name that no header can carry
            return Answer(Fate.ELSEWHERE, "address_refused", healthy=True)
        try:
            async with asyncio.timeout(self._seconds):
                await self._hand_over(message)
        except (aiosmtplib.SMTPException, OSError, SecretUnavailable) as error:
            return _answer(error)
        return Answer(Fate.DELIVERED, "250", healthy=True)

    async def _hand_over(self, message: EmailMessage) -> None:
        server = self._server
        password = self._password().decode() if server.username else None
        insist = True if server.username and server.starttls is None else server.starttls
        await aiosmtplib.send(
            message,
            hostname=server.host,
            port=server.port,
            start_tls=insist,
            username=server.username,
            password=password,
            timeout=self._seconds,
        )

    def _message(self, notice: Notice, address: str) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._server.sender
        message["To"] = address
        message["Subject"] = subject_of(notice)
        message["Date"] = format_datetime(self._clock())
        message["Message-ID"] = f"<{notice.delivery_id}@{self._server.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text_of(notice))
        return message


def _answer(error: Exception) -> Answer:
    """Judge what went wrong: from 500 on nothing changes by asking the mail server again."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return _refused(error.recipients[0].code)
        case aiosmtplib.SMTPResponseException():
            return _refused(error.code)
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            return Answer(Fate.AGAIN, "timeout", healthy=False)
        case SecretUnavailable():
            return Answer(Fate.AGAIN, "secret_unavailable", healthy=True)
        case _:
            return Answer(Fate.AGAIN, type(error).__name__, healthy=False)


def _refused(code: int) -> Answer:
    return Answer(Fate.ELSEWHERE if code >= PERMANENT else Fate.AGAIN, str(code), healthy=code != CLOSING)
