"""The search for the highest rate that is held."""

import pytest

from bench.ramp import FINEST, NothingHeld, held_for, highest


class Machine:
    """Holds what is not above its limit, which is lower for those who stay long."""

    def __init__(self, limit: float, lasting: float) -> None:
        self._limit, self._lasting = limit, lasting
        self.asked: list[tuple[float, float]] = []

    async def holds(self, rate: float, seconds: float) -> bool:
        self.asked.append((rate, seconds))
        return rate <= (self._lasting if seconds > 60 else self._limit)


@pytest.mark.parametrize("limit", [0.4, 3.0, 7.7, 13.9, 52.0])
async def test_the_highest_rate_that_is_held_is_found_from_below_and_from_above(limit: float) -> None:
    machine = Machine(limit, limit)
    found = await highest(machine.holds, first=6.0, seconds=45.0)
    assert limit * (1 - 1.5 * FINEST) <= found <= limit
    assert (found, 45.0) in machine.asked


async def test_what_is_held_for_a_moment_only_is_lowered_until_it_is_held_for_long() -> None:
    machine = Machine(10.0, 8.7)
    found = await held_for(machine.holds, 10.0, 180.0)
    assert 8.7 * (1 - FINEST) <= found <= 8.7
    assert machine.asked[-1] == (found, 180.0)


async def test_a_machine_that_holds_nothing_is_no_endless_search() -> None:
    with pytest.raises(NothingHeld):
        await highest(Machine(0.0, 0.0).holds, first=6.0, seconds=45.0)
    with pytest.raises(NothingHeld):
        await held_for(Machine(0.0, 0.0).holds, 6.0, 180.0)
