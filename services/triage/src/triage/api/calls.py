"""Doorways to the desk's calls: look, classify, join to a ticket, separate again."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response

from service_kit.http import Commanded, because, carried_on, granted, mark_version, unknown
from service_kit.identity import Action
from service_kit.store import Kept
from triage.api.bodies import ClassificationIn, JoinIn, ReasonIn
from triage.api.curtain import Look, Opens, curtain
from triage.api.doors import (
    After,
    CallId,
    Limit,
    Reads,
    TenantCode,
    saved_or_raised,
)
from triage.api.shown import CallOut, CallPage, CallWithTimelineOut, call_as, show_call, show_calls
from triage.application.classify_call import ClassifyCall
from triage.application.link_call import JoinTicket, SeparateCall, TicketUnknown
from triage.domain.desk_call import DeskCall

View = Literal["waiting", "current", "unclassified", "all"]


@dataclass(frozen=True, slots=True)
class CallDesk:
    """What the doorways to calls use."""

    calls: Reads[DeskCall]
    vault: Opens
    classify: ClassifyCall
    join: JoinTicket
    separate: SeparateCall


def router(desk: CallDesk) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1/tenants/{tenant}/calls", tags=["calls"])
    _add_reading(doors, desk)
    _add_classification(doors, desk)
    _add_links(doors, desk)
    return doors


def _add_reading(doors: APIRouter, desk: CallDesk) -> None:
    reader = [Depends(granted(Action.READ_CALLS))]

    @doors.get("", dependencies=reader)
    async def list_calls(
        tenant: TenantCode,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        view: View = "current",
        limit: Limit = 100,
        after: After = None,
    ) -> CallPage:
        """List calls: who waits longest first; unclassified ones with the overdue first; all newest first."""
        wanted = None if view == "all" else view
        found, following = await desk.calls.page(tenant, wanted, limit=limit, after=after)
        return CallPage(items=await show_calls(found, look), next=following)

    @doors.get("/{call_id}", dependencies=reader)
    async def get_call(
        tenant: TenantCode,
        call_id: CallId,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        response: Response,
    ) -> CallWithTimelineOut:
        """Show one call with its timeline; its ETag is the version to send back with If-Match."""
        kept = await _known(desk, tenant, call_id)
        mark_version(response, kept.version)
        return await show_call(kept, look)


def _add_classification(doors: APIRouter, desk: CallDesk) -> None:
    @doors.put("/{call_id}/classification", dependencies=[Depends(granted(Action.CLASSIFY))])
    async def put_classification(
        tenant: TenantCode,
        call_id: CallId,
        body: ClassificationIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> CallOut:
        """Say what an answered call was. The first class needs no reason; a change does, and is counted."""
        before = await _known(desk, tenant, call_id)
        with carried_on(request, "classify call", before):
            result = await desk.classify(tenant, call_id, body.classification, because(command, body.reason))
        return await _answer(desk, before, result, look, response)


def _add_links(doors: APIRouter, desk: CallDesk) -> None:
    @doors.put("/{call_id}/ticket", dependencies=[Depends(granted(Action.JOIN_TICKET))])
    async def put_ticket(
        tenant: TenantCode,
        call_id: CallId,
        body: JoinIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> CallOut:
        """Join a call to a known ticket that is not closed."""
        before = await _known(desk, tenant, call_id)
        with carried_on(request, "join ticket", before):
            result = await desk.join(tenant, call_id, body.ticket_id, command)
        if isinstance(result, TicketUnknown):
            raise unknown("ticket")
        return await _answer(desk, before, result, look, response)

    @doors.post("/{call_id}/separation", dependencies=[Depends(granted(Action.SEPARATE_CALL))])
    async def post_separation(
        tenant: TenantCode,
        call_id: CallId,
        body: ReasonIn,
        command: Commanded,
        look: Annotated[Look, Depends(curtain(desk.vault))],
        request: Request,
        response: Response,
    ) -> CallOut:
        """Separate a call from its ticket; the ticket stays."""
        before = await _known(desk, tenant, call_id)
        with carried_on(request, "separate call", before):
            result = await desk.separate(tenant, call_id, because(command, body.reason))
        return await _answer(desk, before, result, look, response)


async def _known(desk: CallDesk, tenant: str, call_id: str) -> Kept[DeskCall]:
    kept = await desk.calls.kept(tenant, call_id)
    if kept is None:
        raise unknown("call")
    return kept


async def _answer(
    desk: CallDesk, before: Kept[DeskCall], result: Any, look: Look, response: Response
) -> CallOut:
    """Show the call as it is after a command, or raise the problem."""
    saved = await saved_or_raised(result, look, "call", call_as)
    after = await _known(desk, before.tenant, before.id)
    mark_version(response, after.version, repeated=saved.repeated)
    (out,) = await show_calls([after], look)
    return out
