"""Rows by aggregate, newest sequence wins, in one collection for each generation."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from bson.raw_bson import RawBSONDocument
from pymongo import ASCENDING, IndexModel, ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from service_kit.documents import Collection, Database, Document
from statistics_service.contracts import CALL, DESK, RESPONSE, ROWS, TICKET, Projected
from statistics_service.domain.rows import Month

ASKED_AT_ONCE = 100
"""So many values one `$in` names: SecantusDB's Python server takes 0.04 s for 100, 0.6 s for 500, and for 2,000
about the 10 s after which a command fails."""
WRITTEN_AT_ONCE = 500
FORGOTTEN_AT_ONCE = 1_000
DUPLICATE = 11000
Piece = TypeVar("Piece")
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
        document = document_of(projected)
        result = await self.collection.replace_one(_older(document), document)
        if result.matched_count:
            return True
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def put_some(self, several: Sequence[Projected]) -> list[bool]:
        """Keep the rows of different aggregates, as `put` would each, with one command."""
        if len(several) == 1:
            return [await self.put(several[0])]
        documents = [document_of(projected) for projected in several]
        newer = [ReplaceOne(_older(one), one, upsert=True) for one in documents]
        try:
            await self.collection.bulk_write(newer, ordered=False)
        except BulkWriteError as error:
            older = {one["index"] for one in _duplicates(error)}
            return [place not in older for place in range(len(several))]
        return [True] * len(several)

    async def put_all(self, documents: Sequence[RawBSONDocument]) -> None:
        """Keep many aggregates' rows, as `put` would one after the other, in few writes."""
        for part in _parts(documents, WRITTEN_AT_ONCE):
            try:
                await self.collection.insert_many(part, ordered=False)
            except BulkWriteError as error:
                there = [part[one["index"]] for one in _duplicates(error)]
                await self.collection.bulk_write(
                    [ReplaceOne(_older(one), one) for one in there], ordered=False
                )

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
        for part in _parts(tickets, ASKED_AT_ONCE):
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
        """Give each aggregate's id with a digest of its rows, in the order of the ids."""
        async for document in self.collection.find({}).sort("_id", ASCENDING):
            yield document["_id"], _digest(document)

    async def digests_of(self, aggregates: Sequence[str]) -> dict[str, str]:
        """Return the digests of some aggregates' rows; of those that are not kept, none."""
        return {
            document["_id"]: _digest(document)
            for part in _parts(aggregates, ASKED_AT_ONCE)
            async for document in self.collection.find({"_id": {"$in": part}})
        }

    async def drop(self) -> None:
        """Forget this generation.

        Emptied first, piece by piece: SecantusDB's Python server drops 1,000 documents in 9 s, and none in no
        time; what takes it more than 10 s fails.
        """
        there = [one["_id"] async for one in self.collection.find({}, {"_id": 1}).sort("_id", ASCENDING)]
        for part in _parts(there, FORGOTTEN_AT_ONCE):
            await self.collection.delete_many({"_id": {"$gte": part[0], "$lte": part[-1]}})
        await self.collection.drop()


def _parts(several: Sequence[Piece], most: int) -> Iterator[Sequence[Piece]]:
    """Give many things in parts of at most so many, as they lie."""
    return (several[begin : begin + most] for begin in range(0, len(several), most))


def name_of(projected: Projected) -> str:
    """Return the id under which an aggregate's rows are kept."""
    return f"{projected.tenant}/{projected.source}/{projected.subject}"


def document_of(projected: Projected) -> Document:
    """Return how an aggregate's rows are kept."""
    return {
        "_id": name_of(projected),
        "tenant": projected.tenant,
        "kind": projected.kind,
        "sequence": projected.sequence,
        "month": projected.month,
        "about": projected.about,
        "rows": list(projected.rows),
    }


def _older(document: Mapping[str, Any]) -> Document:
    """Ask for what is kept of the same aggregate, if it is older."""
    return {"_id": document["_id"], "sequence": {"$lt": document["sequence"]}}


def _duplicates(error: BulkWriteError) -> list[dict[str, Any]]:
    """Return the writes that found their aggregate there already; any other trouble goes on."""
    wrong: list[dict[str, Any]] = (error.details or {}).get("writeErrors", [])
    if not wrong or any(one["code"] != DUPLICATE for one in wrong):
        raise error
    return wrong


def _digest(document: Document) -> str:
    text = json.dumps(document, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
