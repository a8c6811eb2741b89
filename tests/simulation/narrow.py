"""Every bounded queue, batch and memory of the product at its narrowest, so that each is full all the time."""

import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any
from unittest.mock import patch

from agency_notifier.gateways.lane import Lane
from intake.application.current_calls import CurrentCalls
from intake.application.turns import Turns
from intake.gateways import spool
from intake.handlers import settling
from service_kit import due, listener, relay
from service_kit.listener import Listener
from service_kit.recent import Recent
from service_kit.relay import Relay
from service_kit.store import AggregateStore
from tests.simulation import memory_listener
from tests.simulation.memory_listener import MemoryListener

IsFull = Callable[..., bool]
_OF_ONE_SOURCE = "SELECT count(*) FROM refused GROUP BY source UNION SELECT 0 ORDER BY 1 DESC"


@dataclass(frozen=True, slots=True)
class Door:
    """One bound of the product.

    Attributes:
        place: where the bound stands: a module, or a function whose default it is; None where parts are given it.
        entered: by which function of which owner things pass it.
        is_full: asked before each of them with its arguments; with `after`, also of what it returned.
    """

    name: str
    place: Any
    most: int
    entered: tuple[Any, str]
    is_full: IsFull
    after: bool = False


DOORS = (
    Door(
        "IN_FLIGHT_MOST", relay, 1, (Relay, "ship"), lambda one, *_: len(one._sending) >= relay.IN_FLIGHT_MOST
    ),
    Door("SENT_KEPT", relay, 1, (Relay, "_note_sent"), lambda one, *_: len(one._sent) >= relay.SENT_KEPT),
    Door(
        "SWEEP_MOST",
        relay,
        1,
        (Relay, "_waiting_longer"),
        lambda found, *_: len(found) >= relay.SWEEP_MOST,
        after=True,
    ),
    Door(
        "ANNOUNCED_AT_ONCE",
        relay,
        1,
        (Relay, "_send_all"),
        lambda _, events: len(events) >= relay.ANNOUNCED_AT_ONCE,
    ),
    Door(
        "AT_ONCE",
        listener,
        1,
        (Listener, "_lanes"),
        lambda lanes, *_: len(lanes) > listener.AT_ONCE,
        after=True,
    ),
    Door(
        "MOST_AT_ONCE",
        due,
        1,
        (AggregateStore, "due"),
        lambda found, _, __, limit: len(found) >= limit,
        after=True,
    ),
    Door(
        "BATCH_FACTS",
        settling,
        2,
        (spool.SqliteSpool, "next_batch"),
        lambda found, _, limit, *__: limit > 1 and sum(len(call.ids) for call in found) >= limit,
        after=True,
    ),
    Door("CALLS_AT_ONCE", settling, 1, (settling.Settling, "_one"), lambda one, _: one._few.locked()),
    Door(
        "MOST_REFUSED",
        spool,
        1,
        (spool, "_forget_oldest_refused"),
        lambda disk, _: disk.execute(_OF_ONE_SOURCE).fetchone()[0] > spool.MOST_REFUSED,
    ),
    Door("MOST (turns)", Turns.__init__, 1, (Turns, "_turn"), lambda one, _: len(one._calls) >= one._most),
    Door(
        "MOST (recent)", Recent.__init__, 1, (Recent, "keep"), lambda one, _: len(one._documents) >= one._most
    ),
    Door(
        "MOST_CALLS",
        CurrentCalls.__init__,
        1,
        (CurrentCalls, "_forget"),
        lambda one: len(one._calls) > one._most,
    ),
    Door("Bounds", None, 1, (Lane, "_enter"), lambda one, _: one._free == 0),
    Door(
        "BATCH_MOST",
        memory_listener,
        3,
        (MemoryListener, "_fetched"),
        lambda found, _: len(found) >= memory_listener.BATCH_MOST,
        after=True,
    ),
)


@contextmanager
def narrowed(*, narrow: bool = True) -> Iterator[set[str]]:
    """Let as little as possible through every door at once; gives the names of those that were full."""
    full: set[str] = set()
    with ExitStack() as stack:
        for door in DOORS if narrow else ():
            if inspect.isfunction(door.place):
                stack.enter_context(patch.dict(door.place.__kwdefaults__, most=door.most))
            elif door.place is not None:
                stack.enter_context(patch.object(door.place, door.name, door.most))
            stack.enter_context(patch.object(*door.entered, _watched(door, full)))
        yield full


def _watched(door: Door, full: set[str]) -> Callable[..., Any]:
    """Return the function by which things pass a door, noting when it is full."""
    original = getattr(*door.entered)

    def look(*about: Any) -> None:
        if door.name not in full and door.is_full(*about):
            full.add(door.name)

    @wraps(original)
    def passed(*about: Any) -> Any:
        if not door.after:
            look(*about)
            return original(*about)
        found = original(*about)
        if inspect.isawaitable(found):
            return _looked_at(found, look, about)
        look(found, *about)
        return found

    return passed


async def _looked_at(found: Any, look: Callable[..., None], about: tuple[Any, ...]) -> Any:
    result = await found
    look(result, *about)
    return result
