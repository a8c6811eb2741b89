"""Building the figures again, over HTTP."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends

from service_kit.http import Commanded, granted, unknown
from service_kit.identity import Action, Principal
from shared_schemas.identifiers import derived_id
from statistics_service.application.ports import Rebuild, Rebuilds

Keeper = Annotated[Principal, Depends(granted(Action.REBUILD_FIGURES))]
EVERYBODY = "00.00"


def router(rebuilds: Rebuilds) -> APIRouter:
    """Return the doorways to rebuilding."""
    doors = APIRouter(prefix="/v1/rebuild", tags=["rebuild"])

    @doors.post("", status_code=HTTPStatus.ACCEPTED)
    async def start(command: Commanded, who: Keeper) -> Rebuild:
        """Build the figures again from the log; the same Idempotency-Key is the same rebuild."""
        rebuild_id = derived_id(EVERYBODY, "rebuild", command.key)
        return await rebuilds.start(rebuild_id, by=who.subject, at=command.at)

    @doors.get("/{rebuild_id}")
    async def show(rebuild_id: str, _: Keeper) -> Rebuild:
        """Tell how far a rebuild is and whether it gives the same."""
        found = await rebuilds.get(rebuild_id)
        if found is None:
            raise unknown("rebuild")
        return found

    return doors
