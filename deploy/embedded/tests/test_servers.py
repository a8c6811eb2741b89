"""Broker and store together: the given ones win; the embedded ones are real and keep what they were given."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from siaga_embedded import kafka
from siaga_embedded.servers import Servers, embedded_servers, machine, servers_in_background, written_servers
from tests.faults.injector import lose_log

GIVEN = {"KAFKA_BOOTSTRAP": "broker.test:9092", "MONGO_URL": "mongodb://store.test"}
EMBEDDED = {name: value for name, value in os.environ.items() if name not in GIVEN}
TOPIC = "call.received"
Document = dict[str, object]
BACK_WITHIN = 60  # seconds


async def test_given_servers_win_and_nothing_is_started(tmp_path: Path) -> None:
    async with machine(tmp_path, environ=GIVEN) as running:
        assert running.supervisor.children == ()
        assert running.servers.kafka_bootstrap == "broker.test:9092"
        assert running.servers.mongo_url == "mongodb://store.test"
        assert written_servers(tmp_path) == running.servers
    assert written_servers(tmp_path) is None


def test_code_without_an_event_loop_gets_them_too(tmp_path: Path) -> None:
    with servers_in_background(tmp_path, environ=GIVEN) as servers:
        assert servers.store_engine == "MONGO_URL"


def test_trouble_in_the_background_is_told_in_front(tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "engine").write_text("mongod")
    environ = {"KAFKA_BOOTSTRAP": "broker.test:9092", "PATH": ""}
    with (
        pytest.raises(Exception, match="mongod"),
        servers_in_background(tmp_path, environ=environ),
    ):
        pytest.fail("there is no store")


@asynccontextmanager
async def producer(servers: Servers) -> AsyncIterator[AIOKafkaProducer]:
    made = AIOKafkaProducer(
        bootstrap_servers=servers.kafka_bootstrap,
        acks="all",
        enable_idempotence=True,
        max_request_size=900_000,
    )
    await made.start()
    try:
        yield made
    finally:
        await made.stop()


async def create_topic(servers: Servers) -> None:
    """Make the topic; a broker that would not is told, not waited for in vain."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    try:
        answer = await admin.create_topics([NewTopic(TOPIC, num_partitions=1, replication_factor=1)])
        assert answer.topic_errors == [(TOPIC, 0, None)]
    finally:
        await admin.close()


async def say(servers: Servers, text: bytes) -> None:
    async with producer(servers) as made:
        await made.send_and_wait(TOPIC, text)


async def heard(servers: Servers, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=servers.kafka_bootstrap,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        group_id=None,
    )
    await consumer.start()
    try:
        return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()


async def cluster_id(servers: Servers) -> str:
    """Return which cluster answers; raises while none does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    try:
        await admin.start()
        return str((await admin.describe_cluster())["cluster_id"])
    finally:
        await admin.close()


async def another_cluster_than(before: str, servers: Servers) -> str:
    """Wait until another cluster answers."""
    while True:
        with suppress(KafkaError, OSError, TimeoutError):
            if (present := await cluster_id(servers)) != before:
                return present
        await asyncio.sleep(0.1)


def notes_of(client: AsyncMongoClient[Document]) -> AsyncCollection[Document]:
    """As the services keep what is theirs."""
    return client.siaga.get_collection(
        "notes", write_concern=WriteConcern("majority", j=True), read_concern=ReadConcern("majority")
    )


async def keep(servers: Servers, name: str) -> None:
    async with AsyncMongoClient[Document](servers.mongo_url) as client:
        await notes_of(client).insert_one({"_id": name})


async def kept(servers: Servers) -> list[object]:
    async with AsyncMongoClient[Document](servers.mongo_url) as client:
        return [note["_id"] async for note in notes_of(client).find()]


@pytest.mark.integration
async def test_what_was_written_is_there_after_an_end_and_a_new_start(tmp_path: Path) -> None:
    async with embedded_servers(tmp_path, environ=EMBEDDED) as servers:
        await create_topic(servers)
        await say(servers, b"one")
        await keep(servers, "one")
    async with embedded_servers(tmp_path, environ=EMBEDDED) as again:
        assert again == servers
        assert await heard(again, 1) == [b"one"]
        assert await kept(again) == ["one"]


@pytest.mark.integration
async def test_a_killed_broker_comes_back_by_itself_with_every_acknowledged_record(tmp_path: Path) -> None:
    async with machine(tmp_path, environ=EMBEDDED) as running:
        await create_topic(running.servers)
        broker = next(child for child in running.supervisor.children if child.program.name == kafka.NAME)
        async with producer(running.servers) as made, asyncio.timeout(BACK_WITHIN):
            await made.send_and_wait(TOPIC, b"before")
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            await made.send_and_wait(TOPIC, b"after")
        assert await heard(running.servers, 2) == [b"before", b"after"]
        assert broker.restarts == 1


@pytest.mark.integration
async def test_a_broker_whose_disk_was_lost_comes_back_by_itself_as_another_cluster(tmp_path: Path) -> None:
    async with machine(tmp_path, environ=EMBEDDED) as running:
        await create_topic(running.servers)
        before = await cluster_id(running.servers)
        broker = next(child for child in running.supervisor.children if child.program.name == kafka.NAME)
        assert broker.pid is not None
        await lose_log(psutil.Process(broker.pid), running.places)
        async with asyncio.timeout(BACK_WITHIN):
            assert await another_cluster_than(before, running.servers)
        await create_topic(running.servers)
        await say(running.servers, b"new")
        assert await heard(running.servers, 1) == [b"new"]
