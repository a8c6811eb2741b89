"""Whether the event in hand changed anything: one that did not is dull, and told at debug level only."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Effects:
    """What became of one event so far; tasks that its handler starts share it."""

    any: bool = False


_IN_HAND: ContextVar[Effects | None] = ContextVar("effects", default=None)


@contextmanager
def watched() -> Iterator[Effects]:
    """Watch what the block changes."""
    effects = Effects()
    token = _IN_HAND.set(effects)
    try:
        yield effects
    finally:
        _IN_HAND.reset(token)


def note_change() -> None:
    """Note that something was saved; who keeps state beside the kit's store says it here."""
    if (effects := _IN_HAND.get()) is not None:
        effects.any = True
