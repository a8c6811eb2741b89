"""Which generation is shown and which one is being built; every replica looks again each second."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from pymongo.errors import DuplicateKeyError, PyMongoError

from service_kit.documents import Database, Document
from service_kit.effects import note_change
from service_kit.telemetry import logger
from statistics_service.application.ports import Months
from statistics_service.contracts import Projected
from statistics_service.domain.rows import Month
from statistics_service.storage.rows import NAMED, Rows
from statistics_service.storage.together import Together

LOG = logger(__name__)

LOOK_EVERY_SECONDS = 1.0
SETTLED_AFTER_SECONDS = 3 * LOOK_EVERY_SECONDS
FIRST = "first"


class GenerationLost(RuntimeError):
    """A rebuilt generation could not be shown: a restart or another rebuild has taken its place."""


@dataclass(frozen=True, slots=True)
class Shown:
    """The generation that is shown, and the one that is kept up beside it while figures are rebuilt."""

    present: str = FIRST
    building: str | None = None


class Generations(Months):
    """The projections, whichever generation they are in."""

    def __init__(self, database: Database) -> None:
        """Keep the choice of generation in one document."""
        self._database = database
        self._choice = database.get_collection("generations")
        self._shown = Shown()
        self._together = Together(self._put_some)

    async def prepare(self) -> None:
        """Make the first generation, or look which one is shown."""
        try:
            await self._choice.insert_one({"_id": "shown", "present": FIRST, "building": None})
        except DuplicateKeyError:
            LOG.debug("generation.known")
        await self.look()
        await self.present.prepare()

    async def look(self) -> None:
        """Look which generation is shown now."""
        found: Document | None = await self._choice.find_one({"_id": "shown"})
        if found is not None:
            self._shown = Shown(found["present"], found["building"])

    async def look_for_ever(self) -> None:
        """Look again each second; survive the store."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            try:
                await self.look()
            except PyMongoError as error:
                LOG.warning("generations.store_away", error=type(error).__name__)

    @property
    def present(self) -> Rows:
        """The generation that is shown."""
        return Rows(self._database, self._shown.present)

    async def put(self, projected: Projected) -> None:
        """Keep rows in the shown generation and in the one beside it."""
        if await self._together.put(projected):
            note_change()

    async def _put_some(self, several: Sequence[Projected]) -> Sequence[bool]:
        """Keep rows in both generations of one look: a switch in between must not leave one of them out."""
        shown = self._shown
        kept = await Rows(self._database, shown.present).put_some(several)
        if shown.building is not None:
            await Rows(self._database, shown.building).put_some(several)
        return kept

    async def month(self, tenant: str, month: str) -> Month:
        """Return all rows of a tenant's month."""
        return await self.present.month(tenant, month)

    async def known(self, tenant: str) -> list[str]:
        """Return the months that have calls or tickets, oldest first."""
        return await self.present.known_months(tenant)

    async def begin(self) -> Rows:
        """Begin a new generation; live events go to it too from now on."""
        fresh = Rows(self._database, uuid4().hex[:12])
        await fresh.prepare()
        await self._choice.update_one({"_id": "shown"}, {"$set": {"building": fresh.generation}})
        await self.look()
        return fresh

    async def show(self, fresh: Rows) -> Rows:
        """Show a generation from now on, with one write; returns the former one.

        The former one is kept up beside it until `settle`, so that it can be shown again.

        Raises:
            GenerationLost: the generation is not the one being built any more.
        """
        former = self.present
        seen = {"_id": "shown", "present": former.generation, "building": fresh.generation}
        choice = {"_id": "shown", "present": fresh.generation, "building": former.generation}
        result = await self._choice.replace_one(seen, choice)
        await self.look()
        if result.matched_count == 0:
            raise GenerationLost(fresh.generation)
        return former

    async def settle(self) -> None:
        """Keep up the shown generation alone from now on."""
        await self._choice.update_one({"_id": "shown"}, {"$set": {"building": None}})
        await self.look()

    async def give_up(self, fresh: Rows) -> None:
        """Forget a generation that could not be built whole; if it is shown already, the former one is again.

        One that has settled stays: nothing else is complete.
        """
        await self.look()
        if self._shown.present == fresh.generation:
            if self._shown.building is None:
                return
            choice = {"_id": "shown", "present": self._shown.building, "building": None}
            await self._choice.replace_one({"_id": "shown", "present": fresh.generation}, choice)
        await self.settle()
        await fresh.drop()

    async def forget_the_rest(self) -> None:
        """Drop what an earlier process began and left behind."""
        await self.settle()
        kept = self.present.collection.name
        for name in await self._database.list_collection_names():
            if name.startswith(NAMED) and name != kept:
                await Rows(self._database, name.removeprefix(NAMED)).drop()
