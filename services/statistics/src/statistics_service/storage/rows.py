"""Rows by aggregate, newest sequence wins, in one collection for each generation."""

import hashlib
import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from service_kit.documents import Collection, Database, Document
from statistics_service.contracts import CALL, DESK, RESPONSE, ROWS, TICKET, Projected
from statistics_service.domain.rows import Month

TICKETS_AT_ONCE = 500
NAMED = "rows_"
"""Begins the name of each generation's collection."""


class Rows:
    """One generation of projections."""

    def __init__(self, database: Database, generation: str) -> None:
        """Keep the rows in a collection of the generation's own."""
        self.generation = generation
        self.collection: Collection = database.get_collection(f"{NAMED}{generation}")

    async def prepare(self) -> None:
        """Create the indexes."""
        await self.collection.create_indexes(
            [
                IndexModel([("tenant", ASCENDING), ("kind", ASCENDING), ("month", ASCENDING)], name="month"),
                IndexModel([("tenant", ASCENDING), ("kind", ASCENDING), ("about", ASCENDING)], name="about"),
            ]
        )

    async def put(self, projected: Projected) -> bool:
        """Keep the rows if they are newer than those kept; returns whether they were."""
        document = _document(projected)
        older = {"_id": document["_id"], "sequence": {"$lt": projected.sequence}}
        result = await self.collection.replace_one(older, document)
        if result.matched_count:
            return True
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def month(self, tenant: str, month: str) -> Month:
        """Return all rows of a tenant's month; tasks belong to the month of their ticket."""
        tickets = await self._rows(tenant, TICKET, {"month": month})
        return Month(
            calls=tuple(await self._rows(tenant, CALL, {"month": month})),
            desks=tuple(await self._rows(tenant, DESK, {"month": month})),
            tickets=tuple(tickets),
            tasks=tuple(await self._tasks(tenant, [ticket.ticket_id for ticket in tickets])),
        )

    async def _tasks(self, tenant: str, tickets: list[str]) -> list[Any]:
        found: list[Any] = []
        for begin in range(0, len(tickets), TICKETS_AT_ONCE):
            part = tickets[begin : begin + TICKETS_AT_ONCE]
            found += await self._rows(tenant, RESPONSE, {"about": {"$in": part}})
        return found

    async def _rows(self, tenant: str, kind: str, query: dict[str, Any]) -> list[Any]:
        read = ROWS[kind].validate_python
        cursor = self.collection.find({"tenant": tenant, "kind": kind, **query}, {"rows": 1})
        return [read(row) async for document in cursor for row in document["rows"]]

    async def known_months(self, tenant: str) -> list[str]:
        """Return the months that have calls or tickets, oldest first."""
        query = {"tenant": tenant, "kind": {"$in": [CALL, TICKET]}}
        return sorted(await self.collection.distinct("month", query))

    async def digests(self) -> AsyncIterator[tuple[str, str]]:
        """Give each aggregate's id with a digest of its rows."""
        async for document in self.collection.find({}):
            yield document["_id"], _digest(document)

    async def digest_of(self, aggregate: str) -> str | None:
        """Return the digest of one aggregate's rows, or None where it is not kept."""
        document = await self.collection.find_one({"_id": aggregate})
        return None if document is None else _digest(document)

    async def drop(self) -> None:
        """Forget this generation."""
        await self.collection.drop()


def _document(projected: Projected) -> Document:
    return {
        "_id": f"{projected.tenant}/{projected.source}/{projected.subject}",
        "tenant": projected.tenant,
        "kind": projected.kind,
        "sequence": projected.sequence,
        "month": projected.month,
        "about": projected.about,
        "rows": list(projected.rows),
    }


def _digest(document: Document) -> str:
    text = json.dumps(document, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
