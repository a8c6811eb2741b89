"""Tell the figures of one tenant's month."""

from service_kit.decisions import Unknown
from statistics_service.application.ports import Months, Profiles
from statistics_service.domain.recap import Recap, recap


class TellRecap:
    """A person asks for a month."""

    def __init__(self, months: Months, profiles: Profiles) -> None:
        """Read rows and thresholds through these."""
        self._months = months
        self._profiles = profiles

    async def __call__(self, tenant: str, month: str) -> Recap | Unknown:
        """Return the recap; a month without calls has zeros, an unknown tenant has none."""
        profile = self._profiles.profile(tenant)
        if profile is None:
            return Unknown()
        return recap(await self._months.month(tenant, month), profile)
