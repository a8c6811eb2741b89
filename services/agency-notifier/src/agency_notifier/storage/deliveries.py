"""Deliveries in the store."""

from collections.abc import Sequence

from pymongo import ASCENDING, IndexModel

from agency_notifier import contracts
from agency_notifier.application.ports import Deliveries, Traced
from agency_notifier.domain.delivery import Delivery
from service_kit.decisions import Conflict, Decide, KeyReused, Refusal, Saved
from service_kit.store import Aggregate, AggregateStore, Kept

MOST_OF_A_TICKET = 5_000

DELIVERIES: Aggregate[Delivery] = Aggregate(
    collection="deliveries",
    state_type=Delivery,
    source=contracts.SOURCE,
    kind="delivery",
    key=lambda delivery: delivery.ticket_id,
    body=contracts.delivery_state,
    due_at=lambda delivery: delivery.due_at,
    fields=lambda delivery: {
        "ticket_id": delivery.ticket_id,
        "status": delivery.status.value,
        "place": f"{delivery.asked_at.isoformat()}|{delivery.delivery_id}",
    },
    indexes=(
        IndexModel([("tenant", ASCENDING), ("place", ASCENDING)], name="all"),
        IndexModel([("tenant", ASCENDING), ("ticket_id", ASCENDING), ("place", ASCENDING)], name="ticket"),
        IndexModel([("status", ASCENDING)], name="status"),
    ),
    finished=lambda delivery: not delivery.is_waiting,
)


class MongoDeliveries(Deliveries):
    """Deliveries in the store, by what they are about."""

    def __init__(self, store: AggregateStore[Delivery]) -> None:
        """Use the service's store."""
        self._store = store

    async def get(self, tenant: str, delivery_id: str) -> Traced | None:
        """Return one delivery."""
        kept = await self._store.get(tenant, delivery_id)
        return None if kept is None else Traced(kept.state, kept.traceparent)

    async def of_ticket(self, tenant: str, ticket_id: str) -> Sequence[Traced]:
        """Return all deliveries about one ticket, the first asked first."""
        found = await self._store.find(tenant, {"ticket_id": ticket_id}, sort="place", limit=MOST_OF_A_TICKET)
        return [Traced(kept.state, kept.traceparent) for kept in found]

    async def change(
        self, tenant: str, delivery_id: str, decide: Decide[Delivery, Refusal]
    ) -> Saved[Delivery] | Conflict[Delivery] | KeyReused | Refusal:
        """Save what is decided with one write; a lost race decides again."""
        return await self._store.change(tenant, delivery_id, decide)

    # What the doorways show ------------------------------------------------------------------

    async def shown(self, tenant: str, delivery_id: str) -> Kept[Delivery] | None:
        """Return one delivery with its version and timeline."""
        return await self._store.get(tenant, delivery_id)

    async def listed(
        self, tenant: str, *, ticket_id: str | None, status: str | None, after: str | None, limit: int
    ) -> list[Kept[Delivery]]:
        """Return deliveries of a tenant, the first asked first."""
        wanted = {"ticket_id": ticket_id, "status": status}
        query = {name: value for name, value in wanted.items() if value is not None}
        return await self._store.find(tenant, query, sort="place", limit=limit, after=after)

    async def waiting(self) -> int:
        """Count the deliveries of all tenants that are not at their end."""
        return await self._store.collection.count_documents({"status": "waiting"})
