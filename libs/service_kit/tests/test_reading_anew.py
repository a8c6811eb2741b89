"""Who reads a topic without a group begins it again when the broker has lost its log."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest
from aiokafka import AIOKafkaConsumer

from service_kit.clock import utc_now
from service_kit.deadletters import DeadLetters
from service_kit.tenancy import Tenants


class Silent:
    """A consumer of a log in which nothing is said."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.polled = asyncio.Event()
        self._meanwhile = meanwhile

    def assign(self, _: object) -> None:
        """Any partition will do."""

    async def seek_to_beginning(self, _: object) -> None:
        self._meanwhile()

    async def end_offsets(self, places: list[Any]) -> dict[Any, int]:
        return dict.fromkeys(places, 0)

    async def position(self, _: object) -> int:
        return 0

    async def getmany(self, _: object, **__: object) -> dict[Any, Any]:
        self.polled.set()
        await asyncio.sleep(0)
        return {}


class _Collections:
    def get_collection(self, _: str) -> None:
        """Nothing is kept here."""


def _tenants() -> tuple[Callable[[AIOKafkaConsumer], Awaitable[None]], Callable[[], None]]:
    made = Tenants()

    async def bury(*_: object) -> None:
        """Nothing is broken here."""

    return lambda consumer: made._read(consumer, bury), made.read_anew


def _letters() -> tuple[Callable[[AIOKafkaConsumer], Awaitable[None]], Callable[[], None]]:
    nobody = cast("Any", None)
    made = DeadLetters(
        "x", producer=nobody, database=cast("Any", _Collections()), quarantine=nobody, clock=utc_now
    )
    return made._read, made.read_anew


@pytest.mark.parametrize("reader", [_tenants, _letters])
async def test_it_goes_on_reading_until_it_is_told_and_then_begins_again(
    reader: Callable[[], tuple[Callable[[AIOKafkaConsumer], Awaitable[None]], Callable[[], None]]],
) -> None:
    read, read_anew = reader()
    for _ in range(2):
        silent = Silent()
        reading = asyncio.ensure_future(read(cast("AIOKafkaConsumer", silent)))
        await asyncio.wait_for(silent.polled.wait(), 5)
        assert not reading.done()
        read_anew()
        await asyncio.wait_for(reading, 5)


@pytest.mark.parametrize("reader", [_tenants, _letters])
async def test_told_while_it_goes_to_the_beginning_it_goes_there_once_more(
    reader: Callable[[], tuple[Callable[[AIOKafkaConsumer], Awaitable[None]], Callable[[], None]]],
) -> None:
    read, read_anew = reader()
    await asyncio.wait_for(read(cast("AIOKafkaConsumer", Silent(meanwhile=read_anew))), 5)
