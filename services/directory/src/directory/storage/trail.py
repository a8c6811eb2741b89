"""The audit trail in the store."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel

from directory.application.ports import Deed, Trail, TrailEntry
from service_kit.audit import AuditTrail, verify, writer_name
from service_kit.documents import Database, Document

COLLECTION = "audit"
_BETWEEN = "~"


class MongoTrail(Trail):
    """This process's chain, and the reading of all chains."""

    def __init__(self, database: Database) -> None:
        self._entries = database.get_collection(COLLECTION)
        self._chain = AuditTrail(self._entries, writer_name("directory"))

    async def prepare(self) -> None:
        """Create the indexes, in the orders in which the trail is read."""
        order = [("at", ASCENDING), ("_id", ASCENDING)]
        await self._entries.create_indexes(
            [
                IndexModel(order, name="by_time"),
                IndexModel([("tenant", ASCENDING), *order], name="by_tenant"),
            ]
        )

    async def record(self, deed: Deed, at: datetime) -> None:
        """Record a deed; it is safely down when this returns, or an error says that it may not happen now."""
        await self._chain.append(deed.action, deed.by, deed.tenant, deed.subject, deed.details, at)

    async def read(self, *, tenant: str | None, after: str | None, limit: int) -> Sequence[TrailEntry]:
        """Return entries in the order of their times, of one tenant or all; `after` is an entry's `place`."""
        wanted: dict[str, Any] = {} if tenant is None else {"tenant": tenant}
        if after is not None:
            at, _, name = after.partition(_BETWEEN)
            wanted["$or"] = [{"at": {"$gt": at}}, {"at": at, "_id": {"$gt": name}}]
        order = [("at", ASCENDING), ("_id", ASCENDING)]
        found = self._entries.find(wanted).sort(order).limit(limit)
        return [_entry(raw) async for raw in found]

    async def faults(self) -> Sequence[str]:
        """Return a sentence for each broken link of all chains."""
        return await verify(self._entries)


def _entry(raw: Document) -> TrailEntry:
    return TrailEntry(
        id=raw["_id"],
        place=f"{raw['at']}{_BETWEEN}{raw['_id']}",
        at=raw["at"],
        action=raw["action"],
        by=raw["by"],
        tenant=raw["tenant"],
        subject=raw["subject"],
        details=raw["details"],
        hash=raw["hash"],
    )
