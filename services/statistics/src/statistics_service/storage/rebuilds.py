"""Builds the figures again from the log, beside those that are shown, then shows them instead."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, replace
from datetime import datetime

from aiokafka import ConsumerRecord
from pymongo.errors import DuplicateKeyError

from service_kit.clock import Clock
from service_kit.documents import Database, Document
from service_kit.event import EventUnreadable, read_event
from service_kit.replay import Ends, ends_of, read_log
from service_kit.telemetry import logger
from service_kit.tenancy import Tenants
from statistics_service.application.ports import Rebuild, Rebuilds
from statistics_service.contracts import HEARS, project
from statistics_service.storage.fold import Fold
from statistics_service.storage.generations import LOOK_EVERY_SECONDS, SETTLED_AFTER_SECONDS, Generations
from statistics_service.storage.rows import Rows

LOG = logger(__name__)

RUNNING, DONE, FAILED = "running", "done", "failed"
NOTE_EVERY = 5_000
BREATHE_EVERY = 100
"""So many records are taken before live events and requests of the same process have their turn."""

LOOKS = 5
CLIENT = "statistics-rebuild"
TOPICS = sorted(HEARS - {"tenant.configured"})

Wait = Callable[[float], Awaitable[None]]


class LogRebuilds(Rebuilds):
    """Rebuilds one at a time; each one is a document that tells how far it is."""

    def __init__(
        self,
        database: Database,
        generations: Generations,
        tenants: Tenants,
        bootstrap: str,
        clock: Clock,
        *,
        wait: Wait = asyncio.sleep,
    ) -> None:
        """Read the log of this broker into a fresh generation."""
        self._kept = database.get_collection("rebuilds")
        self._generations = generations
        self._tenants = tenants
        self._bootstrap = bootstrap
        self._clock = clock
        self._wait = wait
        self._one_at_a_time = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def get(self, rebuild_id: str) -> Rebuild | None:
        """Return a rebuild."""
        found = await self._kept.find_one({"_id": rebuild_id})
        return None if found is None else _rebuild(found)

    async def start(self, rebuild_id: str, *, by: str, at: datetime) -> Rebuild:
        """Start a rebuild; the same id again is the same rebuild."""
        rebuild = Rebuild(rebuild_id, RUNNING, at, by)
        try:
            await self._kept.insert_one(_document(rebuild))
        except DuplicateKeyError:
            return await self.get(rebuild_id) or rebuild
        task = asyncio.create_task(self._run(rebuild))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return rebuild

    async def fail_what_was_cut(self) -> None:
        """Tell of rebuilds that ended with their process, and forget what they had begun."""
        cut = {"status": FAILED, "failure": "the process ended", "ended_at": self._clock()}
        running = [found["_id"] async for found in self._kept.find({"status": RUNNING})]
        for rebuild in running:
            await self._kept.update_one({"_id": rebuild, "status": RUNNING}, {"$set": cut})
        await self._generations.forget_the_rest()

    async def stop(self) -> None:
        """End what is running; it is told as failed."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _run(self, rebuild: Rebuild) -> None:
        async with self._one_at_a_time:
            fresh = await self._generations.begin()
            try:
                done = await self._build(rebuild, fresh)
            except BaseException as error:
                LOG.exception("rebuild.failed", rebuild=rebuild.id)
                await self._generations.give_up(fresh)
                await self._note(
                    replace(rebuild, status=FAILED, failure=type(error).__name__, ended_at=self._clock())
                )
                if not isinstance(error, Exception):
                    raise
            else:
                await self._note(done)
                LOG.info("rebuild.done", rebuild=done.id, read=done.read, differing=done.differing)

    async def _build(self, rebuild: Rebuild, fresh: Rows) -> Rebuild:
        """Read the whole log, show the result, then read what came in between."""
        await self._wait(SETTLED_AFTER_SECONDS)
        ends = await ends_of(self._bootstrap, TOPICS, client=CLIENT)
        rebuild = await self._read(rebuild, fresh, after=None, until=ends)
        differing = await self._differing(self._generations.present, fresh)
        former = await self._generations.show(fresh)
        later = await ends_of(self._bootstrap, TOPICS, client=CLIENT)
        rebuild = await self._read(rebuild, fresh, after=ends, until=later)
        await self._generations.settle()
        await self._wait(SETTLED_AFTER_SECONDS)
        await former.drop()
        return replace(
            rebuild, status=DONE, ended_at=self._clock(), equal=differing == 0, differing=differing
        )

    async def _read(self, rebuild: Rebuild, fresh: Rows, *, after: Ends | None, until: Ends) -> Rebuild:
        """Fold the log in memory and write what came out of it once."""
        fold, read = Fold(fresh), rebuild.read
        async for record in read_log(self._bootstrap, until=until, after=after, client=CLIENT):
            self._take(fold, record)
            read += 1
            if read % BREATHE_EVERY == 0:
                await asyncio.sleep(0)
                await fold.write_if_full()
            if read % NOTE_EVERY == 0:
                await self._note(replace(rebuild, read=read))
        await fold.write()
        return replace(rebuild, read=read)

    async def _differing(self, shown: Rows, fresh: Rows) -> int:
        """Count the aggregates whose rows are not the same in both generations.

        Live events change both while they are compared, one after the other: what seems to differ is looked
        at again, and counts when it never agreed.
        """
        suspected = await _suspected(shown, fresh)
        for _ in range(LOOKS):
            if not suspected:
                break
            await self._wait(LOOK_EVERY_SECONDS)
            there, here = await shown.digests_of(suspected), await fresh.digests_of(suspected)
            suspected = [one for one in suspected if there.get(one) != here.get(one)]
        return len(suspected)

    def _take(self, fold: Fold, record: ConsumerRecord) -> None:
        """Take one record; what is unreadable is among the dead letters already."""
        try:
            event = read_event(record)
        except EventUnreadable:
            return
        tenant = self._tenants.get(event.tenant)
        projected = None if tenant is None else project(event, tenant)
        if projected is not None:
            fold.take(projected)

    async def _note(self, rebuild: Rebuild) -> None:
        await self._kept.replace_one({"_id": rebuild.id}, _document(rebuild))


async def _suspected(shown: Rows, fresh: Rows) -> list[str]:
    """Return the aggregates whose rows were not the same at one look, or are in one generation alone."""
    found: list[str] = []
    left, right = shown.digests(), fresh.digests()
    there, here = await anext(left, None), await anext(right, None)
    while there is not None or here is not None:
        if there is not None and (here is None or there[0] < here[0]):
            found.append(there[0])
            there = await anext(left, None)
        elif here is not None and (there is None or here[0] < there[0]):
            found.append(here[0])
            here = await anext(right, None)
        elif there is not None:
            found += [there[0]] if there != here else []
            there, here = await anext(left, None), await anext(right, None)
    return found


def _document(rebuild: Rebuild) -> Document:
    return {**asdict(rebuild), "_id": rebuild.id}


def _rebuild(document: Document) -> Rebuild:
    return Rebuild(**{name: value for name, value in document.items() if name != "_id"})
