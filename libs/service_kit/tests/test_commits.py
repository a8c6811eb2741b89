"""Many batches are told with one commit, soon; what cannot be told waits, what is others' now is let go."""

import asyncio
from collections.abc import Mapping
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CommitFailedError, KafkaConnectionError

from service_kit import commits as room
from service_kit.commits import Commits

HERE, THERE = TopicPartition("call.updated", 0), TopicPartition("call.updated", 1)


class Broker:
    """A consumer that owns some partitions and notes each commit."""

    def __init__(self, *owned: TopicPartition) -> None:
        self.owned = set(owned)
        self.told: list[dict[TopicPartition, int]] = []
        self.trouble: Exception | None = None
        self.committed = asyncio.Event()
        self._coordinator = SimpleNamespace(generation=3)

    def assignment(self) -> set[TopicPartition]:
        return self.owned

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.trouble is not None:
            raise self.trouble
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
    broker.trouble = KafkaConnectionError()
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    await commits.now()
    assert broker.told == []
    broker.trouble = None
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


async def test_an_offset_of_before_a_partition_went_away_does_not_set_it_back_when_it_comes_home() -> None:
    broker = Broker(HERE)
    commits = Commits(lambda: broker, group="test")
    commits.note({THERE: 5})
    await commits.now()
    broker.owned = {HERE, THERE}
    await commits.now()
    assert broker.told == []


async def test_who_is_no_member_any_more_commits_nothing_of_before() -> None:
    broker = Broker(HERE)
    broker.trouble = CommitFailedError()
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    await commits.now()
    broker.trouble = None
    await commits.give_up()
    assert broker.told == []


async def test_to_a_group_that_the_broker_has_forgotten_offsets_of_its_lost_log_are_not_told() -> None:
    broker = Broker(HERE)
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    broker._coordinator.generation = -1  # a heartbeat learned of it first
    await commits.give_up()
    assert broker.told == []


async def test_a_broker_that_never_answers_holds_nobody_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(Broker):
        async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr(room, "ANSWER_SECONDS", 0.02)
    silent = Silent(HERE)
    commits = Commits(lambda: silent, group="test")
    commits.note({HERE: 4})
    await asyncio.wait_for(commits.close(), 5)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_closing_tells_what_waits_and_leaves_no_task_behind() -> None:
    broker = Broker(HERE)
    commits = Commits(lambda: broker, group="test")
    commits.note({HERE: 4})
    await commits.close()
    assert broker.told == [{HERE: 4}]
    assert asyncio.all_tasks() == {asyncio.current_task()}
