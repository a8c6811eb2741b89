"""Many batches are told with one commit, soon; what cannot be told waits, what is others' now is let go."""

import asyncio
from collections.abc import Mapping

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError

from service_kit import commits as room
from service_kit.commits import Commits

HERE, THERE = TopicPartition("call.updated", 0), TopicPartition("call.updated", 1)


class Broker:
    """A consumer that owns some partitions and notes each commit."""

    def __init__(self, *owned: TopicPartition) -> None:
        self.owned = set(owned)
        self.told: list[dict[TopicPartition, int]] = []
        self.away = False
        self.committed = asyncio.Event()

    def assignment(self) -> set[TopicPartition]:
        return self.owned

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.away:
            raise CommitFailedError
        self.told.append(dict(offsets))
        self.committed.set()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "EVERY_SECONDS", 0.01)


async def test_many_batches_are_one_commit_that_comes_by_itself() -> None:
    broker = Broker(HERE, THERE)
    commits = Commits(lambda: broker, group="test")
    for offset in (4, 7, 9):
        commits.note({HERE: offset})
    commits.note({THERE: 2})
    await asyncio.wait_for(broker.committed.wait(), 5)
    assert broker.told == [{HERE: 9, THERE: 2}]


async def test_what_could_not_be_told_is_told_when_the_broker_is_there_again() -> None:
    broker = Broker(HERE)
    broker.away = True
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    await commits.now()
    assert broker.told == []
    broker.away = False
    await asyncio.wait_for(broker.committed.wait(), 5)
    assert broker.told == [{HERE: 4}]


async def test_what_was_done_while_a_commit_was_under_way_waits_for_the_next() -> None:
    class Slow(Broker):
        async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
            if not self.told:
                commits.note({HERE: 8})
            await super().commit(offsets)

    broker = Slow(HERE)
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    await commits.now()
    await commits.now()
    assert broker.told == [{HERE: 4}, {HERE: 8}]


async def test_a_partition_that_others_have_taken_is_not_committed() -> None:
    broker = Broker(HERE)
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4, THERE: 5})
    await commits.give_up()
    broker.owned = {HERE, THERE}
    await commits.now()
    assert broker.told == [{HERE: 4}]


async def test_closing_tells_what_waits_and_leaves_no_task_behind() -> None:
    broker = Broker(HERE)
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    await commits.close()
    assert broker.told == [{HERE: 4}]
    assert asyncio.all_tasks() == {asyncio.current_task()}
