"""The real broker and the real store, started once for all tests that need them.

`KAFKA_BOOTSTRAP` and `MONGO_URL` point the same tests at other servers.
"""

import asyncio
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest

from siaga_embedded.servers import embedded_servers

START_WITHIN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the broker and the store listen."""

    kafka_bootstrap: str
    mongo_url: str


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A real broker and a real store."""
    kafka, mongo = os.environ.get("KAFKA_BOOTSTRAP"), os.environ.get("MONGO_URL")
    if kafka and mongo:
        yield Addresses(kafka, mongo)
        return
    with _Running(tmp_path_factory.mktemp("servers")) as addresses:
        yield addresses


class _Running:
    """Runs the embedded servers in a thread with an event loop of its own."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ready: Future[Addresses] = Future()
        self._thread = threading.Thread(target=self._live, name="embedded-servers")
        self._loop = asyncio.new_event_loop()
        self._over: asyncio.Event | None = None

    def __enter__(self) -> Addresses:
        self._thread.start()
        return self._ready.result(START_WITHIN_SECONDS)

    def __exit__(self, *_: object) -> None:
        if self._over is not None:
            self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _live(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            try:
                runner.run(self._serve())
            except BaseException as error:
                if self._ready.done():
                    raise
                self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        async with embedded_servers(self._directory) as running:
            self._ready.set_result(Addresses(running.kafka_bootstrap, running.mongo_url))
            await self._over.wait()


@pytest.fixture(scope="session")
def kafka_bootstrap(servers: Addresses) -> str:
    """The broker's address."""
    return servers.kafka_bootstrap


@pytest.fixture(scope="session")
def mongo_url(servers: Addresses) -> str:
    """The store's address."""
    return servers.mongo_url
