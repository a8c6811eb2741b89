"""Builds statistics and runs it."""

from service_kit.service import Service, main
from service_kit.tenancy import Tenants
from statistics_service.api import rebuilds as rebuild_doors
from statistics_service.api import recaps as recap_doors
from statistics_service.application.ports import Profiles
from statistics_service.application.tell_recap import TellRecap
from statistics_service.config import StatisticsSettings
from statistics_service.contracts import HEARS, profile_of
from statistics_service.domain.recap import Profile
from statistics_service.handlers import KeepRows
from statistics_service.storage.generations import Generations
from statistics_service.storage.rebuilds import LogRebuilds

GATHER_SECONDS = 0.25
"""Figures that are a quarter of a second old are new enough; many events are then one write."""


class TenantProfiles(Profiles):
    """The thresholds of the tenants in force."""

    def __init__(self, tenants: Tenants) -> None:
        """Look at these tenants."""
        self._tenants = tenants

    def profile(self, tenant: str) -> Profile | None:
        """Return the tenant's profile, or None where the tenant is not known (yet)."""
        configured = self._tenants.get(tenant)
        return None if configured is None else profile_of(configured)


async def assemble(service: Service, settings: StatisticsSettings) -> None:
    """Put statistics together: what it hears, keeps and tells."""
    generations = Generations(service.database)
    rebuilds = LogRebuilds(
        service.database, generations, service.tenants, settings.kafka_bootstrap, service.clock
    )
    service.prepare(generations.prepare)
    service.prepare(rebuilds.fail_what_was_cut)
    service.background("generations", generations.look_for_ever)
    service.on_close(rebuilds.stop)
    service.hear(HEARS, KeepRows(generations, service.tenants), gather_seconds=GATHER_SECONDS)
    tell = TellRecap(generations, TenantProfiles(service.tenants))
    service.app.include_router(recap_doors.router(tell, generations))
    service.app.include_router(rebuild_doors.router(rebuilds))


def run() -> None:
    """Run statistics as a process."""
    main("statistics", StatisticsSettings, assemble)


if __name__ == "__main__":
    run()
