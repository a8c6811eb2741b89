"""The tickets, by id, by number and by status, newest first."""

from collections.abc import Callable, Sequence

from pymongo import ASCENDING, IndexModel

from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Refusal, Saved
from service_kit.store import Aggregate, AggregateStore, Kept, Other
from shared_schemas.vocabulary import TicketStatus
from triage import contracts
from triage.application.ports import Tickets
from triage.domain.ticket import Ticket
from triage.storage.places import newest_first

TICKETS: Aggregate[Ticket] = Aggregate(
    collection="tickets",
    state_type=Ticket,
    source=contracts.SOURCE,
    kind="ticket",
    key=lambda ticket: ticket.ticket_id,
    body=contracts.ticket_said,
    fields=lambda ticket: {
        "status": ticket.status.value,
        "number": ticket.number,
        "newest": newest_first(ticket.opened_at, ticket.ticket_id),
    },
    indexes=(
        IndexModel([("tenant", ASCENDING), ("status", ASCENDING), ("newest", ASCENDING)], name="status"),
        IndexModel([("tenant", ASCENDING), ("newest", ASCENDING)], name="newest"),
        IndexModel([("tenant", ASCENDING), ("number", ASCENDING)], name="number"),
    ),
    others={contracts.TICKET_CLOSED: Other(kind="closing", body=contracts.closing_said)},
    finished=lambda ticket: ticket.status is TicketStatus.CLOSED,
)


class MongoTickets(Tickets):
    """Tickets in the store."""

    def __init__(self, store: AggregateStore[Ticket]) -> None:
        self._store = store

    async def look(self, tenant: str, ticket_id: str) -> Ticket | None:
        """Return the ticket as it is."""
        kept = await self._store.get(tenant, ticket_id)
        return None if kept is None else kept.state

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[Ticket | None], Changed[Ticket] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[Ticket] | Conflict[Ticket] | KeyReused | Refusal:
        """Save what is decided, once for each command and each event."""
        return await self._store.change(tenant, document_id, decide, command=command, heard=heard)

    async def kept(self, tenant: str, id_: str) -> Kept[Ticket] | None:
        """Return the ticket with its version and its timeline, by its id or by its number."""
        found = await self._store.get(tenant, id_)
        if found is not None:
            return found
        by_number = await self._store.find(tenant, {"number": id_.upper()}, sort="newest", limit=1)
        return next(iter(by_number), None)

    async def page(
        self, tenant: str, status: str | None, *, limit: int, after: str | None
    ) -> tuple[Sequence[Kept[Ticket]], str | None]:
        """Return one page of one status, or of all tickets, newest first, and where the next one begins."""
        query = {} if status is None else {"status": status}
        found = await self._store.find(tenant, query, sort="newest", limit=limit, after=after)
        return found, str(found[-1].raw["newest"]) if len(found) == limit else None

    async def counts(self, tenant: str) -> dict[str, int]:
        """Count tickets that are not closed."""
        unfinished = (TicketStatus.OPEN, TicketStatus.ESCALATED)
        return {one.value: await self._store.count(tenant, {"status": one.value}) for one in unfinished}
