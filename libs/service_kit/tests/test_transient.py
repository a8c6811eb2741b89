"""What means *away, try again*, and what will never work."""

import asyncio
from itertools import accumulate

import pytest
from aiokafka.errors import KafkaConnectionError
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
)
from structlog.testing import capture_logs

from service_kit.transient import Away, backoff, is_transient, until_it_works

AWAY = (
    Away("the broker"),
    AutoReconnect("the store"),
    KafkaConnectionError("the broker"),
    TimeoutError(),
    ConnectionResetError(),
)
IN_TROUBLE = (
    OperationFailure("internal server error", 1),  # what both embedded stores say once their disk was full
    OperationFailure("unknown", 8),
    OperationFailure("out of disk space", 14031),
    BulkWriteError({"writeErrors": [{"code": 11000}, {"code": 14031}]}),
)
NEVER = (
    OperationFailure("cannot index this", 2),
    OperationFailure("not authorized", 13),
    DuplicateKeyError("again", 11000),
    BulkWriteError({"writeErrors": [{"code": 11000}]}),
    ValueError("a bad record"),
)


@pytest.mark.parametrize("error", [*AWAY, *IN_TROUBLE], ids=repr)
def test_who_is_away_or_in_trouble_is_waited_for(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize("error", NEVER, ids=repr)
def test_what_will_never_work_is_not_waited_for(error: Exception) -> None:
    assert not is_transient(error)


def test_a_write_that_may_be_repeated_and_an_answer_that_came_too_late_are_waited_for() -> None:
    repeatable = OperationFailure("stepping down", 189, {"errorLabels": ["RetryableWriteError"]})
    assert is_transient(repeatable)
    assert is_transient(ExecutionTimeout("operation exceeded time limit", 50))
    assert not is_transient(OperationFailure("no", 2, {"errorLabels": ["AnotherLabel"]}))


class Naps:
    """Sleeps that take no time and are remembered; chance gives what the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, chance: float) -> None:
        self.taken: list[float] = []
        self.between: set[tuple[float, float]] = set()

        async def sleep(seconds: float) -> None:
            self.taken.append(seconds)

        def uniform(low: float, high: float) -> float:
            self.between.add((low, high))
            return low + chance * (high - low)

        monkeypatch.setattr("service_kit.transient.asyncio.sleep", sleep)
        monkeypatch.setattr("service_kit.transient.random.uniform", uniform)


async def test_each_wait_is_twice_as_long_up_to_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    naps, told = Naps(monkeypatch, chance=1.0), []
    async for waited in backoff():
        told.append(waited)
        if len(told) == 9:
            break
    assert naps.taken == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0])
    assert told == pytest.approx([0, *accumulate(naps.taken)])
    assert naps.between == {(0.5, 1.0)}


async def test_rounds_that_are_left_at_the_first_leave_the_loop_nothing_to_do() -> None:
    async for _ in backoff():
        break
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_is_away_is_tried_until_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    naps, outcomes = Naps(monkeypatch, chance=0.0), iter([AutoReconnect("away"), Away("away"), None])
    tries: list[object] = []

    async def step() -> None:
        tries.append(outcome := next(outcomes))
        if outcome is not None:
            raise outcome

    with capture_logs() as said:
        await until_it_works(step)
    assert len(tries) == 3
    assert naps.taken == pytest.approx([0.05, 0.1])
    assert [(one["event"], one["error"]) for one in said] == [
        ("service.waits_for_store", "AutoReconnect"),
        ("service.waits_for_store", "Away"),
    ]


async def test_what_will_never_work_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    naps = Naps(monkeypatch, chance=0.0)

    async def step() -> None:
        raise ValueError("never")

    with pytest.raises(ValueError, match="never"):
        await until_it_works(step)
    assert naps.taken == []
