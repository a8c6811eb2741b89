"""No two tickets of a tenant get one number, whichever processes hand them out."""

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from service_kit.documents import Database, connect, database
from triage.storage.numbers import BLOCK, MongoNumbers

pytestmark = pytest.mark.integration

TTU, KUPANG = "53.03", "53.71"
TODAY, TOMORROW = "TTU-20261122", "TTU-20261123"


@pytest.fixture
async def store(mongo_url: str) -> AsyncIterator[Database]:
    """A database that is this test's alone."""
    client = connect(mongo_url, service="triage-test")
    name = f"numbers_{os.urandom(6).hex()}"
    yield database(client, name)
    await client.drop_database(name)
    await client.close()


async def test_eight_processes_at_once_never_give_one_number_twice(store: Database) -> None:
    processes = [MongoNumbers(store) for _ in range(8)]
    taken = await asyncio.gather(*(one.take(TTU, TODAY) for one in processes for _ in range(25)))
    assert len(set(taken)) == len(taken) == 200
    assert min(taken) == 1
    assert max(taken) <= 8 * 3 * BLOCK


async def test_one_process_counts_without_a_gap(store: Database) -> None:
    numbers = MongoNumbers(store)
    assert [await numbers.take(TTU, TODAY) for _ in range(2 * BLOCK + 1)] == list(range(1, 2 * BLOCK + 2))


async def test_a_new_process_leaves_a_gap_and_repeats_nothing(store: Database) -> None:
    assert await MongoNumbers(store).take(TTU, TODAY) == 1
    assert await MongoNumbers(store).take(TTU, TODAY) == BLOCK + 1


async def test_each_day_and_each_tenant_begins_at_one(store: Database) -> None:
    numbers = MongoNumbers(store)
    assert [await numbers.take(TTU, TODAY), await numbers.take(TTU, TOMORROW)] == [1, 1]
    assert await numbers.take(KUPANG, TODAY) == 1
    assert await numbers.take(TTU, TODAY) == BLOCK + 1
