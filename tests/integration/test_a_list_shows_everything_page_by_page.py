"""A list that is looked at again and again shows what is there, however its pages are looked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service_kit.store import Aggregate, AggregateStore
from tests.integration.small_service import NOTES, TENANT, Note, StartSmall, counted

pytestmark = pytest.mark.integration

BEGAN = datetime(2026, 11, 23, 16, tzinfo=UTC)
LISTED: Aggregate[Note] = replace(
    NOTES,
    collection="listed",
    fields=lambda note: {"place": f"{(BEGAN + timedelta(seconds=int(note.id))).isoformat()}/{note.id}"},
)


async def pages(store: AggregateStore[Note], limit: int) -> list[str]:
    found, after = list[str](), None
    while True:
        some = await store.find(TENANT, {}, sort="place", limit=limit, after=after)
        found += [one.id for one in some]
        if len(some) < limit:
            return found
        after = str(some[-1].raw["place"])


async def test_pages_are_whole_while_notes_come_and_go(start_small: StartSmall) -> None:
    small = await start_small()
    store = AggregateStore(
        small.service.database, LISTED, ships=small.service.relay, clock=small.service.clock
    )
    there = [f"{second:05d}" for second in (0, 1, 2, 3, 100, 101, 5_000, 5_001, 9_000, 20_000, 86_000)]
    for note_id in there:
        await store.change(TENANT, note_id, counted(note_id))
    for _ in range(2):
        for limit in (2, 3, 4, 11, 12):
            assert await pages(store, limit) == there
    for gone in ("00001", "00002", "00003"):
        await store.collection.delete_one({"_id": gone})
        there.remove(gone)
        assert await pages(store, 4) == there
