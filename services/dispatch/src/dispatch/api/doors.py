"""What stands behind the doorways, and how a deed carries a response's story on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi import Request, Response

from dispatch.api.shown import shown
from dispatch.application.act import Act, Done
from dispatch.application.ports import PlanUnknown
from dispatch.domain.response import Response as AgencyResponse
from service_kit.clock import Clock
from service_kit.decisions import Conflict
from service_kit.http import away, carried_on, mark_version, saved_or_problem, unknown
from service_kit.store import Kept
from service_kit.vault import Vault


class Listings(Protocol):
    """Looks through the responses of one tenant."""

    async def get(self, tenant: str, ticket_id: str) -> Kept[AgencyResponse] | None:
        """Return the response to a ticket, if there is one."""

    async def page(
        self, tenant: str, *, status: str, agency: str | None, limit: int, after: str | None
    ) -> tuple[list[Kept[AgencyResponse]], str | None]:
        """Return the next responses after a place in the listing, and the place to go on from."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What stands behind the doorways."""

    listings: Listings
    act: Act
    vault: Vault
    clock: Clock

    async def found(self, tenant: str, ticket_id: str, agency: str | None = None) -> Kept[AgencyResponse]:
        """Return a response; a foreign one, or one that is not the agency's, looks unknown."""
        kept = await self.listings.get(tenant, ticket_id)
        if kept is None or (agency and all(task.agency != agency for task in kept.state.tasks)):
            raise unknown("response")
        return kept

    def show(self, kept: Kept[AgencyResponse], agency: str | None) -> dict[str, Any]:
        """Return a kept response as JSON."""
        return shown(
            kept.state,
            version=kept.version,
            traceparent=kept.traceparent,
            now=self.clock(),
            agency=agency,
        )

    def answer(self, done: Done, kept: Kept[AgencyResponse], response: Response) -> dict[str, Any]:
        """Return the response as it is after a deed, or raise the problem that says why not."""
        version = done.version if isinstance(done, Conflict) else kept.version

        def current(state: AgencyResponse) -> dict[str, Any]:
            return shown(state, version=version, traceparent=kept.traceparent, now=self.clock())

        saved = saved_or_problem(done, what="task", current=current)
        mark_version(response, saved.version, repeated=saved.repeated)
        return shown(saved.state, version=saved.version, traceparent=kept.traceparent, now=self.clock())


@contextmanager
def carrying_on(request: Request, name: str, kept: Kept[AgencyResponse]) -> Iterator[None]:
    """Run a deed in the response's trace; a tenant whose plan is not here yet is waited for by whoever asks."""
    try:
        with carried_on(request, name, kept):
            yield
    except PlanUnknown as error:
        raise away() from error
