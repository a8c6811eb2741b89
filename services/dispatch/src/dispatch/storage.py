"""Responses in the store: one document each, found by state and in the order of their beginning."""

from collections.abc import Mapping
from typing import Any

from pymongo import ASCENDING, IndexModel

from dispatch.contracts import SERVICE, response_state, ticket_closed
from dispatch.domain.response import Response
from service_kit.store import Aggregate, AggregateStore, Kept, Other
from shared_schemas.vocabulary import ResponseStatus

LISTED = "listed"
"""The field that orders listings: when the first agency was asked, then the ticket's id."""

OPEN = [status.value for status in ResponseStatus if status is not ResponseStatus.ENDED]


def _fields(response: Response) -> Mapping[str, Any]:
    opened = response.opened_at
    return {
        "status": response.status.value,
        "agencies": sorted({task.agency for task in response.tasks}),
        LISTED: f"{opened.isoformat()}/{response.ticket_id}" if opened else None,
    }


RESPONSES: Aggregate[Response] = Aggregate(
    collection="responses",
    state_type=Response,
    source=SERVICE,
    kind="response",
    key=lambda response: response.ticket_id,
    body=response_state,
    others={"ticket.closed": Other("closing", ticket_closed)},
    due_at=lambda response: response.next_due_at,
    fields=_fields,
    indexes=(
        IndexModel([("tenant", ASCENDING), (LISTED, ASCENDING)], name="listed"),
        IndexModel([("tenant", ASCENDING), ("status", ASCENDING), (LISTED, ASCENDING)], name="status"),
    ),
    finished=lambda response: response.has_ended,
)


class StoredListings:
    """Looks through the responses of one tenant."""

    def __init__(self, store: AggregateStore[Response]) -> None:
        self._store = store

    async def get(self, tenant: str, ticket_id: str) -> Kept[Response] | None:
        """Return the response to a ticket; None while the ticket itself was not heard of."""
        kept = await self._store.get(tenant, ticket_id)
        return None if kept is None or kept.state.brief is None else kept

    async def page(
        self, tenant: str, *, status: str, agency: str | None, limit: int, after: str | None
    ) -> tuple[list[Kept[Response]], str | None]:
        """Return the next responses after a place in the listing, and the place to go on from.

        `status` is a response's state, `open` for whatever has not ended, or `all`.
        """
        query: dict[str, Any] = {LISTED: {"$ne": None}}
        if status != "all":
            query["status"] = {"$in": OPEN} if status == "open" else status
        if agency is not None:
            query["agencies"] = agency
        kept = await self._store.find(tenant, query, sort=LISTED, limit=limit, after=after)
        return kept, str(kept[-1].raw[LISTED]) if len(kept) == limit else None
