"""Tells the present state of everything again: when the broker lost its log, or a person asks for it."""

import asyncio
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from service_kit.documents import Database
from service_kit.http import Commanded, granted
from service_kit.identity import Action, Principal
from service_kit.relay import Relay
from service_kit.telemetry import logger
from service_kit.transient import is_transient

LOG = logger(__name__)

LOOK_EVERY_SECONDS = 5.0

Keeper = Annotated[Principal, Depends(granted(Action.ANNOUNCE))]


class Announcing:
    """Announces by command, and by itself when the broker came back as another cluster."""

    def __init__(
        self,
        relay: Relay,
        database: Database,
        *,
        cluster: Callable[[], Awaitable[str]],
        ensure_topics: Callable[[], Awaitable[object]],
    ) -> None:
        """Remember in this database which cluster everything was told to."""
        self._relay = relay
        self._known = database.get_collection("meta")
        self._cluster = cluster
        self._ensure_topics = ensure_topics

    async def watch_for_ever(self) -> None:
        """Look at the cluster's id again and again; survive a broker or a store that is away."""
        while True:
            try:
                await self._look()
            except Exception as error:
                if not is_transient(error):
                    raise
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def _look(self) -> None:
        present = await self._cluster()
        known = await self._known.find_one({"_id": "cluster"})
        if known is not None and known["cluster"] == present:
            return
        if known is not None:
            LOG.warning("cluster.changed", cluster=present)
            await self._ensure_topics()
            LOG.warning("state.announced", count=await self._relay.announce())
        await self._known.replace_one({"_id": "cluster"}, {"_id": "cluster", "cluster": present}, upsert=True)

    def router(self) -> APIRouter:
        """Return the doorway for people."""
        doors = APIRouter(prefix="/v1/announcements", tags=["announcements"])

        @doors.post("", status_code=HTTPStatus.OK)
        async def announce(_: Keeper, command: Commanded, *, unfinished_only: bool = False) -> dict[str, Any]:
            """Tell the present state again; the same state is the same event, so a repeat is dull."""
            told = await self._relay.announce(unfinished_only=unfinished_only)
            LOG.warning("state.announced", count=told, by=command.by)
            return {"told": told}

        return doors
