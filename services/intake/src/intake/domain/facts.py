"""A fact: one thing that one witness said of one call. Facts are kept for ever and never corrected."""

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import Channel, EndedBy

SHORTEST_WITH_COUNTRY = 10
"""A number of fewer digits that begins with 62 is a local one, not Indonesia's code before a number."""


class FactKind(StrEnum):
    """What can be said of a call."""

    RINGING = "ringing"
    QUEUED = "queued"
    AGENT_RINGING = "agent_ringing"
    AGENT_NO_ANSWER = "agent_no_answer"
    AGENT_RING_CANCELED = "agent_ring_canceled"
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    EXITED = "exited"
    ABANDONED = "abandoned"
    ENDED = "ended"
    RESTARTED = "restarted"
    LOST_SIGHT = "lost_sight"


_PLACES = {kind: place for place, kind in enumerate(FactKind)}


class Witness(StrEnum):
    """Who says it; of two that differ, the one named first here is believed."""

    QUEUE_LOG = "queue_log"
    EVENTS_API = "events_api"
    REPORT = "report"
    CLOCK = "clock"


class Exit(StrEnum):
    """Why a caller left a queue without an agent and without hanging up."""

    TIMEOUT = "timeout"
    KEY = "key"
    EMPTY = "empty"
    WITHDRAWN = "withdrawn"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls and what they said, in the clear: in memory only, and never in a repr."""

    number: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    story: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        """Whether anything is known: a withheld caller is false."""
        return bool(self.number or self.name or self.story)

    @property
    def same_number(self) -> str:
        """The number in one form, so that `+62 812…` and `0812…` are the same caller."""
        digits = "".join(sign for sign in self.number if sign.isdecimal())
        international = digits.removeprefix("00")
        if international.startswith("62") and len(international) >= SHORTEST_WITH_COUNTRY:
            return f"0{international[2:]}"
        return digits


@dataclass(frozen=True, slots=True, order=True)
class Trunk:
    """One way by which calls reach one tenant."""

    tenant: str
    id: str


@dataclass(frozen=True, slots=True, order=True)
class CallKey:
    """Which call: a tenant, its trunk, and the exchange's own id of the call."""

    tenant: str
    trunk: str
    exchange_call_id: str

    @property
    def call_id(self) -> str:
        """The same call has the same id on every replica and at every repeat (A8)."""
        return derived_id(self.tenant, "call", self.trunk, self.exchange_call_id.replace("\x1f", "\\x1f"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that one witness said of one call.

    Attributes:
        id: the same for the same statement read twice, different for any other.
        occurred_at: by the witness's own clock, UTC.
        recorded_at: when we heard it, by the server's clock, UTC.
        order: tells two statements of one witness within one instant apart.
        began_at: when the call reached the exchange, where the exchange says so.
        waiting: the exchange's own count of the time in this queue; so are `ringing` and `talking`.
        cut_at: of a restart, when the calls that were there are taken to have been cut.
        ended_by: who hung up, or transferred.
        target: the short number a transferred call went to; long ones may be a person's, and are left out.
        caller: the caller's number and name, sealed; `Told` carries them in the clear before that.
        caller_ref: a random name that the same number of the same tenant always gets.
        story: what the caller said, sealed, where a person typed it.
        channel: the way by which the contact came, where it was not the telephone.
    """

    id: str
    call: CallKey
    kind: FactKind
    witness: Witness
    occurred_at: datetime
    recorded_at: datetime
    order: int = 0
    queue: str = ""
    agent: str = ""
    began_at: datetime | None = None
    waiting: timedelta | None = None
    ringing: timedelta | None = None
    talking: timedelta | None = None
    cut_at: datetime | None = None
    ended_by: EndedBy | None = None
    exit: Exit | None = None
    target: str = ""
    caller: Sealed | None = None
    caller_ref: str | None = None
    story: Sealed | None = None
    channel: Channel | None = None

    @property
    def sort_key(self) -> tuple[datetime, int, int, str]:
        """One order for any set of facts: by the witness's clock, then as they were said."""
        return (self.occurred_at, self.order, _PLACES[self.kind], self.id)

    @classmethod
    def identify(cls, call: CallKey, kind: FactKind, witness: Witness, *apart: str) -> str:
        """Name a statement: trunk, call and kind, and what tells it apart (never personal data)."""
        parts = [call.tenant, call.trunk, call.exchange_call_id, witness, kind, *apart]
        digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "replace"))
        return f"{kind}-{digest.hexdigest()[:32]}"

    def repeated_as(self, other: Self) -> Self:
        """Of this telling and an earlier one of the same statement keep one, whichever came first."""
        return min(other, self, key=lambda fact: (fact.recorded_at, fact.occurred_at, repr(fact.unsealed)))

    @property
    def unsealed(self) -> Self:
        """This statement without who calls: the same words sealed twice look different and are not."""
        return replace(self, caller=None, caller_ref=None, story=None)


@dataclass(frozen=True, slots=True)
class Told:
    """A fact as it arrives: who calls is still in the clear, in memory or sealed as a whole."""

    fact: Fact
    caller: Caller | None = None
