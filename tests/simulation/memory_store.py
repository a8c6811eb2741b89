"""A database as one process sees it: PyMongo's words over the disk in memory, each a step that can fail."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from pymongo import IndexModel, ReplaceOne, UpdateOne
from pymongo.errors import AutoReconnect, BulkWriteError, DuplicateKeyError

from tests.simulation.documents import Documents, Watch
from tests.simulation.process import Life
from tests.simulation.queries import Document, NotAskedYet, matches

Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Result:
    """What a write tells."""

    matched_count: int = 0


class Disk:
    """All collections of one service; it outlives its processes."""

    def __init__(self, watch: Watch, age: int = 0) -> None:
        self._watch, self._age = watch, age
        self.collections: dict[str, Documents] = {}

    def collection(self, name: str) -> Documents:
        """Return a collection, made when first named."""
        if name not in self.collections:
            self.collections[name] = Documents(name, self._watch, self._age)
        return self.collections[name]


class MemoryDatabase:
    """The disk as one process reaches it."""

    def __init__(self, disk: Disk, life: Life) -> None:
        self._disk = disk
        self._life = life

    def get_collection(self, name: str) -> "MemoryCollection":
        """Return a collection."""
        return MemoryCollection(self._disk.collection(name), self._life)


class MemoryCollection:
    """One collection as one process reaches it."""

    def __init__(self, documents: Documents, life: Life) -> None:
        self.name = documents.name
        self._documents = documents
        self._life = life

    def __hash__(self) -> int:
        return hash(self.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MemoryCollection) and other.name == self.name

    async def create_indexes(self, models: Sequence[IndexModel]) -> None:
        """Note what is looked for."""
        self._documents.index(models)

    async def find_one(self, query: Mapping[str, Any]) -> Document | None:
        """Return a copy of the first document that matches."""
        return await self._do("find_one", lambda: self._first(query))

    def find(self, query: Mapping[str, Any], fields: Mapping[str, int] | None = None) -> "Cursor":
        """Return copies of all that match, or only some of their fields."""
        return Cursor(self, query, tuple(fields or ()))

    async def count_documents(self, query: Mapping[str, Any]) -> int:
        """Count what matches."""
        return await self._do("count", lambda: len(self._documents.ids(query)))

    async def insert_one(self, document: Document) -> Result:
        """Keep a new document. Raises DuplicateKeyError."""

        def insert() -> Result:
            if self._documents.look(document["_id"]) is not None:
                raise DuplicateKeyError("E11000", 11000)
            self._documents.put(document)
            return Result()

        return await self._do("insert", insert)

    async def replace_one(
        self, query: Mapping[str, Any], document: Document, *, upsert: bool = False
    ) -> Result:
        """Replace the document that matches."""

        def replace() -> Result:
            found = self._documents.look(query["_id"])
            if found is None and upsert:
                self._documents.put(document)
                return Result()
            if found is None or not matches(found, query):
                return Result()
            self._documents.put(document)
            return Result(1)

        return await self._do("replace", replace)

    async def bulk_write(self, updates: Sequence[UpdateOne | ReplaceOne[Document]], *, ordered: bool) -> None:
        """Take sent events out of outboxes, or keep rows if they are newer; any part may be done."""
        assert not ordered
        wrong = []
        for place, update in enumerate(updates):
            if isinstance(update, UpdateOne):
                await self._do("mark", lambda update=update: self._pull(update))  # type: ignore[misc]
            elif not await self._do("replace", lambda update=update: self._renew(update)):  # type: ignore[misc]
                wrong.append({"index": place, "code": 11000})
        if wrong:
            raise BulkWriteError({"writeErrors": wrong})

    def _renew(self, update: "ReplaceOne[Document]") -> bool:
        """Replace the document that matches, or keep a new one; False where there is one that does not match."""
        found = self._documents.look(update._filter["_id"])
        if found is not None and not matches(found, update._filter):
            return False
        self._documents.put(cast("Document", update._doc))
        return True

    def _pull(self, update: UpdateOne) -> None:
        query, change = update._filter, cast("Document", update._doc)
        if set(change) != {"$pull"} or set(change["$pull"]) != {"outbox"}:
            raise NotAskedYet(f"update {change}")
        document = self._documents.look(query["_id"])
        if document is not None:
            gone = change["$pull"]["outbox"]["id"]["$in"]
            left = [one for one in document["outbox"] if one["id"] not in gone]
            self._documents.put({**document, "outbox": left})

    def _first(self, query: Mapping[str, Any]) -> Document | None:
        ids = self._documents.ids(query)
        return self._documents.get(ids[0]) if ids else None

    async def _do(self, what: str, effect: Callable[[], Kept]) -> Kept:
        return await self._life.act(f"{what} {self.name}", effect, AutoReconnect)


class Cursor:
    """What `find` returns."""

    def __init__(
        self, collection: MemoryCollection, query: Mapping[str, Any], fields: tuple[str, ...]
    ) -> None:
        self._collection, self._query, self._fields = collection, query, fields
        self._sort: str | None = None
        self._limit: int | None = None

    def sort(self, name: str, _direction: int) -> "Cursor":
        """Order by one field, ascending."""
        self._sort = name
        return self

    def limit(self, most: int) -> "Cursor":
        """Take no more than so many."""
        self._limit = most
        return self

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in await self._collection._do("find", self._found):
            yield document

    def _found(self) -> list[Document]:
        documents = self._collection._documents
        ids = documents.ids(self._query)
        if self._sort is not None:
            ids.sort(key=lambda id_: _place(documents.look(id_), self._sort))
        return [one for id_ in ids[: self._limit] if (one := documents.get(id_, self._fields)) is not None]


def _place(document: Document | None, field: str | None) -> Any:
    value: Any = document
    for part in (field or "").split("."):
        items = value if isinstance(value, list) else [value]
        value = min((item[part] for item in items if item and item.get(part) is not None), default=None)
    return value
