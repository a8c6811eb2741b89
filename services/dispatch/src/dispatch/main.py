"""Builds dispatch from its parts and brings it to life."""

from dispatch.api import router
from dispatch.application.act import Act
from dispatch.application.follow import Follow
from dispatch.application.meet_deadline import MeetDeadline
from dispatch.config import DispatchSettings
from dispatch.contracts import HEARS, SERVICE
from dispatch.gateways import TenantPlans
from dispatch.handlers import follow_events
from dispatch.storage import RESPONSES, StoredListings
from service_kit.service import Service, main


async def assemble(service: Service, _: DispatchSettings) -> None:
    """Give a service dispatch's ears, clock and doors."""
    responses = service.store(RESPONSES)
    plans = TenantPlans(service.tenants)
    service.hear(HEARS, follow_events(Follow(responses, plans, service.clock)))
    service.on_due(responses, MeetDeadline(responses, plans, service.clock))
    doors = router(StoredListings(responses), Act(responses, plans), service.vault, service.clock)
    service.app.include_router(doors)


def run() -> None:
    """Run dispatch as a process."""
    main(SERVICE, DispatchSettings, assemble)
