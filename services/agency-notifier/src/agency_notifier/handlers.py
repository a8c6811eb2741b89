"""The doorway from the bus."""

from typing import Any

from agency_notifier import contracts
from agency_notifier.application.follow_response import FollowResponse
from service_kit.event import Event
from service_kit.listener import Handle


def on_response(follow: FollowResponse) -> Handle:
    """Return the handler of a response's events."""

    async def handle(event: Event[Any]) -> None:
        await follow(contracts.response_of(event), event.heard)

    return handle
