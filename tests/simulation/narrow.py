"""Every bounded queue and batch of the product at its narrowest, so that each is full all the time."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from intake.handlers import settling
from service_kit import due, listener, relay
from tests.simulation import memory_listener

NARROW: tuple[tuple[object, str, int], ...] = (
    (relay, "IN_FLIGHT_MOST", 1),
    (relay, "SWEEP_MOST", 1),
    (listener, "AT_ONCE", 1),
    (due, "MOST_AT_ONCE", 1),
    (settling, "BATCH_FACTS", 1),
    (settling, "CALLS_AT_ONCE", 1),
    (memory_listener, "BATCH_MOST", 1),
)


@contextmanager
def narrowed(*, narrow: bool = True) -> Iterator[None]:
    """Let one thing at a time through every door that lets only so many through."""
    with ExitStack() as stack:
        for module, name, most in NARROW if narrow else ():
            stack.enter_context(patch.object(module, name, most))
        yield
