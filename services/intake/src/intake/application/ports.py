"""What the use cases need of the world, without saying which product gives it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from intake.domain.facts import Caller, CallKey, Fact, Told, Trunk
from intake.domain.queue_log import Exchange
from intake.domain.turn import FIRST_TURN, Lane, lane_of
from shared_schemas.sealed import Sealed


class SpoolUnwritable(Exception):
    """The spool cannot keep anything now: whoever sent it must send it again."""


class CallsAway(Exception):
    """The home of the calls cannot be reached now; the same thing will work later."""


class Clock(Protocol):
    """Tells the time of the server, aware and in UTC."""

    def __call__(self) -> datetime:
        """Return the present time."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Raw input that could not be read, kept sealed; without a tenant where none could be told."""

    source: str
    reason: str
    raw: bytes = field(repr=False)
    tenant: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """How far a follower has read; it moves in the same write that keeps what was read."""

    follower: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What came in at once and is kept at once, or not at all.

    Attributes:
        counted: how often each kind came that is only counted.
        turns: the turns of those calls that have to wait behind others, by their ids.
    """

    source: str
    told: Sequence[Told] = ()
    refused: Sequence[Refused] = ()
    counted: Mapping[str, int] = field(default_factory=dict)
    place: Place | None = None
    turns: Mapping[str, int] = field(default_factory=dict)

    def turn_of(self, call_id: str) -> int:
        """Return a call's turn."""
        return self.turns.get(call_id, FIRST_TURN)

    @property
    def lanes(self) -> frozenset[Lane]:
        """By which ways these facts leave the spool."""
        return frozenset(lane_of(self.turn_of(told.fact.call.call_id)) for told in self.told)


@dataclass(frozen=True, slots=True)
class SpooledCall:
    """All that waits in the spool about one call."""

    key: CallKey
    told: tuple[Told, ...]
    ids: tuple[str, ...]
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one tenant waits in the spool."""

    tenant: str
    facts: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Count:
    """How often one thing came from one source: `refused/<reason>` or `counted/<kind>`."""

    source: str
    what: str
    count: int
    last_at: datetime


class Keeps(Protocol):
    """Takes what arrives, for good."""

    async def append(self, arrival: Arrival) -> None:
        """Keep an arrival; return only when a power cut cannot take it. Raises SpoolUnwritable."""


class Spool(Keeps, Protocol):
    """The local, durable home of facts until their call has them (A10)."""

    async def next_batch(self, limit: int, now: datetime, lane: Lane | None = None) -> list[SpooledCall]:
        """Return about `limit` facts of one lane or of both.

        Tenants in turn; of each the calls whose turn is earlier, then the oldest, all facts of a call together.
        """

    async def done(self, ids: Sequence[str]) -> None:
        """Forget facts that their calls have for good."""

    async def put_off(self, ids: Sequence[str], until: datetime) -> None:
        """Offer these facts again only later: something about them cannot be done now."""

    async def waiting(self) -> list[Waiting]:
        """Tell what waits, by tenant."""

    async def counts(self) -> list[Count]:
        """Tell what was refused, and what was only counted."""

    async def place(self, follower: str) -> Mapping[str, Any] | None:
        """Return how far a follower had read, or None for a new one."""


class Calls(Protocol):
    """The calls: load one, let the domain decide, save it with what it tells others (A6)."""

    async def take(self, key: CallKey, facts: Sequence[Fact]) -> None:
        """Make facts part of their call; return when a majority has them. Raises CallsAway."""


@dataclass(frozen=True, slots=True)
class SealedCaller:
    """Who calls and what they said, sealed for this one contact; and the same number's random name."""

    sealed: Sealed | None
    ref: str | None = None
    story: Sealed | None = None


class Callers(Protocol):
    """Seals who calls, under the contact's own key (A14)."""

    async def seal(self, key: CallKey, caller: Caller) -> SealedCaller:
        """Seal a caller for one call. Raises CallsAway."""


class TrunkDirectory(Protocol):
    """Whose calls come from where, as the tenants' newest files say."""

    def exchange(self, exchange_id: str) -> Exchange:
        """Return an exchange with what is whose; one that no tenant names is not named."""

    def trunk(self, tenant: str, trunk_id: str) -> Trunk | None:
        """Return a tenant's trunk, or None where it has no such one."""
