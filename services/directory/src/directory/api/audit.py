"""Doorways to the audit trail."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from directory.api.wire import EntryOut
from directory.application.audit import ReadAudit
from service_kit.http import Problem, granted, principal
from service_kit.identity import ANYWHERE, Action, Principal, allowed

Auditor = Annotated[Principal, Depends(granted(Action.READ_AUDIT))]


def router(read: ReadAudit) -> APIRouter:
    """Return the doorways."""
    doors = APIRouter(prefix="/v1/audit", tags=["audit"])

    @doors.get("")
    async def get_audit(
        who: Annotated[Principal, Depends(principal)],
        tenant: Annotated[str | None, Query(pattern=r"^\d\d\.\d\d$")] = None,
        after: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=500)] = 100,
    ) -> dict[str, list[EntryOut]]:
        """List who did what, oldest first; go on with `after` = the last entry's `place`."""
        if not allowed(who, Action.READ_AUDIT, tenant or ANYWHERE):
            detail = "Say a tenant whose trail you may read: ?tenant=53.03."
            raise Problem(HTTPStatus.FORBIDDEN, "forbidden", detail)
        entries = await read.entries(tenant=tenant, after=after, limit=limit)
        return {"items": [EntryOut.of(entry) for entry in entries]}

    @doors.get("/verification")
    async def get_verification(_: Auditor) -> dict[str, object]:
        """Check every link of the trail; a fault names its entry."""
        faults = await read.faults()
        return {"holds": not faults, "faults": list(faults)}

    return doors
