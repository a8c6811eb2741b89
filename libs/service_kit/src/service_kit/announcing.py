"""Tells the present state again: when the broker lost its log, after an unclean end, or when a person asks."""

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
        read_anew: Callable[[], None] = lambda: None,
        replica: str | None = None,
    ) -> None:
        """Remember in this database which cluster everything was told to, and how each replica's life ended.

        Of replicas each has a life of its own: one that comes while another runs has nothing to tell, and
        one that goes does not end the other's.

        `read_anew` is called when this process meets another log than the one it had read: who reads
        without a group would go on at its old place in it, past what is new there.
        """
        self._relay = relay
        self._known = database.get_collection("meta")
        self._cluster = cluster
        self._ensure_topics = ensure_topics
        self._read_anew = read_anew
        self._met: str | None = None
        self._life = "life" if replica is None else f"life/{replica}"

    async def watch_for_ever(self) -> None:
        """Begin this life, then look at the cluster's id again and again; survive who is away."""
        begun = False
        while True:
            try:
                if not begun:
                    await self.begin()
                    begun = True
                await self._look()
            except Exception as error:
                if not is_transient(error):
                    raise
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def begin(self) -> None:
        """Tell what is unfinished again if the last life did not end cleanly.

        One broker node does not write each record through to its disk: a power cut may take events
        that it had acknowledged and that are marked as sent here.
        """
        life = await self._known.find_one({"_id": self._life})
        if life is not None and not life["ended_cleanly"]:
            count = await self._relay.announce(unfinished_only=True)
            LOG.warning("state.announced", count=count, why="unclean end")
        await self._note_life(ended_cleanly=False)

    async def end(self) -> None:
        """Note that this life ends as it should."""
        await self._note_life(ended_cleanly=True)

    async def _note_life(self, *, ended_cleanly: bool) -> None:
        life = {"_id": self._life, "ended_cleanly": ended_cleanly}
        await self._known.replace_one({"_id": self._life}, life, upsert=True)

    async def _look(self) -> None:
        present = await self._cluster()
        if self._met not in (None, present):
            await self._ensure_topics()
            self._read_anew()
        self._met = present
        known = await self._known.find_one({"_id": "cluster"})
        if known is not None and known["cluster"] == present:
            return
        if known is not None:
            LOG.warning("cluster.changed", cluster=present)
            await self._ensure_topics()
            LOG.warning("state.announced", count=await self._relay.announce(), why="another cluster")
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
