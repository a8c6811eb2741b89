"""The bond of one call and one ticket, which are two documents.

The desk call decides first and keeps the link until the ticket has followed. So one call never has
two tickets, and whatever is cut off between the two writes is finished later from the link alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Lane, Priority
from triage.domain.place import NOWHERE, Place

FOLLOW_AGAIN_AFTER = timedelta(seconds=5)
"""How long a link may wait before it is taken that its second half was cut off."""


class LinkKind(StrEnum):
    """What the ticket has to do to follow."""

    OPENED = "opened"
    JOINED = "joined"
    SEPARATED = "separated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a ticket is opened with.

    Attributes:
        number_stem: begins its number: the tenant's abbreviation and local date.
        priority_chosen: a person named the priority; else it is the type's default.
        configuration_version: the version of the tenant's configuration that gave the type.
    """

    number_stem: str
    incident_type: str
    common_type: str
    priority: Priority
    lane: Lane
    priority_chosen: bool = False
    place: Place = NOWHERE
    story: Sealed | None = None
    configuration_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A decision of the desk that a ticket has yet to follow.

    Attributes:
        ordinal: counts the links of one call; a ticket ignores those that are not newer.
        caller: the call's caller, whom agencies may have to call back.
        opening: only where the ticket is to be opened.
    """

    ordinal: int
    kind: LinkKind
    ticket_id: str
    by: str
    at: datetime
    retry_at: datetime
    reason: str = ""
    caller: Sealed | None = None
    opening: Opening | None = None
