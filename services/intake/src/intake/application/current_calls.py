"""The calls of this moment, from memory: they are listed even while the store is away (A10)."""

from collections.abc import Iterable

from intake.domain.call import Call
from intake.domain.call_record import CallRecord, NothingNew, take
from intake.domain.facts import CallKey, Fact, Told
from shared_schemas.vocabulary import CallStage

MOST_CALLS = 5_000


class CurrentCalls:
    """What this process has heard of calls that are not over; bounded, the longest silent leave first."""

    def __init__(self, *, most: int = MOST_CALLS) -> None:
        """Begin with no calls; `hear` what still waits in the spool to know what came before."""
        self._records: dict[CallKey, CallRecord] = {}
        self._most = most

    def hear(self, told: Iterable[Told]) -> None:
        """Take facts; the order does not matter."""
        by_call: dict[CallKey, list[Fact]] = {}
        for one in told:
            by_call.setdefault(one.fact.call, []).append(one.fact)
        for key, facts in by_call.items():
            taken = take(self._records.pop(key, None), key, facts)
            self._records[key] = taken.record if isinstance(taken, NothingNew) else taken
        self._forget()

    def of(self, tenant: str) -> list[Call]:
        """List a tenant's calls that are not over, the oldest first."""
        calls = [record.call for record in self._records.values() if record.key.tenant == tenant]
        current = [call for call in calls if call.stage is not CallStage.ENDED]
        return sorted(current, key=lambda call: (call.started_at, call.key))

    def _forget(self) -> None:
        """Of too many, those that are over go first: a late fact of theirs changes no list."""
        if len(self._records) <= self._most:
            return
        self._records = {
            key: record for key, record in self._records.items() if record.call.stage is not CallStage.ENDED
        }
        while len(self._records) > self._most:
            del self._records[next(iter(self._records))]
