"""Product code runs without a trace of this machine: its chance, its clock and its log are the world's."""

import logging
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import structlog
from aiokafka import ConsumerRecord
from opentelemetry.trace import INVALID_SPAN
from pydantic import TypeAdapter

from intake.handlers import settling
from service_kit import listener as kit_listener
from service_kit import store, telemetry
from service_kit.event import Event, read_event
from shared_schemas.events import EventData
from tests.simulation.virtual_clock import VirtualLoop
from tests.simulation.world import World

Read = Callable[[ConsumerRecord], Event[EventData]]
IDLE_SECONDS = 60.0
"""How often intake looks into a spool of which nobody told it; each second would be most of the hour's work."""


def read_once(read: Read) -> Read:
    """Read each record with the kit's own reader, once for all who hear it: what it gives cannot change."""
    known: dict[int, tuple[ConsumerRecord, Event[EventData]]] = {}

    def reading(record: ConsumerRecord) -> Event[EventData]:
        if id(record) not in known:
            known[id(record)] = (record, read(record))
        return known[id(record)][1]

    return reading


@cache
def _adapter(state_type: type[Any]) -> TypeAdapter[Any]:
    """Return what reads and writes one kind of state, made once for all lives of all worlds."""
    return TypeAdapter(state_type)


class _NoTraces:
    """Traces are not what is tried here."""

    def start_as_current_span(self, *_: object, **__: object) -> AbstractContextManager[Any]:
        """Begin nothing."""
        return nullcontext(INVALID_SPAN)


@contextmanager
def overheard(loop: VirtualLoop, world: World) -> Iterator[None]:
    """Let product code draw and measure without a trace of this machine; its errors are the world's."""

    def hear(_: Any, __: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
        error = line.get("exc_info")
        about = repr(sys.exc_info()[1]) if error is True else str(error or "")
        world.blame(f"a service says {line['event']} {about}".strip())
        raise structlog.DropEvent

    before = structlog.get_config()
    random.seed(f"{world.seed}/kit")
    structlog.configure(
        processors=[hear],
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.ReturnLoggerFactory(),
    )
    try:
        with (
            patch.object(kit_listener, "time", SimpleNamespace(monotonic=loop.time)),
            patch.object(settling, "IDLE_SECONDS", IDLE_SECONDS),
            patch.object(telemetry, "_tracer", _NoTraces),
            patch.object(store, "TypeAdapter", _adapter),
            patch.object(kit_listener, "read_event", read_once(read_event)),
        ):
            yield
    finally:
        structlog.configure(**before)
