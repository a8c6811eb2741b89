"""Dispatch with one more field: each response counts how often this newer program saved it, and tells it."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from dispatch.application.follow import Follow
from dispatch.application.meet_deadline import MeetDeadline
from dispatch.config import DispatchSettings
from dispatch.contracts import HEARS, SERVICE, response_state
from dispatch.domain.response import Response
from dispatch.gateways import TenantPlans
from dispatch.handlers import follow_events
from dispatch.storage import RESPONSES
from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Saved
from service_kit.service import Service, main
from service_kit.store import Aggregate, AggregateStore
from shared_schemas.events import ResponseState

JOURNAL = "SIAGA_FAULTS_JOURNAL"
"""Names the file to which every save of this program is appended."""

Refusal = TypeVar("Refusal")


@dataclass(frozen=True, slots=True)
class NewerResponse(Response):
    """A response that knows how often a newer program saved it."""

    newer_saves: int = 0


class NewerState(ResponseState):
    """What a newer dispatch tells."""

    newer_saves: int = 0


def _newer_state(response: Response, at: datetime) -> NewerState:
    saves = response.newer_saves if isinstance(response, NewerResponse) else 0
    return NewerState.model_validate(response_state(response, at).model_dump() | {"newer_saves": saves})


def _saved_by_us(response: Response) -> NewerResponse:
    known = {field.name: getattr(response, field.name) for field in fields(Response)}
    before = response.newer_saves if isinstance(response, NewerResponse) else 0
    return NewerResponse(**known, newer_saves=before + 1)


@dataclass(frozen=True, slots=True)
class NewerResponses:
    """Counts every save in the response, and writes it down beside."""

    store: AggregateStore[Response]
    journal: Path

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[Response | None], Changed[Response] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[Response] | Conflict[Response] | KeyReused | Refusal:
        """Save what is decided, counted."""

        def counted(old: Response | None) -> Changed[Response] | Refusal:
            decided = decide(old)
            if isinstance(decided, Changed):
                return replace(decided, state=_saved_by_us(decided.state))
            return decided

        saved = await self.store.change(tenant, document_id, counted, command=command, heard=heard)
        if isinstance(saved, Saved) and not saved.repeated and isinstance(saved.state, NewerResponse):
            line = {"id": document_id, "version": saved.version, "saves": saved.state.newer_saves}
            with self.journal.open("a", encoding="ascii") as journal:
                journal.write(json.dumps(line) + "\n")
        return saved


NEWER: Aggregate[Response] = replace(RESPONSES, state_type=NewerResponse, body=_newer_state)


async def assemble(service: Service, _: DispatchSettings) -> None:
    """Give a service the newer dispatch's ears and clock; its doors are the older one's."""
    store = service.store(NEWER)
    responses = NewerResponses(store, Path(os.environ[JOURNAL]))
    plans = TenantPlans(service.tenants)
    service.hear(HEARS, follow_events(Follow(responses, plans, service.clock)))
    service.on_due(store, MeetDeadline(responses, plans, service.clock))


if __name__ == "__main__":
    main(SERVICE, DispatchSettings, assemble)
