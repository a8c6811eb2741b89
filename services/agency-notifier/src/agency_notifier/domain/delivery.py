"""One message to one contact about one step of one task, from its first try to its end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from agency_notifier.domain.response import SUPERVISOR, Request
from agency_notifier.domain.schedule import MOST_TRIES, wait_before
from service_kit.decisions import Changed, NotPossible
from shared_schemas.vocabulary import ContactChannel, DeliveryStatus

TOLD_BY = "notification.updated"
INTERRUPTED = "interrupted"
"""The answer noted for a try whose end nobody saw: the process died, or could not save."""


class Fate(StrEnum):
    """What a try means for the message."""

    DELIVERED = "delivered"
    AGAIN = "again"
    ELSEWHERE = "elsewhere"  # this channel cannot be used now: the other one, at once
    NEVER = "never"  # nothing can be sent to this address, ever: the other channel at once, else the end
    GONE = "gone"  # the receiver wants nothing any more: no channel, ever


@dataclass(frozen=True, slots=True)
class Try:
    """How one try went; `answer` is a status code or an error's name, never content."""

    fate: Fate
    answer: str
    at: datetime
    took: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try as it is kept and told."""

    number: int
    channel: ContactChannel
    at: datetime
    succeeded: bool
    answer: str
    took_ms: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One process's word that it makes the next try; after `until` others may."""

    by: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message: whom it is for, where it stands, what was tried.

    Attributes:
        channels: the contact's channels when the message was made, the preferred one first.
        channel: the one in use.
        next_attempt_at: when the next try may be made; None when there will be none.
        claim: who makes it.
        priority: the ticket's when the message was made; where many wait, it says who goes first.
    """

    tenant: str
    delivery_id: str
    ticket_id: str
    task_id: str
    step: int
    agency: str
    contact: str
    channels: tuple[ContactChannel, ...]
    channel: ContactChannel
    asked_at: datetime
    respond_by: datetime
    status: DeliveryStatus = DeliveryStatus.WAITING
    attempts: tuple[Attempt, ...] = ()
    next_attempt_at: datetime | None = None
    claim: Claim | None = None
    delivered_at: datetime | None = None
    configuration_version: int = 0
    priority: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether more tries may come."""
        return self.status is DeliveryStatus.WAITING

    @property
    def calls_supervisor(self) -> bool:
        """Whether it calls a supervisor instead of asking an agency."""
        return self.agency == SUPERVISOR

    @property
    def due_at(self) -> datetime | None:
        """When a process must look at it again."""
        return self.claim.until if self.claim else self.next_attempt_at

    def claimed_by(self, process: str) -> bool:
        """Tell whether this process makes the next try."""
        return self.is_waiting and self.claim is not None and self.claim.by == process

    def tries_of(self, channel: ContactChannel) -> int:
        """Count the tries of one channel."""
        return sum(1 for attempt in self.attempts if attempt.channel is channel)


def make(
    request: Request,
    *,
    tenant: str,
    ticket_id: str,
    channels: tuple[ContactChannel, ...],
    claim: Claim,
    configuration_version: int,
    priority: str = "",
) -> Delivery:
    """Make the delivery that a request asks for.

    It is claimed for its first try where the request stands, withdrawn where nobody wants it any
    more, and failed where the contact has no address, so that dispatch asks the next one.
    """
    wanted = request.stands and bool(channels)
    given_up = DeliveryStatus.FAILED if request.stands else DeliveryStatus.WITHDRAWN
    return Delivery(
        tenant=tenant,
        delivery_id=request.delivery_id,
        ticket_id=ticket_id,
        task_id=request.task_id,
        step=request.step,
        agency=request.agency,
        contact=request.contact,
        channels=channels,
        channel=channels[0] if channels else ContactChannel.WEBHOOK,
        asked_at=request.at,
        status=DeliveryStatus.WAITING if wanted else given_up,
        next_attempt_at=claim.at if wanted else None,
        claim=claim if wanted else None,
        respond_by=request.respond_by,
        configuration_version=configuration_version,
        priority=priority,
    )


def begin(kept: Delivery | None, *, new: Delivery) -> Changed[Delivery] | NotPossible:
    """Keep a new delivery; one that is there stays as it is."""
    if kept is not None:
        return NotPossible("already_made")
    return Changed(new, f"delivery.{'made' if new.is_waiting else new.status}", TOLD_BY)


def claim(
    kept: Delivery | None, *, by: str, now: datetime, lease: timedelta
) -> Changed[Delivery] | NotPossible:
    """Take the next try, when it is due and nobody holds it.

    A try that somebody took and never reported counts as made, and its repeat comes at once: it
    carries the same id, so a receiver that got it knows the message.
    """
    if kept is None or not kept.is_waiting or kept.next_attempt_at is None:
        return NotPossible("not_waiting")
    if now < (kept.claim.until if kept.claim else kept.next_attempt_at):
        return NotPossible("not_due")
    mine = Claim(by, now, now + lease)
    if kept.claim is None:
        return Changed(replace(kept, claim=mine), "delivery.claimed", None)
    lost = Try(Fate.AGAIN, INTERRUPTED, kept.claim.at)
    left = _next(_noted(kept, lost), lost.fate, now=now, chance=0.5)
    if left.is_waiting:
        left = replace(left, next_attempt_at=now, claim=mine)
    return Changed(left, "delivery.interrupted", TOLD_BY)


def renew(
    kept: Delivery | None, *, by: str, now: datetime, lease: timedelta
) -> Changed[Delivery] | NotPossible:
    """Hold a claim for longer, while the try still waits for its turn."""
    if kept is None or not kept.claimed_by(by):
        return NotPossible("not_claimed")
    return Changed(replace(kept, claim=Claim(by, now, now + lease)), "delivery.claimed", None)


def report(
    kept: Delivery | None, *, made: Try, by: str, now: datetime, chance: float
) -> Changed[Delivery] | NotPossible:
    """Note how a try went and what follows from it.

    A success counts whoever reports it; a failure decides only where the reporter holds the claim.
    A delivery that has ended meanwhile keeps its end and gains the attempt.
    """
    if kept is None:
        return NotPossible("not_waiting")
    noted = _noted(kept, made)
    if not kept.is_waiting:
        return Changed(noted, "delivery.attempted", TOLD_BY, why=made.answer)
    if made.fate is Fate.DELIVERED:
        ended = replace(_ended(noted, DeliveryStatus.DELIVERED), delivered_at=made.at + made.took)
        return Changed(ended, "delivery.delivered", TOLD_BY, why=made.answer)
    if not kept.claimed_by(by):
        return Changed(noted, "delivery.attempted", TOLD_BY, why=made.answer)
    left = _next(noted, made.fate, now=now, chance=chance)
    what = "delivery.attempted" if left.is_waiting else "delivery.failed"
    return Changed(left, what, TOLD_BY, why=made.answer)


def withdraw(kept: Delivery | None) -> Changed[Delivery] | NotPossible:
    """Take back a message that nobody wants any more; one that has ended stays as it ended."""
    if kept is None or not kept.is_waiting:
        return NotPossible("not_waiting")
    return Changed(_ended(kept, DeliveryStatus.WITHDRAWN), "delivery.withdrawn", TOLD_BY)


def _noted(delivery: Delivery, made: Try) -> Delivery:
    attempt = Attempt(
        number=len(delivery.attempts) + 1,
        channel=delivery.channel,
        at=made.at,
        succeeded=made.fate is Fate.DELIVERED,
        answer=made.answer,
        took_ms=max(0, round(made.took.total_seconds() * 1000)),
    )
    return replace(delivery, attempts=(*delivery.attempts, attempt))


def _next(delivery: Delivery, fate: Fate, *, now: datetime, chance: float) -> Delivery:
    """Plan the next try: the same channel later, the other one at once, or none.

    Where it is the end, dispatch asks the next contact at once: no one waits for an address that is none.
    """
    made = delivery.tries_of(delivery.channel)
    other = next((one for one in delivery.channels if not delivery.tries_of(one)), None)
    may_help = fate is Fate.AGAIN or (fate is Fate.ELSEWHERE and other is None)
    may_repeat = made < MOST_TRIES and may_help
    if fate is Fate.GONE or not (may_repeat or other):
        return _ended(delivery, DeliveryStatus.FAILED)
    if may_repeat:
        return replace(delivery, claim=None, next_attempt_at=now + wait_before(made + 1, chance=chance))
    return replace(delivery, claim=None, next_attempt_at=now, channel=other or delivery.channel)


def _ended(delivery: Delivery, status: DeliveryStatus) -> Delivery:
    return replace(delivery, status=status, claim=None, next_attempt_at=None)
