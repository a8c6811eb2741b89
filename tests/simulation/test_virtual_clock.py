"""Virtual hours pass in no time, in the order of their timers, and a dead end is said."""

import asyncio
import time

import pytest

from tests.simulation.virtual_clock import NothingEverHappens, VirtualLoop, run_virtually


def test_a_year_passes_at_once_and_timers_keep_their_order() -> None:
    seen: list[tuple[str, float]] = []

    async def live(loop: VirtualLoop) -> None:
        async def note(name: str, after: float) -> None:
            await asyncio.sleep(after)
            seen.append((name, loop.time()))

        await asyncio.gather(note("late", 365 * 86_400.0), note("early", 60.0))

    began = time.monotonic()
    run_virtually(live)
    assert seen == [("early", 60.0), ("late", 365 * 86_400.0)]
    assert time.monotonic() - began < 5


def test_of_many_timers_for_one_moment_the_first_that_was_set_is_the_first() -> None:
    seen: list[int] = []

    async def live(loop: VirtualLoop) -> None:
        for number in range(20):
            loop.call_at(60.0, seen.append, number)
        await asyncio.sleep(61)

    run_virtually(live)
    assert seen == list(range(20))


def test_a_timeout_comes_at_its_virtual_time() -> None:
    async def live(loop: VirtualLoop) -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(600):
                await asyncio.Event().wait()
        return loop.time()

    assert run_virtually(live) == pytest.approx(600)


def test_a_world_that_stands_still_for_ever_says_so() -> None:
    async def live(_: VirtualLoop) -> None:
        await asyncio.Event().wait()

    with pytest.raises(NothingEverHappens):
        run_virtually(live)
