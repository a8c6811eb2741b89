"""Fakes that several of the kit's tests stand on."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from copy import deepcopy
from types import SimpleNamespace
from typing import Any, cast

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pymongo.errors import BulkWriteError, DuplicateKeyError

from service_kit import telemetry
from service_kit.documents import Database, Document


class FakeCursor:
    """What `find` returns: every document, in the order of one field."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents

    def sort(self, field: str, _direction: int) -> "FakeCursor":
        return FakeCursor(sorted(self._documents, key=lambda document: document[field]))

    async def __aiter__(self) -> AsyncIterator[Document]:
        for document in self._documents:
            yield document


class FakeCollection:
    """A collection in memory, as far as the vault and the audit trail use one."""

    def __init__(self, faults: list[Exception], calls: list[str]) -> None:
        self.documents: dict[str, Document] = {}
        self._faults, self._calls = faults, calls

    def with_options(self, **_options: object) -> "FakeCollection":
        return self

    async def find_one(self, query: Mapping[str, Any]) -> Document | None:
        await self._travel("find_one")
        return deepcopy(self.documents.get(query["_id"]))

    def find(self, _query: Mapping[str, Any]) -> FakeCursor:
        return FakeCursor(deepcopy(list(self.documents.values())))

    async def insert_one(self, document: Document) -> None:
        await self._travel("insert_one")
        self._fail_if_told()
        if document["_id"] in self.documents:
            raise DuplicateKeyError("E11000", 11000)
        self.documents[document["_id"]] = deepcopy(document)

    async def insert_many(self, documents: Sequence[Document], *, ordered: bool) -> None:
        await self._travel("insert_many")
        self._fail_if_told()
        for document in documents:
            if document["_id"] in self.documents:
                raise BulkWriteError({"writeErrors": [{"code": 11000}]})
            self.documents[document["_id"]] = deepcopy(document)

    async def replace_one(self, query: Mapping[str, Any], document: Document) -> SimpleNamespace:
        found = self.documents.get(query["_id"], {})
        matches = all(found.get(name) == value for name, value in query.items())
        if matches:
            self.documents[query["_id"]] = deepcopy(document)
        return SimpleNamespace(modified_count=int(matches), matched_count=int(matches))

    async def delete_one(self, query: Mapping[str, Any]) -> SimpleNamespace:
        return SimpleNamespace(deleted_count=int(self.documents.pop(query["_id"], None) is not None))

    async def _travel(self, call: str) -> None:
        """Let others run meanwhile, as a real store would."""
        self._calls.append(call)
        await asyncio.sleep(0)

    def _fail_if_told(self) -> None:
        if self._faults:
            raise self._faults.pop(0)


class FakeDatabase:
    """Collections that come into being when named."""

    def __init__(self, faults: list[Exception], calls: list[str]) -> None:
        self._collections: dict[str, FakeCollection] = {}
        self._faults, self._calls = faults, calls

    def __getitem__(self, name: str) -> FakeCollection:
        return self._collections.setdefault(name, FakeCollection(self._faults, self._calls))


@pytest.fixture
def faults() -> list[Exception]:
    """Errors that the fake store's next writes will raise, one each."""
    return []


@pytest.fixture
def calls() -> list[str]:
    """What the fake store was asked to do, in order."""
    return []


@pytest.fixture
def memory_database(faults: list[Exception], calls: list[str]) -> Database:
    """A database in memory; `database["x"].documents` shows what is in it."""
    return cast("Database", FakeDatabase(faults, calls))


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", provider)
    _forget_tracers()
    yield exporter
    monkeypatch.undo()
    _forget_tracers()


def _forget_tracers() -> None:
    """Have the kit look for its tracer again."""
    for kept in vars(telemetry).values():
        clear = getattr(kept, "cache_clear", None)
        if clear is not None:
            clear()
