"""One call on the triage desk: what it was, and which ticket it belongs to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from service_kit.decisions import Changed, NotPossible, Unknown
from shared_schemas.identifiers import derived_id
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import CallOutcome, CallStage, Classification, Lane
from triage.domain.link import FOLLOW_AGAIN_AFTER, Link, LinkKind, Opening

UPDATED = "call.updated"
HELPING_CLASSES = tuple(one.value for one in Classification if one.needs_help)
CLASS_OF_LANE = {
    Lane.EMERGENCY: Classification.EMERGENCY,
    Lane.NON_EMERGENCY: Classification.NON_EMERGENCY,
}


class DeskView(StrEnum):
    """Where on the desk a call lies."""

    WAITING = "waiting"
    CURRENT = "current"
    UNCLASSIFIED = "unclassified"
    SETTLED = "settled"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What intake says of a call; the desk never changes it."""

    stage: CallStage
    started_at: datetime
    trunk: str
    exchange_call_id: str
    channel: str
    outcome: CallOutcome | None = None
    detail: str = ""
    queue: str = ""
    agent: str = ""
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    waiting_seconds: float | None = None
    ringing_seconds: float | None = None
    talking_seconds: float | None = None
    transfers: int = 0
    caller: Sealed | None = None
    caller_ref: str | None = None
    story: Sealed | None = None

    @property
    def is_answered(self) -> bool:
        """Whether somebody at 112 spoke with the caller, or still does."""
        if self.outcome is not None:
            return self.outcome is CallOutcome.ANSWERED
        return self.stage is CallStage.ANSWERED or self.answered_at is not None

    @property
    def is_over(self) -> bool:
        """Whether the call has ended."""
        return self.stage is CallStage.ENDED


@dataclass(frozen=True, slots=True)
class OpenedTicket:
    """A ticket that was opened from a call, and the command that asked for it."""

    ticket_id: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCall:
    """One call on the desk.

    Attributes:
        reclassified: how often its class was changed to another one.
        ticket_id: the one ticket it belongs to.
        link: what that ticket has yet to follow.
        links: counts every link there was.
        opened: the tickets that were opened from it, also those it was separated from.
        classification_due_at: when an ended call without a class becomes overdue (server time).
        overdue_since: when it did; nobody but a person ever gives the class.
    """

    tenant: str
    call_id: str
    facts: CallFacts
    classification: Classification | None = None
    classified_by: str = ""
    classified_at: datetime | None = None
    reclassified: int = 0
    ticket_id: str | None = None
    link: Link | None = None
    links: int = 0
    opened: tuple[OpenedTicket, ...] = ()
    classification_due_at: datetime | None = None
    overdue_since: datetime | None = None
    configuration_version: int = 0

    @property
    def lacks_class(self) -> bool:
        """Whether it was answered and nobody has said what it was."""
        return self.facts.is_answered and self.classification is None

    @property
    def view(self) -> DeskView:
        """Where on the desk it lies."""
        if self.facts.stage in (CallStage.RINGING, CallStage.QUEUED):
            return DeskView.WAITING
        if self.facts.stage is CallStage.ANSWERED:
            return DeskView.CURRENT
        return DeskView.UNCLASSIFIED if self.lacks_class else DeskView.SETTLED

    @property
    def next_due_at(self) -> datetime | None:
        """When it has to be looked at again."""
        awaits_class = self.lacks_class and self.overdue_since is None
        class_due = self.classification_due_at if awaits_class else None
        times = [time for time in (class_due, self.link and self.link.retry_at) if time]
        return min(times, default=None)

    @property
    def is_finished(self) -> bool:
        """Whether the desk has nothing more to do with it."""
        return self.view is DeskView.SETTLED and self.link is None

    def opened_by(self, command: str) -> str | None:
        """Return the ticket that a command opened, if it did."""
        return next((one.ticket_id for one in self.opened if one.command == command), None)


def hear_facts(
    call: DeskCall | None,
    tenant: str,
    call_id: str,
    facts: CallFacts,
    *,
    recorded_at: datetime,
    classify_within: timedelta,
    configuration_version: int,
) -> Changed[DeskCall]:
    """Take what intake says; an answered call that has ended is from then on due for a class.

    The deadline counts from when our server recorded the end: the exchange has another clock.
    """
    known = call or DeskCall(tenant=tenant, call_id=call_id, facts=facts)
    due = known.classification_due_at
    if due is None and facts.is_answered and facts.is_over:
        due = recorded_at + classify_within
    state = replace(
        known, facts=facts, classification_due_at=due, configuration_version=configuration_version
    )
    return Changed(state, "call.heard", None)


def classify(
    call: DeskCall | None, as_: Classification, *, by: str, at: datetime, reason: str
) -> Changed[DeskCall] | NotPossible | Unknown:
    """Say what an answered call was; labels are late and reversible, and each change is counted (mission §2)."""
    if call is None:
        return Unknown()
    if not call.facts.is_answered:
        return NotPossible("not_answered")
    if call.ticket_id is not None and not as_.needs_help:
        return NotPossible("has_ticket", HELPING_CLASSES)
    if call.classification is as_:
        return Changed(call, "call.classified_again", None)
    if call.classification is not None and not reason:
        return NotPossible("reason_needed", (call.classification.value,))
    what = "call.classified" if call.classification is None else "call.reclassified"
    return Changed(_labelled(call, as_, by, at), what, UPDATED, why=reason)


def link_new_ticket(
    call: DeskCall | None, opening: Opening, *, by: str, at: datetime, command: str
) -> Changed[DeskCall] | NotPossible | Unknown:
    """Decide that a call shall have a ticket of its own; any call may, also one that nobody answered."""
    free = _free(call)
    if not isinstance(free, DeskCall):
        return free
    ticket_id = derived_id(free.tenant, "ticket", free.call_id, str(len(free.opened) + 1))
    linked = _linked(free, ticket_id, LinkKind.OPENED, by, at, opening=opening)
    opened = replace(linked, opened=(*free.opened, OpenedTicket(ticket_id, command)))
    return Changed(_labelled_for(opened, opening.lane, by, at), "call.ticket_opened", UPDATED)


def link_to_ticket(
    call: DeskCall | None, ticket_id: str, lane: Lane, *, by: str, at: datetime
) -> Changed[DeskCall] | NotPossible | Unknown:
    """Decide that a call is more news of a known ticket."""
    if call is not None and call.ticket_id == ticket_id:
        return Changed(call, "call.joined_again", None)
    free = _free(call)
    if not isinstance(free, DeskCall):
        return free
    linked = _linked(free, ticket_id, LinkKind.JOINED, by, at)
    return Changed(_labelled_for(linked, lane, by, at), "call.joined", UPDATED)


def separate(
    call: DeskCall | None, *, by: str, at: datetime, reason: str
) -> Changed[DeskCall] | NotPossible | Unknown:
    """Decide that a call does not belong to its ticket after all; its class stays until a person changes it."""
    if call is None:
        return Unknown()
    if call.link is not None:
        return NotPossible("link_pending")
    if call.ticket_id is None:
        return NotPossible("has_no_ticket", ("open_ticket", "join_ticket"))
    linked = _linked(call, call.ticket_id, LinkKind.SEPARATED, by, at, reason=reason)
    return Changed(replace(linked, ticket_id=None), "call.separated", UPDATED, why=reason)


def settle(call: DeskCall | None, ordinal: int) -> Changed[DeskCall] | Unknown:
    """Note that the ticket has followed; a link that is no longer there is dull."""
    if call is None or call.link is None or call.link.ordinal != ordinal:
        return Unknown()
    return Changed(replace(call, link=None), f"link.{call.link.kind}", None)


def come_due(call: DeskCall | None, *, now: datetime) -> Changed[DeskCall] | Unknown:
    """Let a deadline act: a late class becomes visible, a link that was cut off is to be followed again."""
    if call is None or call.next_due_at is None or call.next_due_at > now:
        return Unknown()
    if call.link is not None and call.link.retry_at <= now:
        again = replace(call.link, retry_at=now + FOLLOW_AGAIN_AFTER)
        return Changed(replace(call, link=again), "link.follow_again", None)
    return Changed(replace(call, overdue_since=call.classification_due_at), "classification.overdue", None)


def _free(call: DeskCall | None) -> DeskCall | NotPossible | Unknown:
    """Return the call if it can be bound to a ticket now."""
    if call is None:
        return Unknown()
    if call.ticket_id is not None:
        return NotPossible("has_ticket", ("separate",))
    return NotPossible("link_pending") if call.link is not None else call


def _linked(
    call: DeskCall,
    ticket_id: str,
    kind: LinkKind,
    by: str,
    at: datetime,
    *,
    reason: str = "",
    opening: Opening | None = None,
) -> DeskCall:
    link = Link(
        ordinal=call.links + 1,
        kind=kind,
        ticket_id=ticket_id,
        by=by,
        at=at,
        retry_at=at + FOLLOW_AGAIN_AFTER,
        reason=reason,
        caller=call.facts.caller,
        opening=opening,
    )
    return replace(call, ticket_id=ticket_id, link=link, links=link.ordinal)


def _labelled_for(call: DeskCall, lane: Lane, by: str, at: datetime) -> DeskCall:
    """Give an answered call with a ticket a class that needs help, where it has none."""
    has_helping_class = call.classification is not None and call.classification.needs_help
    if has_helping_class or not call.facts.is_answered:
        return call
    return _labelled(call, CLASS_OF_LANE[lane], by, at)


def _labelled(call: DeskCall, as_: Classification, by: str, at: datetime) -> DeskCall:
    changes = call.classification not in (None, as_)
    return replace(
        call,
        classification=as_,
        classified_by=by,
        classified_at=at,
        reclassified=call.reclassified + changes,
        overdue_since=None,
    )
