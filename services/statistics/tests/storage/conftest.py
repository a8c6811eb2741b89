"""A store in memory, as far as generations and rebuilds use one."""

from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, cast

import pytest
from pymongo.errors import DuplicateKeyError

from service_kit.documents import Database, Document


def _fits(document: Document, query: Mapping[str, Any]) -> bool:
    for name, wanted in query.items():
        value = document.get(name)
        if isinstance(wanted, dict):
            if value is None or not value < wanted["$lt"]:
                return False
        elif value != wanted:
            return False
    return True


class MemoryCollection:
    """Documents by their id."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.documents: dict[str, Document] = {}

    async def create_indexes(self, _indexes: object) -> None:
        """Nothing is slow here."""

    async def find_one(self, query: Mapping[str, Any]) -> Document | None:
        return deepcopy(next((one for one in self.documents.values() if _fits(one, query)), None))

    async def find(self, query: Mapping[str, Any]) -> AsyncIterator[Document]:
        for one in list(self.documents.values()):
            if _fits(one, query):
                yield deepcopy(one)

    async def insert_one(self, document: Document) -> None:
        if document["_id"] in self.documents:
            raise DuplicateKeyError("E11000", 11000)
        self.documents[document["_id"]] = deepcopy(document)

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

    async def update_many(self, query: Mapping[str, Any], change: Mapping[str, Any]) -> None:
        for one in self.documents.values():
            if _fits(one, query):
                one.update(change["$set"])

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
