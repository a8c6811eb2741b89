"""Finds the highest rate that is held: up until one is not, then the gap halved, then longer and longer. Pure."""

from collections.abc import Awaitable, Callable

Holds = Callable[[float, float], Awaitable[bool]]
"""Whether a rate (calls a second) is held for so many seconds."""

GROWTH = 1.4
FINEST = 0.05
"""The gap between what is held and what is not, as a share of the rate, at which the search ends."""
LOWEST = 0.1


class NothingHeld(RuntimeError):
    """Not even the lowest rate was held."""


async def highest(holds: Holds, *, first: float, seconds: float) -> float:
    """Return the highest rate that was held in short steps.

    Raises:
        NothingHeld: even a tenth of a call a second was too much.
    """
    held, broken = 0.0, 0.0
    rate = first
    while not (held and broken and broken - held <= FINEST * broken):
        if await holds(rate, seconds):
            held = rate
        else:
            broken = rate
        if not held and broken <= LOWEST:
            raise NothingHeld(f"not even {broken:g} calls a second")
        rate = _next(held, broken)
    return held


def _next(held: float, broken: float) -> float:
    if not broken:
        return rounded(held * GROWTH)
    if not held:
        return rounded(broken / GROWTH)
    return rounded((held + broken) / 2)


async def held_for(holds: Holds, rate: float, seconds: float) -> float:
    """Return this rate, or the next lower one in steps of the finest gap that is held for so long.

    Raises:
        NothingHeld: there is none.
    """
    while not await holds(rate, seconds):
        if rate <= LOWEST:
            raise NothingHeld(f"not even {LOWEST:g} calls a second for {seconds:g} s")
        rate = rounded(rate * (1 - FINEST))
    return rate


def rounded(rate: float) -> float:
    """Return a rate with two digits behind the point, so that it can be given again."""
    return round(rate, 2)
