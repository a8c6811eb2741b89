"""The words between a use case and its store: a command, a decision, and what became of it.

Plain Python, so that `application` and `domain` rooms may use it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

State = TypeVar("State")
Refusal = TypeVar("Refusal")


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks for a change, why, and how a repeat and a lost race are recognised.

    Attributes:
        key: the idempotency key; the same key gives the same answer.
        by: the account, or the service, that asks.
        at: server time, UTC.
        occurred_at: when it happened by the asker's own clock, if that is known.
        reason: why, in the asker's words; never personal data.
        seen_version: the version that the asker saw; another one now is a conflict.
        fingerprint: a digest of the request; the same key with another request is refused.
    """

    key: str
    by: str
    at: datetime
    occurred_at: datetime | None = None
    reason: str = ""
    seen_version: int | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """An event that a change follows from: older ones of the same subject change nothing."""

    source: str
    subject: str
    sequence: int
    at: datetime

    @property
    def about(self) -> str:
        """What the sequence counts: one subject of one source."""
        return f"{self.source}/{self.subject}"


@dataclass(frozen=True, slots=True)
class Changed(Generic[State]):
    """A decision to save.

    Attributes:
        state: the aggregate as it shall be.
        what: the step's name in the timeline, such as `ticket.escalated`.
        topic: the topic that tells it, or None where nobody else needs to know.
        why: a reason for the timeline that the command did not bring.
        also: further topics that the same save tells, such as `ticket.closed`; the aggregate's
            description (`Aggregate.others`) says what they carry.
    """

    state: State
    what: str
    topic: str | None
    why: str = ""
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Saved(Generic[State]):
    """The aggregate as it is now kept; `repeated` where the same had been done before."""

    state: State
    version: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Conflict(Generic[State]):
    """Somebody else changed the aggregate first; this is its newer state."""

    state: State
    version: int


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such aggregate in this tenant."""


@dataclass(frozen=True, slots=True)
class KeyReused:
    """The idempotency key was used before for another request."""


@dataclass(frozen=True, slots=True)
class NotPossible:
    """The change does not fit the present state.

    Attributes:
        why: one word or phrase for programs, such as `already_final`.
        allowed: what is possible now.
    """

    why: str
    allowed: tuple[str, ...] = ()


Decide = Callable[[State | None], Changed[State] | Refusal]
"""Looks at the aggregate (None: there is none yet) and decides, without I/O."""
