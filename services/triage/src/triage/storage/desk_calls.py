"""The calls on the desk, in the order in which people should take them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Refusal, Saved
from service_kit.store import Aggregate, AggregateStore, Kept
from triage import contracts
from triage.application.ports import DeskCalls
from triage.domain.desk_call import DeskCall, DeskView
from triage.storage.places import newest_first, oldest_first


def _fields(call: DeskCall) -> Mapping[str, Any]:
    return {
        "view": call.view.value,
        "place": _place(call),
        "newest": newest_first(_began(call), call.call_id),
    }


def _place(call: DeskCall) -> str:
    """Give a call its place in its view: who waits longest first; what is overdue before the rest."""
    if call.view is not DeskView.UNCLASSIFIED:
        return oldest_first(call.facts.answered_at or _began(call), call.call_id)
    late = "1" if call.overdue_since is None else "0"
    return f"{late}|{oldest_first(call.facts.ended_at or _began(call), call.call_id)}"


def _began(call: DeskCall) -> datetime:
    return call.facts.started_at


DESK_CALLS: Aggregate[DeskCall] = Aggregate(
    collection="desk_calls",
    state_type=DeskCall,
    source=contracts.SOURCE,
    kind="call",
    key=lambda call: call.call_id,
    body=contracts.call_said,
    due_at=lambda call: call.next_due_at,
    fields=_fields,
    indexes=(
        IndexModel([("tenant", ASCENDING), ("view", ASCENDING), ("place", ASCENDING)], name="view"),
        IndexModel([("tenant", ASCENDING), ("newest", ASCENDING)], name="newest"),
    ),
    finished=lambda call: call.is_finished,
)


class MongoDeskCalls(DeskCalls):
    """The desk's calls in the store."""

    def __init__(self, store: AggregateStore[DeskCall]) -> None:
        self._store = store

    async def look(self, tenant: str, call_id: str) -> DeskCall | None:
        """Return the call as it is."""
        kept = await self._store.get(tenant, call_id)
        return None if kept is None else kept.state

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[DeskCall | None], Changed[DeskCall] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[DeskCall] | Conflict[DeskCall] | KeyReused | Refusal:
        """Save what is decided, once for each command and each event."""
        return await self._store.change(tenant, document_id, decide, command=command, heard=heard)

    async def kept(self, tenant: str, id_: str) -> Kept[DeskCall] | None:
        """Return the call with its version and its timeline."""
        return await self._store.get(tenant, id_)

    async def page(
        self, tenant: str, view: str | None, *, limit: int, after: str | None
    ) -> tuple[Sequence[Kept[DeskCall]], str | None]:
        """Return one page of a view, or of all calls (newest first), and where the next one begins."""
        sort, query = ("newest", {}) if view is None else ("place", {"view": view})
        found = await self._store.find(tenant, query, sort=sort, limit=limit, after=after)
        return found, str(found[-1].raw[sort]) if len(found) == limit else None

    async def counts(self, tenant: str) -> dict[str, int]:
        """Count what lies on the desk."""
        open_views = [view for view in DeskView if view is not DeskView.SETTLED]
        return {view.value: await self._store.count(tenant, {"view": view.value}) for view in open_views}
