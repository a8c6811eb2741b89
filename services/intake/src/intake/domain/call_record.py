"""The aggregate that intake keeps: all facts of one call, and nothing that does not follow from them."""

from collections.abc import Iterable
from dataclasses import dataclass

from intake.domain.call import Call, NotOneCall, distinct, fold
from intake.domain.facts import CallKey, Fact


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call's facts, each statement once, in the order of their clocks."""

    key: CallKey
    facts: tuple[Fact, ...]

    @property
    def call(self) -> Call:
        """The call as these facts tell it."""
        return fold(self.facts)


@dataclass(frozen=True, slots=True)
class NothingNew:
    """Everything that was said is known already."""

    record: CallRecord


def take(record: CallRecord | None, key: CallKey, facts: Iterable[Fact]) -> CallRecord | NothingNew:
    """Add facts to a call; the first fact makes the call, a known one is dull, none is ever refused.

    Raises:
        NotOneCall: a fact speaks of another call, or there is none at all.
    """
    known = record.facts if record is not None else ()
    taken = CallRecord(key, distinct((*known, *facts)))
    if not taken.facts or any(fact.call != key for fact in taken.facts):
        message = "these facts are not of this one call"
        raise NotOneCall(message)
    return NothingNew(taken) if taken.facts == known else taken
