"""Deadlines: one aggregate that cannot act keeps nobody else waiting."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect, OperationFailure

from service_kit.due import LONGEST_REST, LONGEST_REST_FOR_THE_STORE, MOST_AT_ONCE, DueWorker
from service_kit.store import AggregateStore, Due

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Deadlines:
    """Aggregates that are due until they have acted; some never can."""

    aggregate = SimpleNamespace(kind="note")

    def __init__(self, *, broken: int, good: int) -> None:
        self.broken = [f"broken-{number}" for number in range(broken)]
        self.good = [f"good-{number}" for number in range(good)]
        self.trouble: Exception = LookupError("it cannot")
        self.now = NOON
        self.tried: list[str] = []

    async def due(self, _: datetime, limit: int) -> list[Due]:
        """Return the earliest, which are those that were never met."""
        return [Due("53.03", one, "") for one in [*self.broken, *self.good]][:limit]

    async def act(self, _: str, document_id: str) -> None:
        self.tried.append(document_id)
        if document_id in self.broken:
            raise self.trouble
        self.good.remove(document_id)

    @property
    def worker(self) -> DueWorker:
        store = cast("AggregateStore[Any]", self)
        return DueWorker(store, self.act, lambda: self.now)


async def test_many_that_cannot_act_leave_room_for_those_behind_them() -> None:
    kept = Deadlines(broken=MOST_AT_ONCE, good=3)
    worker = kept.worker
    await worker.run_once()
    await worker.run_once()
    assert kept.good == []


async def test_one_that_cannot_act_is_tried_again_later_and_later_but_always_again() -> None:
    kept = Deadlines(broken=1, good=0)
    worker = kept.worker
    for _ in range(200):
        await worker.run_once()
        kept.now += timedelta(seconds=0.25)
    assert 4 <= len(kept.tried) <= 7
    kept.now += LONGEST_REST
    before = len(kept.tried)
    await worker.run_once()
    assert len(kept.tried) == before + 1


async def test_one_that_acts_at_last_is_not_left_alone_any_more() -> None:
    kept = Deadlines(broken=1, good=0)
    worker = kept.worker
    await worker.run_once()
    kept.good, kept.broken = kept.broken, []
    kept.now += timedelta(seconds=2)
    assert await worker.run_once() == 1
    assert kept.good == []


async def test_one_that_the_store_stumbles_over_keeps_nobody_waiting_and_never_rests_long() -> None:
    kept = Deadlines(broken=1, good=1)
    kept.trouble = OperationFailure("internal server error", 1)
    worker = kept.worker
    for _ in range(10):
        await worker.run_once()
        kept.now += LONGEST_REST
    assert kept.good == []
    before = len(kept.tried)
    await worker.run_once()
    kept.now += LONGEST_REST_FOR_THE_STORE
    await worker.run_once()
    assert len(kept.tried) == before + 2


async def test_a_store_that_is_away_ends_the_round() -> None:
    kept = Deadlines(broken=1, good=1)
    kept.trouble = AutoReconnect("away")
    with pytest.raises(AutoReconnect):
        await kept.worker.run_once()
    assert kept.good == ["good-0"]
