"""The doorways: list and show responses; call a task off, accept a gap, have somebody asked again."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, StringConstraints

from dispatch.api.doors import Doors, Listings, carrying_on
from dispatch.api.shown import open_brief, shown, timeline
from dispatch.application.act import Act
from service_kit.clock import Clock
from service_kit.http import Body, Commanded, because, granted, mark_version
from service_kit.identity import Action, Principal, allowed
from service_kit.vault import Vault

Reader = Annotated[Principal, Depends(granted(Action.READ_TASKS))]
Dispatcher = Annotated[Principal, Depends(granted(Action.MANAGE_TASKS))]
Status = Literal["all", "open", "active", "needs_supervisor", "ended"]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    Field(description="Why; never personal data."),
]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]


class Cancellation(Body):
    """Call a task off."""

    reason: Reason


class GapDecision(Body):
    """Decide about a place that an agency left without help."""

    decision: Literal["accept"]
    reason: Reason


class OfferAgain(Body):
    """Have the agency asked once more."""

    contact: Contact | None = Field(
        default=None, description="Whom to ask; without it the next after the last that was asked."
    )


def router(listings: Listings, act: Act, vault: Vault, clock: Clock) -> APIRouter:
    """Return dispatch's doorways."""
    doors = Doors(listings, act, vault, clock)
    routes = APIRouter(prefix="/v1/tenants/{tenant}/responses", tags=["responses"])
    for add in (_add_list, _add_show, _add_cancellation, _add_gap, _add_offers):
        add(routes, doors)
    return routes


def _add_list(routes: APIRouter, doors: Doors) -> None:
    @routes.get("")
    async def list_responses(
        tenant: str,
        who: Reader,
        status: Status = "all",
        after: str | None = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, Any]:
        """List responses with their clocks, the first asked first; an agency sees its own."""
        kept, following = await doors.listings.page(
            tenant, status=status, agency=who.agency, limit=limit, after=after
        )
        return {"items": [doors.show(one, who.agency) for one in kept], "next": following}


def _add_show(routes: APIRouter, doors: Doors) -> None:
    @routes.get("/{ticket_id}")
    async def show_response(
        tenant: str,
        ticket_id: str,
        who: Reader,
        response: Response,
        *,
        personal: bool = False,
    ) -> dict[str, Any]:
        """Show one response with its timeline; `personal=true` opens sealed values, and is audited."""
        kept = await doors.found(tenant, ticket_id, who.agency)
        mark_version(response, kept.version)
        if who.agency is not None:
            return {**doors.show(kept, who.agency), "timeline": []}
        opened = None
        if personal and kept.state.brief and allowed(who, Action.OPEN_PERSONAL_DATA, tenant):
            opened = await open_brief(doors.vault, tenant, kept.state.brief, by=who.subject)
        told = shown(
            kept.state,
            version=kept.version,
            traceparent=kept.traceparent,
            now=doors.clock(),
            opened=opened,
        )
        return {**told, "timeline": timeline(kept)}


def _add_cancellation(routes: APIRouter, doors: Doors) -> None:
    @routes.post("/{ticket_id}/tasks/{task_id}/cancellation")
    async def cancel_task(
        tenant: str,
        ticket_id: str,
        task_id: str,
        body: Cancellation,
        _: Dispatcher,
        command: Commanded,
        request: Request,
        response: Response,
    ) -> dict[str, Any]:
        """Call a task off; the reason also accepts the gap that it leaves."""
        kept = await doors.found(tenant, ticket_id)
        with carrying_on(request, "task cancel", kept):
            done = await doors.act.cancel(tenant, ticket_id, task_id, because(command, body.reason))
        return doors.answer(done, kept, response)


def _add_gap(routes: APIRouter, doors: Doors) -> None:
    @routes.post("/{ticket_id}/tasks/{task_id}/gap")
    async def decide_gap(
        tenant: str,
        ticket_id: str,
        task_id: str,
        body: GapDecision,
        _: Dispatcher,
        command: Commanded,
        request: Request,
        response: Response,
    ) -> dict[str, Any]:
        """Do without an agency that brought no help."""
        kept = await doors.found(tenant, ticket_id)
        with carrying_on(request, "gap accept", kept):
            done = await doors.act.accept_gap(tenant, ticket_id, task_id, because(command, body.reason))
        return doors.answer(done, kept, response)


def _add_offers(routes: APIRouter, doors: Doors) -> None:
    @routes.post("/{ticket_id}/tasks/{task_id}/offers")
    async def offer_task_again(
        tenant: str,
        ticket_id: str,
        task_id: str,
        body: OfferAgain,
        _: Dispatcher,
        command: Commanded,
        request: Request,
        response: Response,
    ) -> dict[str, Any]:
        """Have the agency asked once more: a named contact, or the next."""
        kept = await doors.found(tenant, ticket_id)
        with carrying_on(request, "task offer again", kept):
            done = await doors.act.offer_again(tenant, ticket_id, task_id, body.contact, command)
        return doors.answer(done, kept, response)
