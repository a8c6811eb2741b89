"""Read the audit trail, and check that nobody changed it."""

from collections.abc import Sequence

from directory.application.ports import Trail, TrailEntry


class ReadAudit:
    """The trail for those who may read it."""

    def __init__(self, trail: Trail) -> None:
        self._trail = trail

    async def entries(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[TrailEntry]:
        """Return entries of one tenant, or of the whole platform, oldest first."""
        return await self._trail.read(tenant=tenant, after=after, limit=limit)

    async def faults(self) -> Sequence[str]:
        """Return a sentence for each broken link; none means that the trail holds."""
        return await self._trail.faults()
