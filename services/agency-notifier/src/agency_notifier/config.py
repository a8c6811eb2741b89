"""The notifier's settings."""

from pathlib import Path

from pydantic import Field

from service_kit.settings import ServiceSettings


class NotifierSettings(ServiceSettings):
    """What the notifier needs to know beside what every service needs."""

    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/?#]+",
        description="Where agencies reach this service, for reply links; its own address if not given.",
    )
    allow_private_addresses: bool = Field(
        default=False,
        description="Let webhooks go to loopback and private networks (one machine, a closed network).",
    )
    webhook_timeout_seconds: float = Field(default=5, gt=0, le=60, description="Time of one webhook try.")
    smtp_timeout_seconds: float = Field(default=5, gt=0, le=60, description="Time of one mail try.")
    webhook_ca_file: Path | None = Field(
        default=None, description="Certificates (PEM) to trust instead of the public ones: a closed network."
    )
    webhooks_at_once: int = Field(default=16, ge=1, le=1_000, description="Webhook tries at once.")
    mails_at_once: int = Field(default=16, ge=1, le=1_000, description="Mail tries at once.")
    tenant_at_once: int = Field(
        default=8, ge=1, le=1_000, description="Tries at once by one channel for one tenant."
    )
    endpoint_at_once: int = Field(
        default=2, ge=1, le=100, description="Tries at once to one contact's address."
    )
    smtp_host: str | None = Field(default=None, description="Mail server; without one no mail is sent.")
    smtp_port: int = Field(default=587, ge=1, le=65_535, description="The mail server's port.")
    smtp_starttls: bool | None = Field(
        default=None,
        description="true: insist on TLS; false: never; not given: where the server offers it "
        "(always with a user name).",
    )
    smtp_username: str | None = Field(
        default=None, description="User at the mail server; the password is the secret `smtp/password`."
    )
    smtp_sender: str = Field(
        default="siaga112@localhost", pattern=r"^[^@\s]+@[^@\s]+$", description="The mails' sender."
    )
    link_life_hours: float = Field(default=24, gt=0, le=720, description="How long reply links are good.")
