"""A document that no code can read is passed over when all is told again: every start after a kill tells it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast

import pytest

from service_kit.clock import utc_now
from service_kit.documents import Database, Document
from service_kit.store import Aggregate, AggregateStore


@dataclass(frozen=True, slots=True)
class Note:
    text: str


class Notes:
    """A collection that is its own database."""

    def __init__(self, *documents: Document) -> None:
        self.documents = documents

    def get_collection(self, _: str) -> "Notes":
        return self

    async def find(self, _: Document) -> AsyncIterator[Document]:
        for one in self.documents:
            yield one


def document(note: str, **news: Any) -> Document:
    return {"_id": note, "tenant": "53.03", "version": 1, "state": {"text": "x"}, **news}


BROKEN: dict[str, Document] = {
    "no state": {"_id": "b", "tenant": "53.03"},
    "a state of something else": document("b", state={"colour": 7}),
    "a state that is none": document("b", state=None),
    "a timeline that is none": document("b", timeline=[17]),
}


@pytest.mark.parametrize("kind", BROKEN)
async def test_the_walk_goes_on_behind_it_and_says_so(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    aggregate = Aggregate(
        "notes", Note, source="notes", kind="note", key=lambda one: one.text, body=cast("Any", None)
    )
    notes = cast("Database", Notes(document("a"), BROKEN[kind], document("c")))
    store = AggregateStore(notes, aggregate, ships=cast("Any", None), clock=utc_now)
    assert [kept.id async for kept in store.everything(unfinished_only=True)] == ["a", "c"]
    said = capsys.readouterr()
    assert "state.unreadable" in said.out + said.err
