"""The store's disk: documents as BSON, so that they come back as a real store would give them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions
from pymongo import IndexModel

from tests.simulation.queries import Document, matches, values_of

OPTIONS: CodecOptions[Document] = CodecOptions(tz_aware=True)
TIMES = ("next_due_at", "outbox.at")
"""Times by which services look for work: the documents that have one are few."""
PLACES = ("_id", "tenant", "traceparent")
"""What is asked of a due document: plain words, which need no copy."""

Watch = Callable[[str, Document | None, Document, bytes], None]
"""Told of each write: the collection, the document before and now, and how it lies on the disk."""


class Documents:
    """One collection; it outlives every process that writes to it."""

    def __init__(self, name: str, watch: Watch, age: int = 0) -> None:
        """Documents are born with `age` versions behind them, as if they had been saved so often."""
        self.name = name
        self._age = age
        self._watch = watch
        self._kept: dict[str, bytes] = {}
        self._seen: dict[str, Document] = {}
        self._timed: dict[str, dict[str, datetime]] = {field: {} for field in TIMES}
        self._indexed: dict[str, dict[Any, dict[str, None]]] = {}

    def __len__(self) -> int:
        return len(self._kept)

    def index(self, models: Iterable[IndexModel]) -> None:
        """Find documents faster by the fields of these indexes."""
        names = {name for model in models for name in model.document["key"]} - {*TIMES, "tenant"}
        for name in names - self._indexed.keys():
            by_value: dict[Any, dict[str, None]] = defaultdict(dict)
            for id_, document in self._seen.items():
                by_value[_hashable(document.get(name))][id_] = None
            self._indexed[name] = by_value

    def get(self, id_: str, fields: tuple[str, ...] = ()) -> Document | None:
        """Return a fresh copy, or only some fields of it."""
        if fields == PLACES and id_ in self._seen:
            seen = self._seen[id_]
            return {name: seen[name] for name in fields if name in seen}
        raw = self._kept.get(id_)
        found = None if raw is None else bson.decode(raw, OPTIONS)
        return {name: found[name] for name in fields if name in found} if found and fields else found

    def look(self, id_: str) -> Document | None:
        """Return the document for reading only."""
        return self._seen.get(id_)

    def everything(self) -> Iterable[Document]:
        """Return all documents for reading only."""
        return self._seen.values()

    def put(self, document: Document) -> None:
        """Keep a document, new or in the place of the old one; nobody changes it any more."""
        id_ = document["_id"]
        if self._age and document.get("version") == 1:
            document = {**document, "version": 1 + self._age}
        raw = bson.encode(document, codec_options=OPTIONS)
        before = self._seen.get(id_)
        self._kept[id_], self._seen[id_] = raw, document
        self._sort_in(id_, before, document)
        self._watch(self.name, before, document, raw)

    def drop(self, id_: str) -> None:
        """Forget a document."""
        before = self._seen.pop(id_, None)
        if self._kept.pop(id_, None) is not None:
            self._sort_in(id_, before, {})

    def ids(self, query: Mapping[str, Any]) -> list[str]:
        """Return what matches, in the order of its making."""
        return [id_ for id_ in self._candidates(query) if matches(self._seen[id_], query)]

    def earliest(self, field: str) -> datetime | None:
        """Return the earliest of one of the times of `TIMES`."""
        return min(self._timed[field].values(), default=None)

    def _sort_in(self, id_: str, before: Document | None, now: Document) -> None:
        for field, timed in self._timed.items():
            times = [value for value in values_of(now, field) if value is not None]
            if times:
                timed[id_] = min(times)
            else:
                timed.pop(id_, None)
        for field, by_value in self._indexed.items():
            was, is_now = _hashable((before or {}).get(field)), _hashable(now.get(field))
            if before is None or was != is_now:
                by_value[was].pop(id_, None)
                by_value[is_now][id_] = None

    def _candidates(self, query: Mapping[str, Any]) -> Iterable[str]:
        if isinstance(query.get("_id"), str):
            return [query["_id"]] if query["_id"] in self._seen else []
        for field in TIMES:
            if field in query:
                return list(self._timed[field])
        known = [
            self._indexed[name].get(value, {})
            for name, value in query.items()
            if name in self._indexed and isinstance(value, str | bool)
        ]
        return list(min(known, key=len, default=self._seen))


def _hashable(value: Any) -> Any:
    return value if isinstance(value, str | int | bool | datetime | type(None)) else None
