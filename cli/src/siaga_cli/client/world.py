"""What the command line needs of the world beside the services; a test brings its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx

from service_kit.clock import Clock, utc_now


def fresh_key() -> str:
    """Return an idempotency key that nobody has used."""
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class World:
    """Network, clock, patience and chance.

    Attributes:
        transport: carries the requests; the real network where there is none.
        clock: tells the present time.
        wait: pauses for some seconds.
        new_key: makes the idempotency key of each changing request.
    """

    transport: httpx.BaseTransport | None = None
    clock: Clock = utc_now
    wait: Callable[[float], None] = time.sleep
    new_key: Callable[[], str] = fresh_key
