"""Fills the store in bulk with documents that the product itself made: each copy has ids, number and time of its own.

Copies are made of the stored bytes, for what is changed in them keeps its length. What was sealed for the
first contact cannot be opened in a copy, and nothing here needs that.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from bson.raw_bson import RawBSONDocument
from pymongo import AsyncMongoClient

UUIDS = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NUMBERS = re.compile(rb"(?<=[A-Z]{3}-)[0-9]{8}-[0-9]{4}(?![0-9])")
COUNTED = re.compile(rb"[0-9]{14}(?=\|)")
DATED = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?=[.+])")
NEWEST_FIRST = 5 * 10**13
"""Keys that put the newest first count down from far beyond this, all others up to far below it."""

APART = timedelta(minutes=1)
"""Each copy is older than the one before by so much."""

AT_ONCE = 1_000
OURS = "siaga_"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The documents of one finished story in one collection, and every id that belongs to the story."""

    database: str
    collection: str
    documents: tuple[bytes, ...]
    ids: tuple[bytes, ...]


async def patterns(mongo_url: str, about: Sequence[str], *, only: str = "") -> list[Pattern]:
    """Find every document that names one of these ids, in every database of the services.

    Args:
        mongo_url: the store.
        about: a story's call and ticket.
        only: one collection's name, where the others are not wanted.
    """
    wanted = [one.encode() for one in about]
    async with _store(mongo_url) as client:
        found: list[tuple[str, str, tuple[bytes, ...]]] = []
        for database in [name for name in await client.list_database_names() if name.startswith(OURS)]:
            for name in await client[database].list_collection_names():
                if only in {"", name}:
                    raw = [bytes(one.raw) async for one in client[database][name].find()]
                    told = tuple(one for one in raw if any(id_ in one for id_ in wanted) and _is_its_own(one))
                    found += [(database, name, told)] if told else []
    ids = tuple(sorted({id_ for _, _, told in found for one in told for id_ in UUIDS.findall(one)}))
    return [Pattern(database, name, told, ids) for database, name, told in found]


def _store(url: str) -> AsyncMongoClient[RawBSONDocument]:
    """Open the store as the product does: what is filled in is as safe as what was saved (A8)."""
    return AsyncMongoClient(
        url,
        document_class=RawBSONDocument,
        retryWrites=False,
        w="majority",
        journal=True,
        readConcernLevel="majority",
    )


def _is_its_own(raw: bytes) -> bool:
    """Whether a document's own id names the story: an audit trail's line has another, and a chain no copies."""
    return UUIDS.search(str(RawBSONDocument(raw)["_id"]).encode()) is not None


async def fill(mongo_url: str, pattern: Sequence[Pattern], numbers: range) -> int:
    """Put one copy of the story for each number into the store; returns how many documents that were."""
    written = 0
    async with _store(mongo_url) as client:
        for one in pattern:
            collection = client[one.database][one.collection]
            each = max(1, AT_ONCE // len(one.documents))
            for begin in range(numbers.start, numbers.stop, each):
                some = range(begin, min(numbers.stop, begin + each))
                copies = [RawBSONDocument(raw) for number in some for raw in copied(one, number)]
                await collection.insert_many(copies, ordered=False)
                written += len(copies)
    return written


def copied(pattern: Pattern, number: int) -> Iterator[bytes]:
    """Give the documents of one copy, every id and ticket number in them changed alike."""
    others = {id_: str(uuid5(UUID(id_.decode()), str(number))).encode() for id_ in pattern.ids}
    stem, last = divmod(number, 10_000)
    ticket = f"{20_000_000 + stem:08d}-{last:04d}".encode()
    for raw in pattern.documents:
        renamed = UUIDS.sub(lambda found: others.get(found[0], found[0]), raw)
        yield _older(NUMBERS.sub(ticket, renamed), number * APART)


def _older(raw: bytes, by: timedelta) -> bytes:
    """Move the times in a document's keys and texts back."""
    milliseconds = by // timedelta(milliseconds=1)

    def counted(found: re.Match[bytes]) -> bytes:
        key = int(found[0])
        return f"{key + milliseconds if key > NEWEST_FIRST else key - milliseconds:014d}".encode()

    def dated(found: re.Match[bytes]) -> bytes:
        return (datetime.fromisoformat(found[0].decode()) - by).isoformat().encode()

    return DATED.sub(dated, COUNTED.sub(counted, raw))
