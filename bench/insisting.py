"""Asks again while a service is away, with everything the same: as an exchange's bridge, a screen or an agency does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx

AGAIN_AFTER, LONGEST_PAUSE = 0.25, 1.0
"""Seconds until the second try, and at most between later ones: many who insist must not be a flood."""

AWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


def _untold(_: int) -> None:
    """Nobody wants to know how often it was away."""


async def insist(
    ask: Callable[[], Awaitable[httpx.Response]],
    *,
    seconds: float,
    on_away: Callable[[int], None] = _untold,
) -> httpx.Response:
    """Return the first answer that does not mean *away*; the last one, whatever it was, once the time is up.

    `on_away` is told each status that put us off, 0 where there was no answer.

    Raises:
        httpx.TransportError: there was none at all; at once where no time is given.
    """
    until, pause = time.monotonic() + seconds, AGAIN_AFTER
    while True:
        patient = time.monotonic() < until
        try:
            answer = await ask()
        except httpx.TransportError:
            if not patient:
                raise
            on_away(0)
        else:
            if not (patient and answer.status_code in AWAY):
                return answer
            on_away(answer.status_code)
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
