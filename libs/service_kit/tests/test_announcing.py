"""Another log than the one that everything was told to: all is told again, and read again from its beginning."""

from typing import Any, cast

import pytest

from service_kit.announcing import Announcing
from service_kit.documents import Database, Document
from service_kit.relay import Relay
from service_kit.transient import Away


class Meta:
    """The one collection that is used, in memory."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    async def find_one(self, query: Document) -> Document | None:
        return self.documents.get(query["_id"])

    async def replace_one(self, query: Document, document: Document, *, upsert: bool) -> None:
        assert upsert
        self.documents[query["_id"]] = document


class World:
    """A broker with a cluster id, and what one process does when it looks at it."""

    def __init__(self, meta: Meta, replica: str | None = None) -> None:
        self.cluster, self.away = "first", False
        self.did: list[str] = []
        database = cast("Database", type("Base", (), {"get_collection": lambda *_: meta})())
        self.announcing = Announcing(
            cast("Relay", self),
            database,
            cluster=self._which,
            ensure_topics=self._topics,
            read_anew=lambda: self.did.append("read anew"),
            replica=replica,
        )

    async def _which(self) -> str:
        return self.cluster

    async def _topics(self) -> None:
        self.did.append("topics")

    async def announce(self, **_: Any) -> int:
        if self.away:
            raise Away("not acknowledged")
        self.did.append("announce")
        return 1

    async def begin(self) -> list[str]:
        """Begin a life; return what was done."""
        await self.announcing.begin()
        return list(self.did)

    async def look(self) -> list[str]:
        """Look once; return what was done."""
        self.did.clear()
        await self.announcing._look()
        return list(self.did)


@pytest.fixture
def meta() -> Meta:
    return Meta()


async def test_the_first_cluster_is_only_remembered(meta: Meta) -> None:
    world = World(meta)
    assert await world.look() == []
    assert await world.look() == []


async def test_another_cluster_is_told_everything_once_and_read_from_its_beginning(meta: Meta) -> None:
    world = World(meta)
    await world.look()
    world.cluster = "second"
    assert await world.look() == ["topics", "read anew", "topics", "announce"]
    assert await world.look() == []


async def test_a_cluster_that_did_not_take_everything_is_told_again(meta: Meta) -> None:
    world = World(meta)
    await world.look()
    world.cluster, world.away = "second", True
    with pytest.raises(Away):
        await world.look()
    world.away = False
    assert await world.look() == ["topics", "announce"]


async def test_a_replica_that_finds_everything_told_by_another_still_reads_anew(meta: Meta) -> None:
    one, other = World(meta), World(meta)
    await one.look()
    await other.look()
    one.cluster = other.cluster = "second"
    await one.look()
    assert await other.look() == ["topics", "read anew"]


async def test_a_process_that_was_not_there_tells_the_new_cluster_too(meta: Meta) -> None:
    await World(meta).look()
    late = World(meta)
    late.cluster = "second"
    assert await late.look() == ["topics", "announce"]


@pytest.mark.parametrize("replica", [None, "1"])
async def test_after_an_unclean_end_everything_unfinished_is_told_and_after_a_clean_one_nothing(
    meta: Meta, replica: str | None
) -> None:
    assert await World(meta, replica).begin() == []
    again = World(meta, replica)
    assert await again.begin() == ["announce"]
    await again.announcing.end()
    assert await World(meta, replica).begin() == []


async def test_a_replica_that_comes_or_goes_while_another_lives_changes_nothing_of_its_life(
    meta: Meta,
) -> None:
    assert await World(meta, "1").begin() == []
    second = World(meta)
    assert await second.begin() == []
    await second.announcing.end()
    assert await World(meta, "1").begin() == ["announce"]  # it was killed, whatever the second one did
