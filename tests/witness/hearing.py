"""Hears, in one process, every command to the store and every client of the broker, whoever makes them."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import wrapt

from tests.witness.deeds import Reader, Sender
from tests.witness.notes import Notes

NOT_ITSELF = frozenset(
    "aiokafka asyncio bson concurrent contextlib faststream fast_depends pymongo threading tests.witness wrapt".split()
)
"""Who never is the one that asks: libraries in between, and the witness."""


def hear(folder: Path) -> None:
    """Write down from now on what this process asks of the store and the broker.

    Libraries are listened to as soon as they are imported, so that a program without them pays nothing.
    """
    notes = Notes(folder)
    wrapt.when_imported("pymongo.monitoring")(lambda _: _hear_store(notes))
    wrapt.when_imported("aiokafka")(lambda module: _hear_bus(module, notes))


def _hear_store(notes: Notes) -> None:
    """Register a listener of all clients of this process, asynchronous or not."""
    from pymongo import monitoring

    from tests.witness.store_listener import StoreListener

    monitoring.register(StoreListener(notes))


def _hear_bus(module: ModuleType, notes: Notes) -> None:
    """Look at every producer and consumer as it starts."""

    def before_start(describe: Callable[[Any], Sender | Reader]) -> Callable[..., Any]:
        def started(wrapped: Callable[..., Any], living: Any, args: Any, kwargs: Any) -> Any:
            notes.add(describe(living))
            return wrapped(*args, **kwargs)

        return started

    wrapt.wrap_function_wrapper(module, "AIOKafkaProducer.start", before_start(_sender))
    wrapt.wrap_function_wrapper(module, "AIOKafkaConsumer.start", before_start(_reader))


def _sender(living: Any) -> Sender:
    return Sender(
        by=asker(),
        client=str(living.client._client_id),
        acks=living._sender._acks,
        idempotent=living._txn_manager is not None,
        largest_bytes=living._max_request_size,
    )


def _reader(living: Any) -> Reader:
    return Reader(
        by=asker(),
        client=str(living._client._client_id),
        group=living._group_id,
        commits_by_itself=bool(living._enable_auto_commit),
        begins=str(living._auto_offset_reset),
    )


def asker() -> str:
    """Return the module and function that asked, past the libraries in between."""
    frame = sys._getframe(1)
    while frame.f_back is not None and _is_between(frame.f_globals.get("__name__", "")):
        frame = frame.f_back
    return f"{frame.f_globals.get('__name__', '?')}.{frame.f_code.co_qualname if hasattr(frame.f_code, 'co_qualname') else frame.f_code.co_name}"


def _is_between(module: str) -> bool:
    return module.partition(".")[0] in NOT_ITSELF or module.startswith("tests.witness.")
