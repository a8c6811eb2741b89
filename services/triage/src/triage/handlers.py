"""Doorways for events: what intake says of calls, and what dispatch says has ended."""

from typing import Any

from service_kit.event import Event
from triage import contracts
from triage.application.hear_call import HearCall
from triage.application.work_ticket import HearClosing


class Hear:
    """Brings each event to its use case; triage's own events are dull here."""

    def __init__(self, hear_call: HearCall, hear_closing: HearClosing) -> None:
        self._hear_call = hear_call
        self._hear_closing = hear_closing

    async def __call__(self, event: Event[Any]) -> None:
        """Take one event."""
        match event.envelope.topic, event.envelope.source:
            case ((contracts.CALL_RECEIVED | contracts.CALL_UPDATED), contracts.FROM_INTAKE):
                await self._take_call(event)
            case contracts.TICKET_CLOSED, contracts.FROM_DISPATCH:
                await self._take_closing(event)

    async def _take_call(self, event: Event[Any]) -> None:
        facts = contracts.facts_heard(event.data)
        await self._hear_call(
            event.tenant,
            event.data.call_id,
            facts,
            recorded_at=event.data.recorded_at,
            heard=event.heard,
        )

    async def _take_closing(self, event: Event[Any]) -> None:
        round_, closing = contracts.closing_heard(event.data)
        await self._hear_closing(event.tenant, event.data.ticket_id, round_, closing, heard=event.heard)
