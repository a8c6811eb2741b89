"""Many who put something at once share one write; each hears what became of its own."""

import asyncio
from collections.abc import Sequence

import pytest

from statistics_service.contracts import CALL, Projected
from statistics_service.storage.together import Together


def a_call(number: int) -> Projected:
    return Projected("53.03", CALL, "intake", f"call/{number}", 1, "2031-02", str(number), ({"n": number},))


class Store:
    """Notes each write; keeps even numbers only, and fails where it is told to."""

    def __init__(self) -> None:
        self.writes: list[list[str]] = []
        self.trouble: Exception | None = None
        self.began = asyncio.Event()

    async def write(self, several: Sequence[Projected]) -> Sequence[bool]:
        self.writes.append([one.about for one in several])
        self.began.set()
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        return [int(one.about) % 2 == 0 for one in several]


async def test_what_comes_at_once_is_one_write_and_each_hears_of_its_own() -> None:
    store = Store()
    together = Together(store.write)
    kept = await asyncio.gather(*(together.put(a_call(number)) for number in range(5)))
    assert store.writes == [["0", "1", "2", "3", "4"]]
    assert kept == [True, False, True, False, True]


async def test_what_comes_while_a_write_is_under_way_goes_with_the_next() -> None:
    store = Store()
    together = Together(store.write)
    first = asyncio.create_task(together.put(a_call(0)))
    await store.began.wait()
    later = asyncio.gather(*(together.put(a_call(number)) for number in (2, 4)))
    assert (await first, await later) == (True, [True, True])
    assert store.writes == [["0"], ["2", "4"]]


async def test_a_failed_write_is_everybodys_trouble_and_the_next_one_works() -> None:
    store = Store()
    store.trouble = ConnectionError("away")
    together = Together(store.write)
    ends = await asyncio.gather(
        *(together.put(a_call(number)) for number in range(2)), return_exceptions=True
    )
    assert ends == [store.trouble, store.trouble]
    store.trouble = None
    assert await together.put(a_call(2))


async def test_who_gave_up_waiting_keeps_nobody_from_hearing() -> None:
    store = Store()
    together = Together(store.write)
    gone = asyncio.create_task(together.put(a_call(0)))
    stays = asyncio.create_task(together.put(a_call(2)))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays
    with pytest.raises(asyncio.CancelledError):
        await gone
