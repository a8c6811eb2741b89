"""A store in memory, as far as generations and rebuilds use one."""

from collections.abc import AsyncIterator, Mapping, Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, cast

import bson
import pytest
from bson.codec_options import CodecOptions
from pymongo import ReplaceOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from service_kit.documents import Database, Document


def _fits(document: Document, query: Mapping[str, Any]) -> bool:
    for name, wanted in query.items():
        value = document.get(name)
        if isinstance(wanted, dict):
            if value is None or not _within(value, wanted):
                return False
        elif value != wanted:
            return False
    return True


def _within(value: Any, wanted: Mapping[str, Any]) -> bool:
    if "$in" in wanted:
        return value in wanted["$in"]
    if "$gte" in wanted:
        return bool(wanted["$gte"] <= value <= wanted["$lte"])
    return bool(value < wanted["$lt"])


class MemoryCursor:
    """What `find` returns."""

    def __init__(self, found: list[Document]) -> None:
        self._found = found

    def sort(self, field: str, _direction: int) -> "MemoryCursor":
        self._found.sort(key=lambda one: str(one[field]))
        return self

    async def __aiter__(self) -> AsyncIterator[Document]:
        for one in self._found:
            yield deepcopy(one)


class MemoryCollection:
    """Documents by their id."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.documents: dict[str, Document] = {}

    async def create_indexes(self, _indexes: object) -> None:
        """Nothing is slow here."""

    async def find_one(self, query: Mapping[str, Any]) -> Document | None:
        return deepcopy(next((one for one in self.documents.values() if _fits(one, query)), None))

    def find(self, query: Mapping[str, Any], _fields: object = None) -> "MemoryCursor":
        return MemoryCursor([one for one in self.documents.values() if _fits(one, query)])

    async def delete_many(self, query: Mapping[str, Any]) -> None:
        for gone in [name for name, one in self.documents.items() if _fits(one, query)]:
            del self.documents[gone]

    async def insert_one(self, document: Document) -> None:
        if document["_id"] in self.documents:
            raise DuplicateKeyError("E11000", 11000)
        self.documents[document["_id"]] = deepcopy(document)

    async def insert_many(self, documents: Sequence[Mapping[str, Any]], *, ordered: bool) -> None:
        assert not ordered
        wrong = []
        for index, document in enumerate(documents):
            try:
                await self.insert_one(bson.decode(bson.encode(document), CodecOptions(tz_aware=True)))
            except DuplicateKeyError:
                wrong.append({"index": index, "code": 11000})
        if wrong:
            raise BulkWriteError({"writeErrors": wrong})

    async def bulk_write(self, changes: Sequence[ReplaceOne[Any]], *, ordered: bool) -> None:
        assert not ordered
        for one in changes:
            replacement: Document = bson.decode(bson.encode(one._doc), CodecOptions(tz_aware=True))
            await self.replace_one(one._filter, replacement)

    async def replace_one(self, query: Mapping[str, Any], document: Document) -> SimpleNamespace:
        found = self.documents.get(str(query["_id"]))
        fits = found is not None and _fits(found, query)
        if fits:
            self.documents[document["_id"]] = deepcopy(document)
        return SimpleNamespace(matched_count=int(fits))

    async def update_one(self, query: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        for one in self.documents.values():
            if _fits(one, query):
                one.update(change["$set"])
                return

    async def drop(self) -> None:
        self.documents.clear()
        self.dropped = True

    dropped = False


class MemoryDatabase:
    """Collections that come into being when named."""

    def __init__(self) -> None:
        self.collections: dict[str, MemoryCollection] = {}

    def get_collection(self, name: str) -> MemoryCollection:
        return self.collections.setdefault(name, MemoryCollection(name))

    async def list_collection_names(self) -> list[str]:
        return [name for name, one in self.collections.items() if one.documents]

    async def drop_collection(self, name: str) -> None:
        await self.collections[name].drop()


@pytest.fixture
def database() -> Database:
    """A database in memory."""
    return cast("Database", MemoryDatabase())
