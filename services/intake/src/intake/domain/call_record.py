"""The aggregate that intake keeps: all facts of one call, and nothing that does not follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from intake.domain.bounds import NOTHING_LEFT_OUT, LeftOut, bounded
from intake.domain.call import Call, NotOneCall, distinct, fold
from intake.domain.facts import CallKey, Fact, FactKind, Witness
from intake.domain.telling import Note


@dataclass(frozen=True)
class CallRecord:
    """One call's facts, each statement once, in the order of their clocks; without slots, to fold them once."""

    key: CallKey
    facts: tuple[Fact, ...]
    left_out: LeftOut = NOTHING_LEFT_OUT

    @cached_property
    def call(self) -> Call:
        """The call as these facts tell it."""
        call = fold(self.facts)
        if not self.left_out.count:
            return call
        notes = {*call.notes, Note.TOO_MANY_FACTS}
        return replace(call, notes=tuple(note for note in Note if note in notes))

    @property
    def heard_at(self) -> datetime:
        """When anything was last heard of the call, by the server's clock."""
        seen = (fact for fact in self.facts if fact.kind is not FactKind.LOST_SIGHT)
        return max(fact.recorded_at for fact in seen)

    def lost_sight_at(self, silence: timedelta) -> datetime | None:
        """When we lose sight of the call if nothing more is heard (A7); never, once it is over."""
        return None if self.call.is_final else self.heard_at + silence


@dataclass(frozen=True, slots=True)
class NothingNew:
    """Everything that was said is known already."""

    record: CallRecord


def take(record: CallRecord | None, key: CallKey, facts: Iterable[Fact]) -> CallRecord | NothingNew:
    """Add facts to a call; the first fact makes the call, a known one is dull, none is ever refused.

    Raises:
        NotOneCall: a fact speaks of another call, or there is none at all.
    """
    before = record or CallRecord(key, ())
    known = distinct((*before.facts, *facts))
    if not known or any(fact.call != key for fact in known):
        message = "these facts are not of this one call"
        raise NotOneCall(message)
    kept, left_out = bounded(known, before.facts, before.left_out)
    taken = CallRecord(key, kept, left_out)
    return NothingNew(taken) if taken == record else taken


def lose_sight(record: CallRecord, silence: timedelta, now: datetime) -> CallRecord | NothingNew:
    """End a call of which nothing was heard for so long; whatever is heard later corrects it."""
    deadline = record.lost_sight_at(silence)
    if deadline is None or deadline > now:
        return NothingNew(record)
    since = record.heard_at
    fact = Fact(
        id=Fact.identify(record.key, FactKind.LOST_SIGHT, Witness.CLOCK, since.isoformat()),
        call=record.key,
        kind=FactKind.LOST_SIGHT,
        witness=Witness.CLOCK,
        occurred_at=since,
        recorded_at=now,
    )
    return take(record, record.key, [fact])
