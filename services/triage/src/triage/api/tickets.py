"""Doorways to tickets: open, look, correct, escalate, close, take up again."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from service_kit.http import Commanded, because, carried_on, granted, mark_version, unknown
from service_kit.identity import Action
from service_kit.store import Kept
from triage.api.bodies import ClosingIn, EscalationIn, ReasonIn, TicketIn, TicketPatch
from triage.api.curtain import Look, Opens, curtain
from triage.api.doors import (
    After,
    Limit,
    Reads,
    TenantCode,
    TicketName,
    not_in_catalogue,
    saved_or_raised,
)
from triage.api.shown import (
    TicketOut,
    TicketPage,
    TicketWithTimelineOut,
    call_as,
    show_ticket,
    show_tickets,
    ticket_as,
)
from triage.application.link_call import Opened, OpenTicket
from triage.application.work_ticket import ChangeTicket, CloseTicket, EscalateTicket, ReopenTicket
from triage.domain.catalogue import NotInCatalogue
from triage.domain.desk_call import DeskCall
from triage.domain.ticket import Ticket

Status = Literal["open", "escalated", "closed", "all"]


@dataclass(frozen=True, slots=True)
class TicketDesk:
    """What the doorways to tickets use."""

    tickets: Reads[Ticket]
    calls: Reads[DeskCall]
    vault: Opens
    open: OpenTicket
    change: ChangeTicket
    escalate: EscalateTicket
    reopen: ReopenTicket
    close: CloseTicket


def router(desk: TicketDesk) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1/tenants/{tenant}/tickets", tags=["tickets"])
    _add_reading(doors, desk)
    _add_opening(doors, desk)
    _add_change(doors, desk)
    _add_escalation(doors, desk)
    _add_ends(doors, desk)
    return doors


def _add_reading(doors: APIRouter, desk: TicketDesk) -> None:
    reader = [Depends(granted(Action.READ_TICKETS))]

    @doors.get("", dependencies=reader)
    async def list_tickets(
        tenant: TenantCode,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        status: Status = "all",
        limit: Limit = 100,
        after: After = None,
    ) -> TicketPage:
        """List tickets, newest first."""
        wanted = None if status == "all" else status
        found, following = await desk.tickets.page(tenant, wanted, limit=limit, after=after)
        return TicketPage(items=await show_tickets(found, look), next=following)

    @doors.get("/{ticket}", dependencies=reader)
    async def get_ticket(
        tenant: TenantCode,
        ticket: TicketName,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        response: Response,
    ) -> TicketWithTimelineOut:
        """Show one ticket with its timeline; its ETag is the version to send back with If-Match."""
        kept = await _known(desk, tenant, ticket)
        mark_version(response, kept.version)
        return await show_ticket(kept, look)


def _add_opening(doors: APIRouter, desk: TicketDesk) -> None:
    @doors.post("", status_code=HTTPStatus.CREATED, dependencies=[Depends(granted(Action.OPEN_TICKET))])
    async def post_ticket(
        tenant: TenantCode,
        body: TicketIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> TicketOut:
        """Open a ticket from a call, which gets a class by it if it has none. If-Match: the call's version."""
        call = await desk.calls.kept(tenant, body.call_id)
        if call is None:
            raise unknown("call")
        with carried_on(request, "open ticket", call):
            result = await desk.open(tenant, body.call_id, body.wish(), command)
        if isinstance(result, NotInCatalogue):
            raise not_in_catalogue(result)
        if not isinstance(result, Opened):
            await saved_or_raised(result, look, "call", call_as)
            raise unknown("ticket")
        kept = await _known(desk, tenant, result.ticket_id)
        response.headers["Location"] = f"/v1/tenants/{tenant}/tickets/{kept.id}"
        return await _told(kept, look, response, repeated=result.repeated)


def _add_change(doors: APIRouter, desk: TicketDesk) -> None:
    @doors.patch("/{ticket}", dependencies=[Depends(granted(Action.CHANGE_TICKET))])
    async def patch_ticket(
        tenant: TenantCode,
        ticket: TicketName,
        body: TicketPatch,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> TicketOut:
        """Correct type, priority, place or story; a lost race gives 409 with the newer state."""
        before = await _known(desk, tenant, ticket)
        with carried_on(request, "change ticket", before):
            result = await desk.change(tenant, before.id, body.correction(), command)
        return await _answer(desk, before, result, look, response)


def _add_escalation(doors: APIRouter, desk: TicketDesk) -> None:
    @doors.post("/{ticket}/escalations", dependencies=[Depends(granted(Action.ESCALATE))])
    async def post_escalation(
        tenant: TenantCode,
        ticket: TicketName,
        body: EscalationIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> TicketOut:
        """Hand a ticket to agencies: those named, or those of its type; again is a new round."""
        before = await _known(desk, tenant, ticket)
        with carried_on(request, "escalate ticket", before):
            result = await desk.escalate(tenant, before.id, body.agencies, because(command, body.reason))
        return await _answer(desk, before, result, look, response)


def _add_ends(doors: APIRouter, desk: TicketDesk) -> None:
    @doors.post("/{ticket}/reopening", dependencies=[Depends(granted(Action.REOPEN))])
    async def post_reopening(
        tenant: TenantCode,
        ticket: TicketName,
        body: ReasonIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> TicketOut:
        """Take up a closed ticket again."""
        before = await _known(desk, tenant, ticket)
        with carried_on(request, "reopen ticket", before):
            result = await desk.reopen(tenant, before.id, because(command, body.reason))
        return await _answer(desk, before, result, look, response)

    @doors.post("/{ticket}/closing", dependencies=[Depends(granted(Action.CLOSE_TICKET))])
    async def post_closing(
        tenant: TenantCode,
        ticket: TicketName,
        body: ClosingIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> TicketOut:
        """Close a ticket that needs no agency; one that is with agencies ends when they have ended."""
        before = await _known(desk, tenant, ticket)
        with carried_on(request, "close ticket", before):
            result = await desk.close(tenant, before.id, body.disposition, because(command, body.reason))
        return await _answer(desk, before, result, look, response)


async def _known(desk: TicketDesk, tenant: str, name: str) -> Kept[Ticket]:
    kept = await desk.tickets.kept(tenant, name)
    if kept is None:
        raise unknown("ticket")
    return kept


async def _answer(
    desk: TicketDesk, before: Kept[Ticket], result: Any, look: Look, response: Response
) -> TicketOut:
    """Show the ticket as it is after a command, or raise the problem."""
    if isinstance(result, NotInCatalogue):
        raise not_in_catalogue(result)
    saved = await saved_or_raised(result, look, "ticket", ticket_as)
    after = await _known(desk, before.tenant, before.id)
    return await _told(after, look, response, repeated=saved.repeated)


async def _told(kept: Kept[Ticket], look: Look, response: Response, *, repeated: bool) -> TicketOut:
    mark_version(response, kept.version, repeated=repeated)
    (out,) = await show_tickets([kept], look)
    return out
