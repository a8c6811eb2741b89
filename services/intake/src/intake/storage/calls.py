"""Calls in the store: each is its facts; what it tells follows from them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pymongo import ASCENDING, IndexModel

from intake.application.ports import Calls, CallsAway, Clock
from intake.contracts.calls import RECEIVED, UPDATED, call_said
from intake.domain.call_record import CallRecord, NothingNew, lose_sight, take
from intake.domain.facts import CallKey, Fact
from service_kit.decisions import Changed
from service_kit.store import Aggregate, AggregateStore, Kept
from service_kit.transient import is_transient

ORDER = "order"


def _fields(record: CallRecord) -> Mapping[str, Any]:
    """Return what lists need: whether the call is over, and an order in time that has no ties."""
    call = record.call
    return {"over": call.is_final, ORDER: call.order}


def calls(silence: timedelta) -> Aggregate[CallRecord]:
    """Describe how a call is kept; it ends unseen when nothing is heard of it for so long."""
    return Aggregate(
        collection="calls",
        state_type=CallRecord,
        source="intake",
        kind="call",
        key=lambda record: record.key.call_id,
        body=call_said,
        due_at=lambda record: record.lost_sight_at(silence),
        fields=_fields,
        indexes=(
            IndexModel([("tenant", ASCENDING), (ORDER, ASCENDING)], name="all"),
            IndexModel([("tenant", ASCENDING), ("over", ASCENDING), (ORDER, ASCENDING)], name="current"),
        ),
        finished=lambda record: record.call.is_final,
    )


class MongoCalls(Calls):
    """Every call of every tenant."""

    def __init__(self, store: AggregateStore[CallRecord], silence: timedelta, clock: Clock) -> None:
        """Keep calls here; one of which nothing is heard for `silence` has ended unseen."""
        self._store = store
        self._silence = silence
        self._clock = clock

    async def take(self, key: CallKey, facts: Sequence[Fact]) -> None:
        """Make facts part of their call; return when a majority has them.

        Raises:
            CallsAway: the store cannot be reached now.
        """
        try:
            await self._store.change(key.tenant, key.call_id, partial(_taken, key, facts))
        except Exception as error:
            if not is_transient(error):
                raise
            raise CallsAway from error

    async def lose_sight(self, tenant: str, call_id: str) -> None:
        """End a call whose deadline has come, unless something was heard of it meanwhile."""
        await self._store.change(tenant, call_id, partial(_lost, self._silence, self._clock()))

    async def kept(self, tenant: str, call_id: str) -> Kept[CallRecord] | None:
        """Return one call."""
        return await self._store.get(tenant, call_id)

    async def page(
        self, tenant: str, *, current_only: bool, limit: int, after: str | None
    ) -> tuple[list[Kept[CallRecord]], str | None]:
        """Return calls in the order of their beginning, and where the next page begins."""
        query: dict[str, Any] = {"over": False} if current_only else {}
        found = await self._store.find(tenant, query, sort=ORDER, limit=limit, after=after)
        return found, str(found[-1].raw[ORDER]) if len(found) == limit else None


def _taken(
    key: CallKey, facts: Sequence[Fact], record: CallRecord | None
) -> Changed[CallRecord] | NothingNew:
    taken = take(record, key, facts)
    if isinstance(taken, NothingNew):
        return taken
    topic = RECEIVED if record is None else UPDATED
    return Changed(taken, topic, topic, why=", ".join(_news(record, taken)))


def _lost(
    silence: timedelta, now: datetime, record: CallRecord | None
) -> Changed[CallRecord] | NothingNew | None:
    if record is None:
        return None
    lost = lose_sight(record, silence, now)
    if isinstance(lost, CallRecord):
        return Changed(lost, "call.lost_sight", UPDATED)
    if record.lost_sight_at(silence) is None:
        return lost
    return Changed(record, "call.awaited", None)  # the setting was raised: the deadline moves with it


def _news(record: CallRecord | None, taken: CallRecord) -> list[str]:
    known = {fact.id for fact in record.facts} if record else set()
    return [fact.kind.value for fact in taken.facts if fact.id not in known]
