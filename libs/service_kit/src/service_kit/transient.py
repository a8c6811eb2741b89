"""Which errors mean *away, try again* and how long to wait before the next try."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Self

from aiokafka.errors import KafkaError
from pymongo.errors import AutoReconnect, BulkWriteError, ConnectionFailure, OperationFailure, PyMongoError

from service_kit.telemetry import logger

LOG = logger(__name__)

SHORTEST_SECONDS = 0.1
LONGEST_SECONDS = 5.0

CAUSE_UNTOLD = frozenset({1, 8})
"""MongoDB's codes InternalError and UnknownError: the store's own trouble, or a document that it stumbles over.
The embedded stores answer everything with the first once their disk was full, until they are started anew."""
STORE_IN_TROUBLE = CAUSE_UNTOLD | {14031}
"""And OutOfDiskSpace: no document's fault, or not for certain."""


class Away(Exception):
    """The store, the broker or the vault cannot be reached now; the same thing may work later."""


def is_transient(error: BaseException) -> bool:
    """Whether the same thing may work later without anybody changing anything."""
    if isinstance(error, (Away, AutoReconnect, ConnectionFailure, ConnectionError, asyncio.TimeoutError)):
        return True
    if isinstance(error, OperationFailure) and STORE_IN_TROUBLE.intersection(_codes(error)):
        return True
    if isinstance(error, PyMongoError):
        return error.timeout or error.has_error_label("RetryableWriteError")
    return isinstance(error, KafkaError)


def tells_no_cause(error: BaseException) -> bool:
    """Whether the store only said that something went wrong, which may be its trouble or this document's."""
    return isinstance(error, OperationFailure) and bool(CAUSE_UNTOLD.intersection(_codes(error)))


def _codes(error: OperationFailure) -> set[object]:
    """Return what the store said: of many writes in one command each failed one has its own."""
    told = (error.details or {}).get("writeErrors", ()) if isinstance(error, BulkWriteError) else ()
    return {error.code, *(one.get("code") for one in told)}


def backoff() -> AsyncIterator[float]:
    """Wait longer each round, with jitter, from 0.1 s up to 5 s; yields the seconds waited so far."""
    return _Rounds()


class _Rounds:
    """No generator: nearly all are left in their first round, and each would cost the loop a task to close it."""

    def __init__(self) -> None:
        self._waited = self._step = 0.0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> float:
        if self._step:
            pause = self._step * random.uniform(0.5, 1.0)  # noqa: S311 - jitter, not a secret
            await asyncio.sleep(pause)
            self._waited += pause
        self._step = min(self._step * 2, LONGEST_SECONDS) or SHORTEST_SECONDS
        return self._waited


async def until_it_works(step: Callable[[], Awaitable[None]]) -> None:
    """Do something that needs the store, again and again while the store is away."""
    async for _ in backoff():
        try:
            await step()
        except Exception as error:
            if not is_transient(error):
                raise
            LOG.warning("service.waits_for_store", error=type(error).__name__)
        else:
            return
