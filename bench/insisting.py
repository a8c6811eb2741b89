"""Asks again while a service is away, with everything the same: as an exchange's bridge, a screen or an agency does."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from http import HTTPStatus

import httpx

AGAIN_AFTER, LONGEST_PAUSE = 0.25, 1.0
"""Seconds until the second try, and at most between later ones: many who insist must not be a flood."""

AWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


async def insist(ask: Callable[[], Awaitable[httpx.Response]], *, seconds: float) -> httpx.Response:
    """Return the first answer that does not mean *away*; the last one, whatever it was, once the time is up.

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
        else:
            if not (patient and answer.status_code in AWAY):
                return answer
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
