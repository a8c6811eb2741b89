"""Fixtures for broker, store and supervisor tests."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from siaga_embedded.places import Places
from siaga_embedded.supervise import Backoff, Happening, Program, State, Supervisor

NEWS_WITHIN = 20  # seconds


class Watched(Supervisor):
    """A supervisor whose news can be waited for."""

    def __init__(self, places: Places) -> None:
        quick = Backoff(first=timedelta(milliseconds=10), longest=timedelta(milliseconds=20))
        super().__init__(places, on_news=self._hear, backoff=quick)
        self.heard: list[Happening] = []
        self._news: asyncio.Queue[Happening] = asyncio.Queue()

    async def until(self, program: str, state: State, detail: str = "") -> Happening:
        """Wait for one piece of news; what comes before it is passed over."""
        async with asyncio.timeout(NEWS_WITHIN):
            while True:
                news = await self._news.get()
                if (news.program, news.state) == (program, state) and detail in news.detail:
                    return news

    def _hear(self, news: Happening) -> None:
        self.heard.append(news)
        self._news.put_nowait(news)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "siaga")
    made.make()
    return made


@pytest.fixture
async def supervisor(places: Places) -> AsyncIterator[Watched]:
    watched = Watched(places)
    yield watched
    await watched.end()


@pytest.fixture
def python_program() -> type["PythonProgram"]:
    return PythonProgram


class PythonProgram:
    """Makes small programs out of Python text."""

    @staticmethod
    def of(name: str, text: str, **more: object) -> Program:
        return Program(name, (sys.executable, "-I", "-S", "-u", "-c", text), **more)  # type: ignore[arg-type]
