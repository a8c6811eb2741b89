"""A service whose loop breaks ends with 70, to be started again; what broke it was not acknowledged."""

import os
from collections.abc import AsyncIterator

import httpx
import pytest
from aiokafka import TopicPartition

from service_kit.producer import Producer
from service_kit.replay import ends_of
from service_kit.service import BROKEN_EXIT_CODE
from service_kit.settings import ServiceSettings
from tests.integration import breaking_service
from tests.integration.breaking_service import BREAKS_ON
from tests.integration.service_process import ServiceProcess
from tests.integration.small_service import TOPIC, Heard, StartSmall, eventually

pytestmark = pytest.mark.integration

MARK = os.urandom(4).hex()


@pytest.fixture
async def breaking(settings: ServiceSettings) -> AsyncIterator[ServiceProcess]:
    """A process whose loop breaks on one record, ready and in its group."""
    process = ServiceProcess(breaking_service.__name__, settings, {BREAKS_ON: MARK})
    await process.start()

    async def is_ready() -> bool:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{process.url}/readyz")).is_success

    await eventually(is_ready)
    yield process
    await process.end()


async def test_it_exits_with_70_and_the_next_one_takes_the_record_that_broke_it(
    breaking: ServiceProcess, settings: ServiceSettings, start_small: StartSmall
) -> None:
    before = await ends_of(settings.kafka_bootstrap, [TOPIC], client="test")
    producer = Producer(settings.kafka_bootstrap, client="poison")
    await producer.send(TOPIC, partition=0, key=MARK.encode(), value=b"{", headers=[])
    await producer.stop()
    assert await breaking.exit_code() == BROKEN_EXIT_CODE == 70
    small = await start_small(handle=Heard().take)

    async def is_buried() -> bool:
        query = {"topic": TOPIC, "partition": 0, "offset": before[TopicPartition(TOPIC, 0)]}
        return await small.service.database.get_collection("dead_letters").count_documents(query) == 1

    await eventually(is_buried)
