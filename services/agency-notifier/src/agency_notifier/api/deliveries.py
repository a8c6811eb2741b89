"""Deliveries as a supervisor looks at them: states, attempts, the next try."""

from datetime import datetime
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel

from agency_notifier import contracts
from agency_notifier.domain.delivery import Delivery
from service_kit.http import granted, mark_version, unknown
from service_kit.identity import Action, Principal
from service_kit.store import Kept
from shared_schemas.vocabulary import DeliveryStatus

Reader = Annotated[Principal, Depends(granted(Action.READ_DELIVERIES))]


class ShowsDeliveries(Protocol):
    """The store, as far as looking goes."""

    async def shown(self, tenant: str, delivery_id: str) -> Kept[Delivery] | None:
        """Return one delivery with its version and timeline."""

    async def listed(
        self, tenant: str, *, ticket_id: str | None, status: str | None, after: str | None, limit: int
    ) -> list[Kept[Delivery]]:
        """Return deliveries of a tenant, the first asked first."""


class DeliveriesOut(BaseModel):
    """A page of deliveries; `next` goes into `after` for the page that follows."""

    items: list[dict[str, Any]]
    next: str | None


def router(deliveries: ShowsDeliveries) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1/tenants/{tenant}", tags=["deliveries"])

    @doors.get("/deliveries")
    async def list_deliveries(
        tenant: str,
        _: Reader,
        ticket_id: Annotated[str | None, Query(max_length=64)] = None,
        status: DeliveryStatus | None = None,
        after: Annotated[str | None, Query(max_length=120)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> DeliveriesOut:
        """List deliveries, the first asked first."""
        found = await deliveries.listed(
            tenant, ticket_id=ticket_id, status=status and status.value, after=after, limit=limit
        )
        more = str(found[-1].raw["place"]) if len(found) == limit else None
        return DeliveriesOut(items=[shown(kept) for kept in found], next=more)

    @doors.get("/deliveries/{delivery_id}")
    async def get_delivery(tenant: str, delivery_id: str, _: Reader, response: Response) -> dict[str, Any]:
        """Show one delivery with its timeline; a foreign one looks like one that is not there."""
        kept = await deliveries.shown(tenant, delivery_id)
        if kept is None:
            raise unknown("delivery")
        mark_version(response, kept.version)
        return {**shown(kept), "timeline": [_line(step) for step in kept.timeline]}

    return doors


def shown(kept: Kept[Delivery]) -> dict[str, Any]:
    """Return a delivery as programs see it: its public state, and whether a try is under way."""
    one = kept.state
    recorded_at: datetime = kept.timeline[-1].at if kept.timeline else one.asked_at
    return {
        **contracts.delivery_state(one, recorded_at).model_dump(mode="json"),
        "asked_at": one.asked_at,
        "respond_by": one.respond_by,
        "under_way": one.claim is not None,
        "version": kept.version,
        "traceparent": kept.traceparent,
    }


def _line(step: Any) -> dict[str, Any]:
    return {
        "at": step.at,
        "occurred_at": step.occurred_at,
        "what": step.what,
        "by": step.by,
        "why": step.why,
        "trace_id": step.trace_id,
    }
