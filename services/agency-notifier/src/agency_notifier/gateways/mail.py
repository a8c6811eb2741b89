"""Notices by e-mail (SMTP); a repeat carries the same Message-ID."""

import asyncio
import re
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

MAILBOX = re.compile(r"""[^\s@<>()\[\],;:\\"]+@[^\s@<>(),;\\"]+""")
"""One mailbox and nothing around it: lists, names and quotes would be read as somebody else's address."""

ADDRESS_REFUSED = Answer(Fate.NEVER, "address_refused", healthy=True)


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
        if not (MAILBOX.fullmatch(address) and address.isprintable()):
            return ADDRESS_REFUSED
        try:
            async with asyncio.timeout(self._seconds):
                await self._hand_over(self._message(notice, address))
        except aiosmtplib.SMTPNotSupported:
            return _answer_of_a_plain_server(address)
        except (aiosmtplib.SMTPException, OSError, SecretUnavailable) as error:
            return _answer(error)
        except ValueError:  # a mail that no header can carry, or that the client will not hand over
            return Answer(Fate.NEVER, "message_refused", healthy=True)
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


def _answer_of_a_plain_server(address: str) -> Answer:
    """Judge what the server cannot do: letters beyond ASCII are this address's own trouble, TLS is everybody's."""
    if not address.isascii():
        return ADDRESS_REFUSED
    return Answer(Fate.AGAIN, "SMTPNotSupported", healthy=False)


def _answer(error: Exception) -> Answer:
    """Judge what went wrong: from 500 on nothing changes by asking the mail server again."""
    match error:
        case aiosmtplib.SMTPRecipientsRefused():
            return _refused(error.recipients[0].code)
        case aiosmtplib.SMTPResponseException():
            return _refused(error.code)
        case TimeoutError() | aiosmtplib.SMTPTimeoutError():
            return Answer(Fate.AGAIN, "timeout", healthy=False, hung=True)
        case SecretUnavailable():
            return Answer(Fate.AGAIN, "secret_unavailable", healthy=True)
        case _:
            return Answer(Fate.AGAIN, type(error).__name__, healthy=False)


def _refused(code: int) -> Answer:
    return Answer(Fate.ELSEWHERE if code >= PERMANENT else Fate.AGAIN, str(code), healthy=code != CLOSING)
