"""A small service on the real broker and store, for the kit's promises."""

import asyncio
import os
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from service_kit.listener import Handle
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from shared_schemas.topics import TOPICS
from tests.integration.small_service import (
    NOTES,
    TENANT,
    TOPIC,
    WITHIN_SECONDS,
    Small,
    StartSmall,
    configured,
    eventually,
    tell_tenant,
)


@pytest.fixture
def settings(kafka_bootstrap: str, mongo_url: str, tmp_path: Path) -> ServiceSettings:
    """Settings with names of this test's own."""
    mark = os.urandom(4).hex()
    return ServiceSettings(
        KAFKA_BOOTSTRAP=kafka_bootstrap,
        MONGO_URL=mongo_url,
        secrets_dir=tmp_path / "secrets",
        data_dir=tmp_path / "data",
        token_keys=tmp_path / "token_keys.json",
        database_prefix=f"test_{mark}_",
        group_prefix=f"test-{mark}-",
    )


@pytest.fixture
async def start_small(settings: ServiceSettings) -> AsyncIterator[StartSmall]:
    """Start a small service; all are stopped at the end of the test."""
    running: list[Small] = []

    async def start(handle: Handle | None = None, *, topics: frozenset[str] = frozenset({TOPIC})) -> Small:
        service = Service(f"{settings.group_prefix}notes", settings)
        notes = service.store(NOTES)
        if handle is not None:
            service.hear(topics, handle)
        small = Small(service, notes, asyncio.create_task(service.run()))
        running.append(small)
        await eventually(lambda: _is_ready(small))
        await tell_tenant(service, configured())
        assert await service.tenants.wait_for(TENANT, seconds=WITHIN_SECONDS)
        return small

    yield start
    for small in running:
        if not small.task.done():
            await small.stop()
    for small in running:
        small.task.result()


async def _is_ready(small: Small) -> bool:
    if small.task.done():
        small.task.result()
    return await small.service.ready() == []


@pytest.fixture
def start_all(start_small: StartSmall) -> StartSmall:
    """Start a small service that hears every topic."""
    return partial(start_small, topics=frozenset(TOPICS))
