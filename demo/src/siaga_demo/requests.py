"""What an agency reads in a webhook or a mail: whom it is for, which task, and how to reply."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any

from shared_schemas.vocabulary import ReplyKind

MAIL_LABELS = {
    "Terima": ReplyKind.ACCEPTED,
    "Tolak": ReplyKind.DECLINED,
    "Berangkat": ReplyKind.EN_ROUTE,
    "Tiba di lokasi": ReplyKind.ON_SCENE,
    "Selesai": ReplyKind.DONE,
}
URGENT = "P1"
"""A mail tells its deadline in the tenant's own clock; the priority in its subject is enough here."""

_LINK = re.compile(r"^(?P<label>[^/\n]+) / [^\n]*:\s*\n\s*(?P<link>https?://\S+/r/\S+)\s*$", re.MULTILINE)
_MAILBOX = re.compile(r"(?P<contact>[a-z0-9_-]+)\.(?P<agency>[a-z0-9_-]+)\.(?P<tenant>\d\d\.\d\d)@")


class NotForUs(ValueError):
    """A message that asks no contact of a demo agency for anything."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to one contact.

    Attributes:
        message_id: the same for every repeat of the request.
        task_key: names the task; a mail does not say its id, so there it is the message's.
        reply_links: how to reply without an account; empty for a contact with a system of its own.
    """

    message_id: str
    tenant: str
    agency: str
    contact: str
    task_key: str
    ticket_id: str = ""
    task_id: str = ""
    answer_within_seconds: float = 0
    reply_links: Mapping[ReplyKind, str] = field(default_factory=dict, repr=False)
    traceparent: str = ""


def read_webhook(
    body: bytes, *, message_id: str, contact: str, now: datetime, traceparent: str = ""
) -> Asked | None:
    """Read a signed body; None where it tells a supervisor something and asks for no reply."""
    said: dict[str, Any] = json.loads(body)
    if said.get("kind") == "supervisor_called":
        return None
    return Asked(
        message_id=message_id,
        tenant=said["tenant"],
        agency=said["agency"],
        contact=contact,
        task_key=said["task_id"],
        ticket_id=said["ticket_id"],
        task_id=said["task_id"],
        answer_within_seconds=_left(said.get("respond_by"), now),
        traceparent=traceparent,
    )


def read_mail(mail: EmailMessage) -> Asked | None:
    """Read a mail to a contact; None where it has no reply links (a supervisor's).

    Raises:
        NotForUs: the address is no contact's.
    """
    found = _MAILBOX.match(str(mail["To"]))
    body = mail.get_body(("plain",))
    if found is None:
        if body is not None and not _LINK.search(body.get_content()):
            return None
        raise NotForUs("no contact of a demo agency has this address")
    assert body is not None
    links = {MAIL_LABELS[one["label"].strip()]: one["link"] for one in _LINK.finditer(body.get_content())}
    if not links:
        return None
    message_id = str(mail["Message-ID"]).strip("<> ").partition("@")[0]
    urgent = URGENT in str(mail["Subject"]).split()
    return Asked(
        message_id=message_id,
        tenant=found["tenant"],
        agency=found["agency"],
        contact=found["contact"],
        task_key=message_id,
        answer_within_seconds=0 if urgent else math.inf,
        reply_links=links,
    )


def _left(respond_by: str | None, now: datetime) -> float:
    return (datetime.fromisoformat(respond_by) - now).total_seconds() if respond_by else 0
