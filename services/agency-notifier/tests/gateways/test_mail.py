"""Mail against a real SMTP server on loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, cast

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from agency_notifier.application.notice import Notice
from agency_notifier.domain.delivery import Fate
from agency_notifier.gateways.mail import Mail, MailServer
from agency_notifier.gateways.mail_text import subject_of, text_of
from service_kit.clock import utc_now
from service_kit.secrets import SecretMissing

if TYPE_CHECKING:
    from gateways.conftest import StartReceiver

POSKO = "posko@damkar.example"


class Mailbox:
    """Takes mail, or refuses as told."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipient_answer = "250 OK"
        self.data_answer = "250 OK"

    async def handle_RCPT(
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:
        content = cast("bytes", envelope.content)
        self.mails.append(message_from_bytes(content, policy=policy.default))
        return self.data_answer


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def port(mailbox: Mailbox) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, hostname="mail.example"), "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def mail_by(port: int, *, seconds: float = 5, **about: object) -> Mail:
    server = replace(MailServer("127.0.0.1", port, "siaga112@ttu.example"), **about)  # type: ignore[arg-type]
    return Mail(server, lambda: b"word", utc_now, seconds=seconds)


async def test_a_mail_says_everything_in_both_languages(port: int, mailbox: Mailbox, notice: Notice) -> None:
    answer = await mail_by(port).send(notice, POSKO)
    assert (answer.fate, answer.text) == (Fate.DELIVERED, "250")
    (mail,) = mailbox.mails
    assert (mail["To"], mail["From"]) == (POSKO, "siaga112@ttu.example")
    assert mail["Message-ID"] == f"<{notice.delivery_id}@ttu.example>"
    assert mail["Subject"] == "[112 TTU] P1 Kebakaran bangunan - TTU-20261122-0017"
    text = mail.get_content()
    for said in (
        "TTU-20261122-0017",
        "Kebakaran bangunan",
        "Structure fire",
        "P1",
        "dekat pasar baru",
        "rumah terbakar",
        "081200000042",
        "geo:-9.45,124.48",
        "22-11-2026 12:01:00 WITA",
        *notice.reply_links.values(),
    ):
        assert said in text


async def test_a_repeat_carries_the_same_message_id(port: int, mailbox: Mailbox, notice: Notice) -> None:
    mailbox.data_answer = "451 try again"
    assert (await mail_by(port).send(notice, POSKO)).fate is Fate.AGAIN
    mailbox.data_answer = "250 OK"
    assert (await mail_by(port).send(notice, POSKO)).fate is Fate.DELIVERED
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


@pytest.mark.parametrize(
    ("said", "fate", "healthy"),
    [
        ("550 no such mailbox", Fate.ELSEWHERE, True),
        ("450 greylisted", Fate.AGAIN, True),
        ("421 closing", Fate.AGAIN, False),
    ],
)
async def test_the_servers_answer_decides(
    port: int, mailbox: Mailbox, notice: Notice, said: str, fate: Fate, healthy: bool
) -> None:
    mailbox.recipient_answer = said
    answer = await mail_by(port).send(notice, POSKO)
    assert (answer.fate, answer.text, answer.healthy) == (fate, said[:3], healthy)


async def test_a_silent_server_is_a_timeout(start_receiver: "StartReceiver", notice: Notice) -> None:
    receiver = await start_receiver("hang")
    answer = await mail_by(receiver.port, seconds=0.3).send(notice, POSKO)
    assert (answer.fate, answer.text, answer.healthy, answer.hung) == (Fate.AGAIN, "timeout", False, True)


async def test_answers_that_each_come_just_in_time_do_not_add_up(notice: Notice) -> None:
    async def dawdle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            writer.write(b"220 mail.example\r\n")
            while await reader.readline():
                await asyncio.sleep(0.2)
                writer.write(b"250 OK\r\n")
                await writer.drain()

    server = await asyncio.start_server(dawdle, "127.0.0.1", 0)
    answer = await mail_by(server.sockets[0].getsockname()[1], seconds=0.3).send(notice, POSKO)
    server.close()
    assert (answer.fate, answer.text) == (Fate.AGAIN, "timeout")


async def test_nobody_listening_is_tried_again(notice: Notice) -> None:
    answer = await mail_by(9).send(notice, POSKO)
    assert (answer.fate, answer.text, answer.healthy) == (Fate.AGAIN, "SMTPConnectError", False)


async def test_without_a_mail_server_the_other_channel_is_used(notice: Notice) -> None:
    answer = await mail_by(0, host=None).send(notice, POSKO)
    assert (answer.fate, answer.text) == (Fate.ELSEWHERE, "no_mail_server")


async def test_tls_that_was_insisted_on_is_not_done_without(
    port: int, mailbox: Mailbox, notice: Notice
) -> None:
    answer = await mail_by(port, starttls=True).send(notice, POSKO)
    assert answer.fate is not Fate.DELIVERED
    assert mailbox.mails == []


@pytest.fixture
async def open_port(mailbox: Mailbox) -> AsyncIterator[int]:
    """A mail server that takes passwords in the clear."""

    def check(*_: object) -> AuthResult:
        return AuthResult(success=True)

    def make() -> SMTP:
        return SMTP(mailbox, hostname="mail.example", auth_require_tls=False, authenticator=check)

    server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


async def test_a_password_is_never_sent_in_the_clear_unless_told(
    open_port: int, mailbox: Mailbox, notice: Notice
) -> None:
    answer = await mail_by(open_port, username="siaga").send(notice, POSKO)
    assert (answer.fate is Fate.DELIVERED, mailbox.mails) == (False, [])
    told = await mail_by(open_port, username="siaga", starttls=False).send(notice, POSKO)
    assert (told.fate, len(mailbox.mails)) == (Fate.DELIVERED, 1)


async def test_without_its_password_nothing_is_sent(port: int, mailbox: Mailbox, notice: Notice) -> None:
    def missing() -> bytes:
        raise SecretMissing("there is none")

    server = MailServer("127.0.0.1", port, "siaga112@ttu.example", username="siaga")
    answer = await Mail(server, missing, utc_now, seconds=1).send(notice, POSKO)
    assert (answer.fate, answer.text, answer.healthy) == (Fate.AGAIN, "secret_unavailable", True)


@pytest.mark.parametrize(
    "address",
    [
        "posko@x.example\nBcc: all@x.example",
        "posko\x00@damkar.example",
        "posko@damkar.example\x7f",
        "posko@dam\x1fkar.example",
        "posko@damkar.example\u2028",
        "posko@damkar.example\ud800",
        "posko@x.example, all@x.example",
        "Posko <posko@x.example>",
        "(posko)@x.example",
        "posko@@x.example",
        "posko",
        "@",
        "",
    ],
)
async def test_what_is_not_one_mailbox_is_a_failed_try_with_its_reason_and_no_mail(
    port: int, mailbox: Mailbox, notice: Notice, address: str
) -> None:
    answer = await mail_by(port).send(notice, address)
    assert (answer.fate, answer.text, answer.healthy) == (Fate.NEVER, "address_refused", True)
    assert mailbox.mails == []


async def test_letters_that_this_server_cannot_mail_to_are_no_sickness_of_the_server(
    port: int, notice: Notice
) -> None:
    answer = await mail_by(port).send(notice, "pósko@damkar.example")
    assert (answer.fate, answer.text, answer.healthy) == (Fate.NEVER, "address_refused", True)


async def test_a_mail_that_cannot_be_written_is_a_failed_try_too(port: int, notice: Notice) -> None:
    answer = await mail_by(port).send(replace(notice, story="api \ud83d"), POSKO)
    assert (answer.fate, answer.text) == (Fate.NEVER, "message_refused")


def test_the_subject_is_one_line_without_personal_data(notice: Notice) -> None:
    odd = replace(notice, type_name="Kebakaran\r\nBcc: all@x.example")
    assert "\n" not in subject_of(odd)
    for personal in ("rumah", "pasar", "0812"):
        assert personal not in subject_of(notice)


def test_a_supervisors_mail_asks_for_a_decision_and_has_no_links(notice: Notice) -> None:
    called = replace(notice, calls_supervisor=True, reply_links={}, open_gaps=("damkar",))
    assert "PENGAWAS DIPANGGIL" in text_of(called)
    assert "damkar" in text_of(called)
    assert "https://" not in text_of(called)
    assert "PENGAWAS" in subject_of(called)
