"""Turns consumer groups back to the beginning of the log, as an operator would: while nobody of them is awake."""

import asyncio
from collections.abc import Mapping, Sequence

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.faults.injector import Injector

EMPTY = "Empty"
LOOK_EVERY = 0.5
GIVEN_UP_WITHIN = 60.0
"""Seconds within which the broker gives up members that sleep: the session's length, and a little."""


async def rewind(
    bootstrap: str, groups: Sequence[str], injector: Injector, *, at_rest: bool
) -> dict[str, int]:
    """Let every group hear everything again; returns how many events each had heard.

    Its members sleep until the broker has given them up: places of a group with members are theirs to set.
    """
    async with injector.all_asleep(groups, at_rest=at_rest):
        heard = {}
        for group in groups:
            await _until_empty(bootstrap, group)
            places = await _places(bootstrap, group)
            await _set(bootstrap, group, dict.fromkeys(places, 0))
            assert set((await _places(bootstrap, group)).values()) <= {0}, f"{group} was not turned back"
            heard[group] = sum(places.values())
        return heard


async def _until_empty(bootstrap: str, group: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="faults")
    try:
        await admin.start()
        async with asyncio.timeout(GIVEN_UP_WITHIN):
            while await _state(admin, group) != EMPTY:  # noqa: ASYNC110 - the broker tells it no other way
                await asyncio.sleep(LOOK_EVERY)
    finally:
        await admin.close()


async def _state(admin: AIOKafkaAdminClient, group: str) -> str:
    (answer,) = await admin.describe_consumer_groups([group])
    (described,) = answer.groups
    return str(described[2])


async def _places(bootstrap: str, group: str) -> Mapping[TopicPartition, int]:
    """Return how far a group has come in each partition."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="faults")
    try:
        await admin.start()
        found = await admin.list_consumer_group_offsets(group)
    finally:
        await admin.close()
    return {place: kept.offset for place, kept in found.items() if kept.offset >= 0}


async def _set(bootstrap: str, group: str, places: Mapping[TopicPartition, int]) -> None:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, client_id="faults", group_id=group, enable_auto_commit=False
    )
    try:
        await consumer.start()
        consumer.assign(list(places))
        await consumer.commit(dict(places))
    finally:
        await consumer.stop()
