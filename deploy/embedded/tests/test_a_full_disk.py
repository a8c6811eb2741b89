"""A store whose disk was full says that it is broken, is started anew, and has everything that it took."""

import asyncio
import os
from contextlib import suppress
from pathlib import Path

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from service_kit.documents import write_something
from siaga_embedded.servers import Servers, machine
from siaga_embedded.supervise import Child
from tests.faults.volumes import fill, make_room, small_disks

pytestmark = pytest.mark.integration

MEGABYTES = 300
JUNK = bytes(50_000)
SOME = 20
WITHIN = 120  # seconds
EMBEDDED = {name: value for name, value in os.environ.items() if name != "MONGO_URL"}
ENVIRON = {**EMBEDDED, "KAFKA_BOOTSTRAP": "broker.test:9092"}


def client_of(servers: Servers) -> AsyncMongoClient[dict[str, object]]:
    """Ask as the services do: what is taken is on the disk."""
    return AsyncMongoClient(
        servers.mongo_url, timeoutMS=5_000, w="majority", journal=True, readConcernLevel="majority"
    )


async def keep_until_refused(servers: Servers, disk: Path) -> list[str]:
    """Write, fill the disk, and write on until the store refuses: what it made in advance has room."""
    taken: list[str] = []
    async with client_of(servers) as client:
        with suppress(PyMongoError):
            while True:
                name = f"note {len(taken)}"
                await client.siaga.notes.insert_one({"_id": name, "junk": JUNK})
                taken.append(name)
                if len(taken) == SOME:
                    await asyncio.to_thread(fill, disk)
        with pytest.raises(PyMongoError):  # by this a listener tells the store's trouble from one event's
            await write_something(client.siaga)
    return taken


async def until_it_is_back(servers: Servers) -> set[object]:
    """Return everything that is kept, as soon as it can be read."""
    async with client_of(servers) as client:
        while True:
            with suppress(PyMongoError):
                return {note["_id"] async for note in client.siaga.notes.find({}, {"_id": 1})}
            await asyncio.sleep(0.2)


async def until_it_was_broken(store: Child) -> None:
    while not store.restarts:  # noqa: ASYNC110 - told by a number only
        await asyncio.sleep(0.1)


async def test_a_store_on_a_full_disk_comes_back_by_itself_with_all_that_it_took(tmp_path: Path) -> None:
    disk = tmp_path / "store"
    try:
        async with (
            small_disks({disk: MEGABYTES}),
            machine(tmp_path, environ=ENVIRON) as running,
            asyncio.timeout(WITHIN),
        ):
            (store,) = running.supervisor.children
            taken = await keep_until_refused(running.servers, disk)
            await until_it_was_broken(store)
            make_room(disk)
            found = await until_it_is_back(running.servers)
    except PermissionError as error:
        pytest.skip(f"no small disk can be mounted here: {error}")
    assert len(taken) >= SOME
    assert set(taken) <= found
