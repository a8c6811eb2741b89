"""Doorway of the bus: an event in, its rows kept."""

from typing import Any, Protocol

from service_kit.event import Event
from service_kit.tenancy import Tenants
from service_kit.transient import Away
from statistics_service.contracts import Projected, project


class Keeps(Protocol):
    """Keeps the rows of an aggregate."""

    async def put(self, projected: Projected) -> None:
        """Keep rows if they are newer than those kept."""


class KeepRows:
    """Hears every event and keeps what the figures need."""

    def __init__(self, kept: Keeps, tenants: Tenants) -> None:
        """Keep rows here; months follow the tenants' time zones."""
        self._kept = kept
        self._tenants = tenants

    async def __call__(self, event: Event[Any]) -> None:
        """Keep an event's rows; an older event changes nothing."""
        tenant = self._tenants.get(event.tenant)
        if tenant is None:
            raise Away(f"tenant {event.tenant} is not configured yet")
        projected = project(event, tenant)
        if projected is not None:
            await self._kept.put(projected)
