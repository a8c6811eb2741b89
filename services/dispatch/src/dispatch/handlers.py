"""The doorway from the bus: one fact in, one use case called."""

from typing import Any

from dispatch.application.follow import Follow
from dispatch.contracts import fact_of
from service_kit.event import Event
from service_kit.listener import Handle


def follow_events(follow: Follow) -> Handle:
    """Return the handler of everything that dispatch hears."""

    async def handle(event: Event[Any]) -> None:
        fact = fact_of(event)
        if fact is not None:
            await follow(fact, event.heard)

    return handle
