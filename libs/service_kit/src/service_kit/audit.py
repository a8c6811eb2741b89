"""An append-only trail of who did what, each entry chained to the one before it by a hash.

A chain shows that something was changed or taken out, but its owner could forge the whole of it anew:
so heads are anchored elsewhere (`AuditTrail.head`) and given back to `verify`.
"""

import asyncio
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import bson
from bson.errors import BSONError
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from service_kit.documents import Collection, Document
from service_kit.transient import Away

MOST_WAITING = 10_000
"""Entries kept in memory while the store is away; beyond it nothing more is allowed to happen unrecorded."""

LARGEST_ENTRY_BYTES = 64 * 1024

Detail = str | int | bool | None | Sequence[str]


class TrailForked(Exception):
    """Another process writes under the same writer's name; give every start of a service its own."""


class DeedUnwritable(ValueError):
    """The store could never take this entry; in line it would hold up all that come after it."""


class TrailOverdue(Away):
    """The trail cannot be written now, so what it should record may not happen now."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did. Ids and words only: a trail outlives erasure, so personal data never enter it.

    Attributes:
        action: `noun.verb`, past tense.
        by: the subject of the principal, or the name of the service.
        subject: id of what it was done to.
    """

    action: str
    by: str
    tenant: str
    subject: str
    details: Mapping[str, Detail]


@dataclass(frozen=True, slots=True)
class Head:
    """The end of one writer's chain: enough to prove later that everything up to it is still there."""

    writer: str
    number: int
    hash: str


def writer_name(service: str) -> str:
    """Return a writer's name that no other process and no other start of the service will have."""
    return f"{service}-{uuid4().hex}"


class AuditTrail:
    """One writer's chain in a collection that several writers share.

    Entries that come together are written together. An entry whose writing failed stays in line and goes
    first at the next one, so a chain has no holes: the trail may say more than happened, never less.
    """

    def __init__(self, collection: Collection, writer: str) -> None:
        if not writer or "/" in writer:
            raise ValueError("a writer's name is not empty and holds no '/'")
        self._collection = durable(collection)
        self._tip = self._settled = Head(writer, 0, "")
        self._waiting: list[Document] = []
        self._turn = asyncio.Lock()

    async def append(
        self, action: str, by: str, tenant: str, subject: str, details: Mapping[str, Detail], now: datetime
    ) -> None:
        """Record one deed; it is safely down when this returns.

        Raises TrailOverdue or PyMongoError (try again), TrailForked, DeedUnwritable.
        """
        await self.append_many([Deed(action, by, tenant, subject, details)], now)

    async def append_many(self, deeds: Sequence[Deed], now: datetime) -> None:
        """Record several deeds with one write; all are safely down when this returns."""
        if len(self._waiting) + len(deeds) > MOST_WAITING:
            raise TrailOverdue("the audit trail's store is away and too much waits already; try again later")
        for deed in deeds:
            self._chain(deed, now)
        await self._write_up_to(self._tip.number)

    def head(self) -> Head:
        """Return the last entry that is safely down, to be anchored where this system cannot reach."""
        return self._settled

    def _chain(self, deed: Deed, now: datetime) -> None:
        number = self._tip.number + 1
        entry: Document = {
            "_id": _entry_name(self._tip.writer, number),
            "writer": self._tip.writer,
            "number": number,
            "previous": self._tip.hash,
            "at": now.astimezone(UTC).isoformat(timespec="milliseconds"),
            "action": deed.action,
            "by": deed.by,
            "tenant": deed.tenant,
            "subject": deed.subject,
            "details": dict(deed.details),
        }
        _refuse_unwritable(entry)
        entry["hash"] = _hash(entry)
        self._waiting.append(entry)
        self._tip = Head(self._tip.writer, number, entry["hash"])

    async def _write_up_to(self, number: int) -> None:
        """Write everything in line, unless somebody else just wrote ours along with theirs."""
        async with self._turn:
            if self._settled.number >= number:
                return
            batch = self._waiting.copy()
            await self._write(batch)
            del self._waiting[: len(batch)]
            self._settled = Head(batch[-1]["writer"], batch[-1]["number"], batch[-1]["hash"])

    async def _write(self, batch: list[Document]) -> None:
        try:
            await self._collection.insert_many(batch, ordered=True)
        except BulkWriteError:
            for entry in batch:
                await self._write_again(entry)

    async def _write_again(self, entry: Document) -> None:
        """Write an entry that may be down already, because an earlier answer got lost on its way."""
        try:
            await self._collection.insert_one(entry)
        except DuplicateKeyError as error:
            found = await self._collection.find_one({"_id": entry["_id"]})
            if found is None:
                raise TrailOverdue(f"audit entry {entry['_id']} is not settled yet; try again") from error
            if found["hash"] != entry["hash"]:
                raise TrailForked(f"audit entry {entry['_id']} was written by another process") from error


async def verify(collection: Collection, anchors: Iterable[Head] = ()) -> list[str]:
    """Return one sentence for each broken link, naming the entry; an empty list means all chains hold.

    With anchored heads it also shows chains that were cut off at their end, forged anew, or removed.
    """
    faults: list[str] = []
    wanted = {(anchor.writer, anchor.number): anchor.hash for anchor in anchors}
    last = Head("", 0, "")
    # Entry names begin with the writer and are of equal length per writer: this order is chain by chain.
    async for entry in durable(collection).find({}).sort("_id", 1):
        here = _head_of(entry)
        if here.writer != last.writer:
            last = Head(here.writer, 0, "")
        faults += _faults(entry, last)
        if wanted.pop((here.writer, here.number), here.hash) != here.hash:
            faults.append(f"{entry['_id']}: is not the entry that was anchored")
        last = here
    return faults + [f"{_entry_name(writer, number)}: was anchored and is gone" for writer, number in wanted]


def durable(collection: Collection) -> Collection:
    """Return the collection with majority writes, journal, and majority reads, however it was opened."""
    return collection.with_options(
        write_concern=WriteConcern(w="majority", j=True), read_concern=ReadConcern("majority")
    )


def _head_of(entry: Document) -> Head:
    """Read where an entry stands; what cannot be read stands nowhere and breaks its link."""
    number = entry.get("number")
    return Head(str(entry.get("writer")), number if isinstance(number, int) else -1, str(entry.get("hash")))


def _faults(entry: Document, last: Head) -> list[str]:
    here = _head_of(entry)
    checks = {
        "its content was changed": here.hash != _hash(entry),
        f"does not follow number {last.number}": here.number != last.number + 1,
        "does not carry the hash of the entry before it": entry.get("previous") != last.hash,
        "its name is not its writer's and number's": entry["_id"] != _entry_name(here.writer, here.number),
    }
    return [f"{entry['_id']}: {sentence}" for sentence, broken in checks.items() if broken]


def _refuse_unwritable(entry: Document) -> None:
    try:
        size = len(bson.encode(entry))
    except (BSONError, OverflowError, UnicodeError) as error:
        raise DeedUnwritable("a deed's words or numbers are not ones that the store can keep") from error
    if size > LARGEST_ENTRY_BYTES:
        raise DeedUnwritable(f"a deed has at most {LARGEST_ENTRY_BYTES} bytes")


def _entry_name(writer: str, number: int) -> str:
    return f"{writer}/{number:012}"


def _hash(entry: Document) -> str:
    """Hash everything an entry holds but its hash, in one spelling."""
    content = {name: value for name, value in entry.items() if name != "hash"}
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()
