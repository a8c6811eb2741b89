"""A service that is killed and started again takes its old place among its group: nobody waits for its dead process."""

import os
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from aiokafka import TopicPartition

from service_kit.documents import connect, database
from service_kit.listener import SESSION_TIMEOUT_MS
from service_kit.producer import Producer
from service_kit.replay import ends_of
from service_kit.settings import ServiceSettings
from tests.integration import breaking_service
from tests.integration.breaking_service import BREAKS_ON
from tests.integration.service_process import ServiceProcess
from tests.integration.small_service import TOPIC, eventually

pytestmark = pytest.mark.integration

HEARS_WITHIN_SECONDS = SESSION_TIMEOUT_MS / 1000 / 3


@pytest.fixture
async def named(settings: ServiceSettings) -> AsyncIterator[ServiceProcess]:
    """A process with a name among its service's, ready and in its group."""
    process = ServiceProcess(breaking_service.__name__, settings, {BREAKS_ON: "never", "SIAGA_REPLICA": "1"})
    await _start(process)
    yield process
    await process.end()


async def test_it_takes_an_event_long_before_the_group_has_missed_its_dead_process(
    named: ServiceProcess, settings: ServiceSettings
) -> None:
    place = TopicPartition(TOPIC, 0)
    offset = (await ends_of(settings.kafka_bootstrap, [TOPIC], client="test"))[place]
    await named.kill()
    producer = Producer(settings.kafka_bootstrap, client="poison")
    await producer.send(TOPIC, partition=0, key=os.urandom(4), value=b"{", headers=[])
    await producer.stop()
    await named.start()
    opened = time.monotonic()
    client = connect(settings.mongo_url, service="test")
    letters = database(client, f"{settings.database_prefix}{settings.group_prefix}notes".replace("-", "_"))

    async def is_taken() -> bool:
        query = {"topic": TOPIC, "partition": 0, "offset": offset}
        return await letters.get_collection("dead_letters").count_documents(query) == 1

    await eventually(is_taken)
    await client.close()
    assert time.monotonic() - opened < HEARS_WITHIN_SECONDS


async def _start(process: ServiceProcess) -> None:
    await process.start()

    async def is_ready() -> bool:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{process.url}/readyz")).is_success

    await eventually(is_ready)
