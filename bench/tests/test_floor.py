"""The floor does what the product does with a batch, and nothing more."""

import asyncio
from dataclasses import dataclass, field

import pytest
from aiokafka import TopicPartition

from bench.floor import bare
from bench.floor.bare import Bare, Document

PLACE = TopicPartition("floor.call.received", 0)


@dataclass(frozen=True)
class Record:
    key: bytes
    offset: int
    topic: str = PLACE.topic
    headers: tuple[tuple[str, bytes], ...] = field(default=())
    value: bytes = b"{}"


def record(key: str, subject: str, offset: int) -> Record:
    headers = (("ce_source", b"intake"), ("ce_subject", subject.encode()))
    value = f'{{"offset": {offset}}}'.encode()
    return Record(key.encode(), offset, headers=headers, value=value)


async def test_of_each_subject_the_newest_is_taken_and_keys_keep_their_order() -> None:
    taken: list[int] = []

    async def take(topic: str, body: Document) -> None:
        assert topic == "call.received"
        taken.append(body["offset"])

    told = [record("a", "call/a", 1), record("b", "call/b", 2), record("a", "ticket/a", 3)]
    await bare.take_batch([*told, record("a", "call/a", 4)], take)
    assert sorted(taken) == [2, 3, 4]
    assert taken.index(3) < taken.index(4)


class Consumer:
    """Has some batches, then none for ever."""

    def __init__(self, *_: object, **__: object) -> None:
        self.batches = [{PLACE: [record(str(at), str(at), at)]} for at in range(50)]
        self.asked = 0
        self.committed: list[dict[TopicPartition, int]] = []
        BUILT.append(self)

    async def start(self) -> None:
        """Join."""

    async def getmany(self, **_: object) -> dict[TopicPartition, list[Record]]:
        self.asked += 1
        if not self.batches:
            await asyncio.Event().wait()
        return self.batches.pop(0)

    async def commit(self, done: dict[TopicPartition, int]) -> None:
        self.committed.append(dict(done))
        COMMITTED.set()


BUILT: list[Consumer] = []
COMMITTED = asyncio.Event()


async def test_batches_are_taken_without_a_pause_and_committed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("MONGO_URL", "mongodb://127.0.0.1:1")
    monkeypatch.setattr(bare, "AIOKafkaConsumer", Consumer)
    monkeypatch.setattr(Bare, "say_ready", lambda *_: None)
    program, taken = Bare("test"), list[int]()

    async def take(_: str, body: Document) -> None:
        taken.append(body["offset"])

    hearing = asyncio.create_task(program.hear(["call.received"], take))
    async with asyncio.timeout(5):
        await COMMITTED.wait()
    hearing.cancel()
    assert taken == list(range(50))
    assert BUILT[0].committed == [{PLACE: 50}]
