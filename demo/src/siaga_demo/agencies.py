"""The demo's agencies: a webhook receiver and a small mail server, `python -m siaga_demo.agencies`.

They know what a real agency knows: their own secret, their own account, and what a message says.
"""

import asyncio
import os
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, Request, Response

from service_kit.secrets import Secrets, SecretUnavailable
from service_kit.signing import SignatureRefused, verify
from siaga_demo import people
from siaga_demo.doors import Doors
from siaga_demo.duty import Duty
from siaga_demo.ending import until_asked_to_end
from siaga_demo.journal import Journal
from siaga_demo.pace import speed_from_environment
from siaga_demo.requests import NotForUs, read_mail, read_webhook

HOST = "127.0.0.1"
LARGEST_MAIL_BYTES = 1_000_000


def receiver(duty: Duty, secrets: Secrets, journal: Journal) -> FastAPI:
    """Return the webhook receiver of all agencies: one path for each contact."""
    app = FastAPI(title="demo agencies", docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Say that the receiver listens."""
        return {"status": "alive"}

    @app.post("/{tenant}/{agency}/{contact}")
    async def receive(tenant: str, agency: str, contact: str, request: Request) -> Response:
        """Take a message whose signature is right; whoever else knocks gets 401."""
        body, now = await request.body(), datetime.now(UTC)
        try:
            signed = verify(secrets.read_all(f"agencies/{tenant}/{agency}"), request.headers, body, now)
        except (SignatureRefused, SecretUnavailable) as error:
            journal.write("webhook_refused", tenant=tenant, agency=agency, why=type(error).__name__)
            return Response(status_code=HTTPStatus.UNAUTHORIZED)
        traceparent = request.headers.get("traceparent", "")
        asked = read_webhook(body, message_id=signed.id, contact=contact, now=now, traceparent=traceparent)
        if asked is None:
            journal.write("supervisor_called", tenant=tenant, contact=contact, message_id=signed.id)
        else:
            duty.take(asked)
        return Response(status_code=HTTPStatus.ACCEPTED)

    return app


class Mailbox:
    """What becomes of a mail: aiosmtpd calls this for every message."""

    def __init__(self, duty: Duty, journal: Journal) -> None:
        self._duty, self._journal = duty, journal

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Read the mail and plan what to do; a mail that asks nothing is taken all the same."""
        content = envelope.original_content or b""
        mail = message_from_bytes(content, policy=policy.default, _class=EmailMessage)
        try:
            asked = read_mail(mail)
        except NotForUs:
            return "550 no such contact"
        if asked is None:
            self._journal.write("mail_read", message_id=str(mail["Message-ID"]))
        else:
            self._duty.take(asked)
        return "250 taken"


async def _serve_mail(mailbox: Mailbox, port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(
            mailbox, data_size_limit=LARGEST_MAIL_BYTES, enable_SMTPUTF8=True, hostname="demo", loop=loop
        ),
        HOST,
        port,
    )
    async with server:
        await server.serve_forever()


async def _serve_webhooks(app: FastAPI, port: int) -> None:
    configuration = uvicorn.Config(
        app,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(configuration)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    with suppress(asyncio.CancelledError):
        await server._serve()  # noqa: SLF001 - `serve` would take the signals that end us


async def _run() -> None:
    secrets = Secrets(Path(os.environ["SIAGA_SECRETS_DIR"]))
    doors = Doors(Path(os.environ["SIAGA_DEMO_SERVICES"]), secrets)
    journal = Journal(Path(os.environ["SIAGA_DEMO_DIR"]) / "agencies.jsonl")
    seed, speed = os.environ.get("SIAGA_DEMO_SEED", people.SEED), speed_from_environment()
    duty = Duty(doors, journal, seed=seed, speed=speed)
    duty.remember()
    await until_asked_to_end(
        [
            _serve_webhooks(receiver(duty, secrets, journal), int(os.environ["SIAGA_DEMO_WEBHOOK_PORT"])),
            _serve_mail(Mailbox(duty, journal), int(os.environ["SIAGA_DEMO_MAIL_PORT"])),
        ]
    )
    await duty.end()
    await doors.close()
    journal.close()


def main() -> None:
    """Run as a program."""
    asyncio.run(_run())


if __name__ == "__main__":
    main()
