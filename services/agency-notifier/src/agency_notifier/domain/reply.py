"""What an agency said about its task: a fact that never changes."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service_kit.decisions import Changed, NotPossible
from shared_schemas.identifiers import derived_id
from shared_schemas.vocabulary import ReplyKind

TOLD_BY = "agency.replied"


class Door(StrEnum):
    """By which door a reply came."""

    API = "api"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class AgencyReply:
    """One reply; `occurred_at` is the agency's clock where it told one, else the server's."""

    tenant: str
    reply_id: str
    ticket_id: str
    task_id: str
    agency: str
    reply: ReplyKind
    by: str
    channel: Door
    occurred_at: datetime
    reason: str = ""
    configuration_version: int = 0


def reply_id(tenant: str, task_id: str, key: str) -> str:
    """Return the reply's id: one command, or one reply by one link, is one fact."""
    return derived_id(tenant, "reply", task_id, key)


def record(kept: AgencyReply | None, *, new: AgencyReply) -> Changed[AgencyReply] | NotPossible:
    """Keep a new reply."""
    if kept is not None:
        return NotPossible("already_recorded")
    return Changed(new, TOLD_BY, TOLD_BY)
