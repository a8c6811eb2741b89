"""What the use cases need from outside."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from statistics_service.domain.recap import Profile
from statistics_service.domain.rows import Month


class Months(Protocol):
    """Keeps rows by tenant and local month."""

    async def month(self, tenant: str, month: str) -> Month:
        """Return all rows of a tenant's month."""

    async def known(self, tenant: str) -> list[str]:
        """Return the months that have calls or tickets, oldest first."""


class Profiles(Protocol):
    """Knows the tenants' answering thresholds."""

    def profile(self, tenant: str) -> Profile | None:
        """Return the tenant's profile, or None where the tenant is not known (yet)."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """One time that the figures were built again from the log.

    Attributes:
        status: running, done or failed.
        read: events read so far.
        equal: whether the rebuilt rows are the same as those that were shown; None until done.
        differing: how many aggregates' rows differ.
    """

    id: str
    status: str
    started_at: datetime
    by: str
    read: int = 0
    ended_at: datetime | None = None
    equal: bool | None = None
    differing: int = 0
    failure: str = ""


class Rebuilds(Protocol):
    """Builds the figures again beside those that are shown."""

    async def start(self, rebuild_id: str, *, by: str, at: datetime) -> Rebuild:
        """Start a rebuild; the same id again is the same rebuild, and one runs at a time."""

    async def get(self, rebuild_id: str) -> Rebuild | None:
        """Return a rebuild."""
