"""The calls of this moment, from memory: they are listed even while the store is away (A10)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from intake.application.ports import SpooledCall
from intake.domain.call import Call
from intake.domain.call_record import CallRecord, NothingNew, take
from intake.domain.facts import CallKey, Fact, Told

MOST_CALLS = 5_000
LONGEST_SILENCE = timedelta(hours=4)
"""A call of which nothing is heard for this long has ended unseen, if nothing else is set."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A call as far as this process has heard, folded once for many looks.

    Attributes:
        unsettled: the facts that wait in the spool: the store does not know them yet.
    """

    record: CallRecord
    call: Call
    unsettled: frozenset[str] = frozenset()


class CurrentCalls:
    """What this process has heard of calls that are not over; bounded, the longest silent leave first."""

    def __init__(self, *, most: int = MOST_CALLS, silence: timedelta = LONGEST_SILENCE) -> None:
        """Begin with no calls; `hear` what still waits in the spool to know what came before."""
        self._calls: dict[str, Remembered] = {}
        self._most = most
        self._silence = silence

    def hear(self, told: Iterable[Told]) -> None:
        """Take facts that are in the spool; the order does not matter."""
        by_call: dict[CallKey, list[Fact]] = {}
        for one in told:
            by_call.setdefault(one.fact.call, []).append(one.fact)
        for key, facts in by_call.items():
            self._calls[key.call_id] = _after(self._calls.pop(key.call_id, None), key, facts)
        self._forget()

    def settled(self, spooled: SpooledCall) -> None:
        """Note that the store knows these facts now: it may know more of their call than this process."""
        known = self._calls.get(spooled.key.call_id)
        if known is not None:
            unsettled = known.unsettled - {told.fact.id for told in spooled.told}
            self._calls[spooled.key.call_id] = replace(known, unsettled=unsettled)

    def of(self, tenant: str, now: datetime, *, unsettled_only: bool = False) -> list[Call]:
        """List a tenant's calls that are neither over nor lost sight of, the oldest first."""
        current = [
            one.call
            for one in self._calls.values()
            if one.call.key.tenant == tenant
            and not one.call.is_final
            and one.record.heard_at + self._silence > now
            and (one.unsettled or not unsettled_only)
        ]
        return sorted(current, key=lambda call: call.order)

    def get(self, tenant: str, call_id: str) -> Remembered | None:
        """Return one call as far as this process has heard of it, over or not."""
        found = self._calls.get(call_id)
        return found if found is not None and found.call.key.tenant == tenant else None

    def has_ended(self, tenant: str, call_id: str) -> bool:
        """Whether the end of a call waits in the spool: the store will know it in a moment."""
        found = self.get(tenant, call_id)
        return found is not None and bool(found.unsettled) and found.call.is_final

    def _forget(self) -> None:
        """Of too many, those that are over go first: a late fact of theirs changes no list."""
        if len(self._calls) <= self._most:
            return
        self._calls = {call_id: one for call_id, one in self._calls.items() if not one.call.is_final}
        while len(self._calls) > self._most:
            del self._calls[next(iter(self._calls))]


def _after(known: Remembered | None, key: CallKey, facts: list[Fact]) -> Remembered:
    taken = take(known.record if known else None, key, facts)
    record = taken.record if isinstance(taken, NothingNew) else taken
    unsettled = (known.unsettled if known else frozenset()) | {fact.id for fact in facts}
    return Remembered(record, record.call, unsettled)
