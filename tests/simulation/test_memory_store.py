"""The store in memory answers as PyMongo does, as far as services ask it."""

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from bson.errors import InvalidDocument
from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import AutoReconnect, DuplicateKeyError

from tests.simulation.faults import Faults, Weather
from tests.simulation.memory_store import Disk, MemoryCollection, MemoryDatabase
from tests.simulation.process import UTC_NOON, Life
from tests.simulation.queries import NotAskedYet
from tests.simulation.story import Story


def collection(weather: Weather | None = None) -> MemoryCollection:
    """Return an empty collection of a living process."""
    faults = Faults(random.Random(1), weather or Weather())
    life = Life("desk", faults, Story(lambda: 0.0), UTC_NOON)
    return MemoryDatabase(Disk(lambda *_: None), life).get_collection("things")


async def test_a_document_is_replaced_only_at_the_version_that_was_read() -> None:
    things = collection()
    await things.insert_one({"_id": "a", "version": 1})
    assert (
        await things.replace_one({"_id": "a", "version": 1}, {"_id": "a", "version": 2})
    ).matched_count == 1
    assert (
        await things.replace_one({"_id": "a", "version": 1}, {"_id": "a", "version": 9})
    ).matched_count == 0
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "version": 2}


async def test_an_id_is_given_once() -> None:
    things = collection()
    await things.insert_one({"_id": "a"})
    with pytest.raises(DuplicateKeyError):
        await things.insert_one({"_id": "a"})


async def test_what_is_read_is_a_copy_with_aware_times_cut_to_milliseconds() -> None:
    things = collection()
    at = datetime(2099, 1, 19, 3, 14, 8, 123_456, tzinfo=UTC)
    await things.insert_one({"_id": "a", "at": at, "list": [1]})
    read: Any = await things.find_one({"_id": "a"})
    read["list"].append(2)
    assert await things.find_one({"_id": "a"}) == {
        "_id": "a",
        "at": at.replace(microsecond=123_000),
        "list": [1],
    }


async def test_numbers_hold_up_to_63_bits_and_no_further() -> None:
    things = collection()
    await things.insert_one({"_id": "a", "version": 2**53 + 1})
    assert await things.find_one({"version": 2**53 + 1}) is not None
    with pytest.raises((OverflowError, InvalidDocument)):
        await things.insert_one({"_id": "b", "version": 2**63})


async def test_due_documents_come_in_the_order_of_their_time() -> None:
    things = collection()
    for id_, minute in (("late", 9), ("early", 1), ("later", 30)):
        await things.insert_one({"_id": id_, "next_due_at": datetime(2026, 1, 1, 0, minute, tzinfo=UTC)})
    await things.insert_one({"_id": "never", "next_due_at": None})
    now = datetime(2026, 1, 1, 0, 10, tzinfo=UTC)
    found = things.find({"next_due_at": {"$lte": now}}, {"_id": 1}).sort("next_due_at", ASCENDING).limit(5)
    assert [one async for one in found] == [{"_id": "early"}, {"_id": "late"}]


async def test_an_index_changes_nothing_but_the_time_it_takes() -> None:
    things = collection()
    for number in range(6):
        await things.insert_one({"_id": str(number), "kind": "odd" if number % 2 else "even"})
    before = [one["_id"] async for one in things.find({"kind": "odd"})]
    await things.create_indexes([IndexModel([("tenant", ASCENDING), ("kind", ASCENDING)])])
    await things.replace_one({"_id": "1"}, {"_id": "1", "kind": "even"})
    assert before == ["1", "3", "5"]
    assert [one["_id"] async for one in things.find({"kind": "odd"})] == ["3", "5"]


async def test_a_sent_event_leaves_the_outbox_without_a_new_version() -> None:
    things = collection()
    await things.insert_one({"_id": "a", "version": 3, "outbox": [{"id": "1:x"}, {"id": "2:x"}]})
    pull = UpdateOne({"_id": "a"}, {"$pull": {"outbox": {"id": {"$in": ["1:x"]}}}})
    await things.bulk_write([pull], ordered=False)
    assert await things.find_one({"_id": "a"}) == {"_id": "a", "version": 3, "outbox": [{"id": "2:x"}]}


async def test_an_acknowledgement_may_be_lost_and_the_write_is_there() -> None:
    things = collection(Weather(lost=1.0))
    with pytest.raises(AutoReconnect):
        await things.insert_one({"_id": "a"})
    assert things._documents.look("a") is not None


async def test_a_question_that_it_does_not_know_is_no_empty_answer() -> None:
    things = collection()
    await things.insert_one({"_id": "a", "text": "b"})
    with pytest.raises(NotAskedYet):
        await things.find_one({"text": {"$regex": "b"}})
