"""Webhooks against real servers that behave badly, and one that behaves well."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from standardwebhooks import Webhook as StandardWebhook

from agency_notifier.application.notice import Notice
from agency_notifier.domain.delivery import Fate
from agency_notifier.gateways.addresses import Addresses
from agency_notifier.gateways.webhook import Webhook, body_of
from service_kit.clock import utc_now
from service_kit.secrets import SecretMissing
from service_kit.signing import shareable
from service_kit.telemetry import span

if TYPE_CHECKING:
    from gateways.conftest import StartReceiver

SECRET = b"c2VjcmV0LW9mLWRhbWthci1pcy0zMi1ieXRlcy1sb25n"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MakeWebhook = Callable[..., Webhook]


@pytest.fixture
async def make_webhook() -> AsyncIterator[MakeWebhook]:
    made: list[Webhook] = []

    def make(*, allow_private: bool = True, seconds: float = 5.0) -> Webhook:
        addresses = Addresses(allow_private=allow_private)
        made.append(Webhook(lambda *_: SECRET, addresses, utc_now, seconds=seconds))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def test_what_arrives_is_signed_whole_and_carries_the_trace(
    make_webhook: MakeWebhook, start_receiver: "StartReceiver", notice: Notice
) -> None:
    receiver = await start_receiver("200 OK")
    with span("delivery send", parent=TRACE):
        answer = await make_webhook().send(notice, receiver.url)
    assert (answer.fate, answer.text, answer.healthy) == (Fate.DELIVERED, "200", True)
    (got,) = receiver.requests
    assert got.head == "POST /112?k=v HTTP/1.1"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.headers["traceparent"].split("-")[1] == TRACE.split("-")[1]
    said = StandardWebhook(shareable(SECRET)).verify(got.body.decode(), got.headers)
    assert said["delivery_id"] == notice.delivery_id == got.headers["webhook-id"]
    assert (said["story"], said["caller_number"]) == ("rumah terbakar", "081200000042")
    assert said["point"] == {"latitude": -9.45, "longitude": 124.48}
    assert said["respond_by"] == "2026-11-22T04:01:00Z"
    assert set(said["reply_links"]) == {"accepted", "declined", "en_route", "on_scene", "done"}


async def test_a_repeat_carries_the_same_id(
    make_webhook: MakeWebhook, start_receiver: "StartReceiver", notice: Notice
) -> None:
    receiver = await start_receiver("500 Oops", "200 OK")
    webhook = make_webhook()
    fates = [(await webhook.send(notice, receiver.url)).fate for _ in range(2)]
    assert fates == [Fate.AGAIN, Fate.DELIVERED]
    assert len({got.headers["webhook-id"] for got in receiver.requests}) == 1


@pytest.mark.parametrize(
    ("status", "fate", "healthy"),
    [
        ("204 No Content", Fate.DELIVERED, True),
        ("410 Gone", Fate.GONE, True),
        ("429 Too Many Requests", Fate.AGAIN, False),
        ("503 Service Unavailable", Fate.AGAIN, False),
        ("404 Not Found", Fate.AGAIN, True),
        ("304 Not Modified", Fate.ELSEWHERE, False),
    ],
)
async def test_the_status_decides(
    make_webhook: MakeWebhook,
    start_receiver: "StartReceiver",
    notice: Notice,
    status: str,
    fate: Fate,
    healthy: bool,
) -> None:
    receiver = await start_receiver(status)
    answer = await make_webhook().send(notice, receiver.url)
    assert (answer.fate, answer.text, answer.healthy) == (fate, status[:3], healthy)


@pytest.mark.parametrize(
    ("behaviour", "text"),
    [
        ("hang", "timeout"),
        ("drip", "timeout"),
        ("reset", "ReadError"),
        ("nonsense", "RemoteProtocolError"),
    ],
)
async def test_a_server_in_trouble_is_tried_again(
    make_webhook: MakeWebhook, start_receiver: "StartReceiver", notice: Notice, behaviour: str, text: str
) -> None:
    receiver = await start_receiver(behaviour)
    answer = await make_webhook(seconds=0.4).send(notice, receiver.url)
    assert (answer.fate, answer.text, answer.healthy) == (Fate.AGAIN, text, False)
    assert answer.hung == (text == "timeout")


async def test_an_endless_answer_is_delivered_and_read_a_little_way_only(
    make_webhook: MakeWebhook,
    start_receiver: "StartReceiver",
    notice: Notice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = 0
    whole = httpx.Response.aiter_raw

    async def counted(response: httpx.Response) -> AsyncIterator[bytes]:
        nonlocal read
        async for part in whole(response):
            read += len(part)
            yield part

    monkeypatch.setattr(httpx.Response, "aiter_raw", counted)
    receiver = await start_receiver("flood")
    async with asyncio.timeout(5):
        answer = await make_webhook().send(notice, receiver.url)
    assert answer.fate is Fate.DELIVERED
    assert 65_536 < read < 4 * 65_536


async def test_a_redirect_inwards_is_not_followed(
    make_webhook: MakeWebhook, start_receiver: "StartReceiver", notice: Notice
) -> None:
    inside = await start_receiver("200 OK")
    receiver = await start_receiver("307 Temporary Redirect", headers=(f"location: {inside.url}",))
    answer = await make_webhook().send(notice, receiver.url)
    assert (answer.fate, answer.text, answer.healthy) == (Fate.ELSEWHERE, "307", False)
    assert inside.requests == []


async def test_a_url_that_is_none_is_tried_by_this_channel_never_again(
    make_webhook: MakeWebhook, notice: Notice
) -> None:
    answer = await make_webhook().send(notice, "https://xn--/")
    assert (answer.fate, answer.text) == (Fate.NEVER, "url_unreadable")


async def test_an_inner_address_is_never_connected_to(
    make_webhook: MakeWebhook, start_receiver: "StartReceiver", notice: Notice
) -> None:
    receiver = await start_receiver("200 OK")
    answer = await make_webhook(allow_private=False).send(notice, receiver.url)
    assert (answer.fate, answer.text) == (Fate.ELSEWHERE, "address_refused")
    assert receiver.requests == []


async def test_the_connection_goes_to_the_address_that_was_checked(
    make_webhook: MakeWebhook,
    start_receiver: "StartReceiver",
    notice: Notice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver = await start_receiver("200 OK")
    asked: list[str] = []
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def once(host: str, port: int, **about: int) -> object:
        asked.append(host)
        if host == "agency.example":
            return await resolve("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port, **about)
        return await resolve(host, port, **about)

    monkeypatch.setattr(loop, "getaddrinfo", once)
    url = f"http://agency.example:{receiver.port}/112"
    answer = await make_webhook().send(notice, url)
    assert answer.fate is Fate.DELIVERED
    assert asked.count("agency.example") == 1
    assert receiver.requests[0].headers["host"] == f"agency.example:{receiver.port}"


async def test_a_name_with_a_dead_first_address_is_reached_at_its_second(
    make_webhook: MakeWebhook,
    start_receiver: "StartReceiver",
    notice: Notice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver = await start_receiver("200 OK")
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def both(host: str, port: int, **about: int) -> list[object]:
        hosts = ["127.0.0.3", "127.0.0.1"] if host == "agency.example" else [host]
        return [entry for one in hosts for entry in await resolve(one, port, **about)]

    monkeypatch.setattr(loop, "getaddrinfo", both)
    answer = await make_webhook().send(notice, f"http://agency.example:{receiver.port}/")
    assert answer.fate is Fate.DELIVERED


async def test_nobody_listening_is_tried_again(
    make_webhook: MakeWebhook, start_receiver: "StartReceiver", notice: Notice
) -> None:
    answer = await make_webhook().send(notice, "http://127.0.0.1:9/")
    assert (answer.fate, answer.text, answer.healthy) == (Fate.AGAIN, "ConnectError", False)


async def test_without_a_secret_nothing_is_sent(start_receiver: "StartReceiver", notice: Notice) -> None:
    def missing(*_: str) -> bytes:
        raise SecretMissing("there is none")

    receiver = await start_receiver("200 OK")
    webhook = Webhook(missing, Addresses(allow_private=True), utc_now, seconds=1)
    answer = await webhook.send(notice, receiver.url)
    await webhook.close()
    assert (answer.fate, answer.text, answer.healthy) == (Fate.AGAIN, "secret_unavailable", True)
    assert receiver.requests == []


def test_a_supervisors_body_has_no_links(notice: Notice) -> None:
    called = replace(notice, calls_supervisor=True, reply_links={}, reply_url="", open_gaps=("damkar",))
    said = json.loads(body_of(called))
    assert (said["kind"], said["reply_links"], said["reply_url"]) == ("supervisor_called", {}, None)
    assert said["open_gaps"] == ["damkar"]


class TestTls:
    async def test_the_certificate_must_be_the_names_although_an_address_is_connected_to(
        self, notice: Notice, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        authority, served = certified("agency.example")
        asked: list[str | None] = []
        served.sni_callback = lambda _, name, __: asked.append(name)
        server = await asyncio.start_server(_ok, "127.0.0.1", 0, ssl=served)
        port = server.sockets[0].getsockname()[1]
        _point_to_loopback(monkeypatch, "agency.example", "impostor.example")
        webhook = Webhook(
            lambda *_: SECRET, Addresses(allow_private=True), utc_now, seconds=5, trust=authority
        )
        good = await webhook.send(notice, f"https://agency.example:{port}/")
        bad = await webhook.send(notice, f"https://impostor.example:{port}/")
        await webhook.close()
        server.close()
        assert (good.fate, good.text) == (Fate.DELIVERED, "200")
        assert (bad.fate, bad.text) == (Fate.AGAIN, "ConnectError")
        assert asked == ["agency.example", "impostor.example"]


async def _ok(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


def _point_to_loopback(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    loop = asyncio.get_running_loop()
    resolve = loop.getaddrinfo

    async def loopback(host: str, port: int, **about: int) -> object:
        return await resolve("127.0.0.1" if host in names else host, port, **about)

    monkeypatch.setattr(loop, "getaddrinfo", loopback)


def certified(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return who trusts, and who serves with, a fresh certificate of this name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(days=1))
        .not_valid_after(utc_now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(Encoding.PEM)
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with NamedTemporaryFile() as file:
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write(private + public)
        file.flush()
        served.load_cert_chain(file.name)
    return ssl.create_default_context(cadata=public.decode()), served
