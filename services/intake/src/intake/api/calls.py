"""Doorways for people: report a contact, see the calls, also while the store is away."""

import asyncio
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Query

from intake.api.bodies import ReportIn, shown_kept, shown_unsettled, timeline
from intake.api.events import spool_unwritable
from intake.application.current_calls import CurrentCalls, Remembered
from intake.application.ports import Clock, SpoolUnwritable
from intake.application.report_call import Report, ReportCall
from intake.domain.call_record import CallRecord
from service_kit.http import Commanded, Problem, granted, unknown
from service_kit.identity import Action, Principal, allowed
from service_kit.store import Kept
from service_kit.telemetry import logger, trace_id_of
from service_kit.transient import is_transient
from service_kit.vault import Purpose, Vault
from shared_schemas.sealed import Sealed, SealedField

LOG = logger(__name__)

STORE_ANSWERS_WITHIN_SECONDS = 1.0
"""Who wants to see the calls of this moment waits no longer for a store that hangs: memory knows them."""

View = Literal["current", "all"]
Reader = Annotated[Principal, Depends(granted(Action.READ_CALLS))]
Reporter = Annotated[Principal, Depends(granted(Action.REPORT_CALL))]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str | None, Query(max_length=120)]


class Reads(Protocol):
    """The calls in the store, as people look them up."""

    async def kept(self, tenant: str, call_id: str) -> Kept[CallRecord] | None:
        """Return one call."""

    async def page(
        self, tenant: str, *, current_only: bool, limit: int, after: str | None
    ) -> tuple[list[Kept[CallRecord]], str | None]:
        """Return one page and where the next one begins."""


@dataclass(frozen=True, slots=True)
class CallDoor:
    """What the doorways for people use."""

    report: ReportCall
    calls: Reads
    current: CurrentCalls
    vault: Vault
    clock: Clock


def router(door: CallDoor) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1/tenants/{tenant}/calls", tags=["calls"])

    @doors.post("", status_code=HTTPStatus.ACCEPTED)
    async def report_call(tenant: str, body: ReportIn, command: Commanded, _: Reporter) -> dict[str, str]:
        """Keep a contact that a person types in; 202 means that it is on the disk."""
        report = Report(tenant, body.channel, body.occurred_at or command.at, body.caller)
        try:
            key = await door.report(report, command)
        except SpoolUnwritable as error:
            raise spool_unwritable() from error
        return {"call_id": key.call_id}

    @doors.get("")
    async def list_calls(
        tenant: str, _: Reader, view: View = "current", limit: Limit = 100, after: After = None
    ) -> dict[str, Any]:
        """List calls in the order of their beginning; current ones also while the store is away.

        `from_memory` says that the store is away: what this replica did not hear itself since its start
        and what waits no more in its spool may be missing.
        """
        try:
            async with asyncio.timeout(STORE_ANSWERS_WITHIN_SECONDS if view == "current" else None):
                found, following = await door.calls.page(
                    tenant, current_only=view == "current", limit=limit, after=after
                )
        except Exception as error:
            if view != "current" or not is_transient(error):
                raise
            LOG.warning("calls.listed_from_memory", tenant=tenant, error=type(error).__name__)
            return _from_memory(door, tenant, limit, after)
        over = {kept.id for kept in found if view == "current" and door.current.has_ended(tenant, kept.id)}
        items = {kept.id: shown_kept(kept) for kept in found if kept.id not in over}
        if view == "current" and after is None:
            for call in door.current.of(tenant, door.clock(), unsettled_only=True):
                items.setdefault(call.key.call_id, shown_unsettled(call))
        return {"items": list(items.values()), "next": following, "from_memory": False}

    @doors.get("/{call_id}")
    async def get_call(tenant: str, call_id: str, who: Reader, *, personal: bool = False) -> dict[str, Any]:
        """Show one call with its facts; who may and asks also sees who called, which is written down."""
        kept = await _kept_or_remembered(door, tenant, call_id)
        if isinstance(kept, Remembered):
            return shown_unsettled(kept.call, timeline=timeline(kept.record.facts))
        opened = await _opened(door.vault, kept, who) if personal else {}
        lines = timeline(kept.state.facts, trace_id_of(kept.traceparent))
        return {**shown_kept(kept), **opened, "timeline": lines}

    return doors


async def _kept_or_remembered(door: CallDoor, tenant: str, call_id: str) -> Kept[CallRecord] | Remembered:
    """Find a call in the store; one that is not there yet, or while the store is away, in memory."""
    remembered = door.current.get(tenant, call_id)
    try:
        async with asyncio.timeout(None if remembered is None else STORE_ANSWERS_WITHIN_SECONDS):
            found = await door.calls.kept(tenant, call_id) or remembered
    except Exception as error:
        if remembered is None or not is_transient(error):
            raise
        return remembered
    if found is None:
        raise unknown("call")
    return found


def _from_memory(door: CallDoor, tenant: str, limit: int, after: str | None) -> dict[str, Any]:
    """List what this process has heard, in the same order and with the same places as the store does."""
    calls = [call for call in door.current.of(tenant, door.clock()) if after is None or call.order > after]
    page = calls[:limit]
    following = page[-1].order if len(page) < len(calls) else None
    return {"items": [shown_unsettled(call) for call in page], "next": following, "from_memory": True}


async def _opened(vault: Vault, kept: Kept[CallRecord], who: Principal) -> dict[str, Any]:
    """Open who called and what they said; what was erased shows as null."""
    if not allowed(who, Action.OPEN_PERSONAL_DATA, kept.tenant):
        detail = "This account may not open personal data here."
        raise Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)
    call = kept.state.call
    both: list[tuple[str, Sealed | None]] = [
        (SealedField.CALLER.value, call.caller),
        (SealedField.STORY.value, call.story),
    ]
    named = [(field, one) for field, one in both if one is not None]
    values = await vault.open_many(kept.tenant, named, purpose=Purpose.DISPLAY, by=who.subject)
    texts = {field: value for (field, _), value in zip(named, values, strict=True) if isinstance(value, str)}
    found = {field: texts.get(field) for field, _ in named}
    caller = found.get(SealedField.CALLER.value)
    return {**found, **({SealedField.CALLER.value: json.loads(caller)} if caller else {})}
