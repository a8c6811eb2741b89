"""A clock that lies is told, in figures and once in the log."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from bson.codec_options import CodecOptions
from prometheus_client import REGISTRY
from pymongo.errors import AutoReconnect

from service_kit import skew
from service_kit.documents import Client
from service_kit.skew import FLAGGED, LOOK_EVERY_SECONDS, STORE, Skews, compare_for_ever

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
Said = list[tuple[str, str, float]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Said:
    lines: Said = []

    class Log:
        def error(self, event: str, *, source: str, ahead_seconds: float) -> None:
            lines.append((f"error: {event}", source, ahead_seconds))

        def info(self, event: str, *, source: str, ahead_seconds: float) -> None:
            lines.append((f"info: {event}", source, ahead_seconds))

    monkeypatch.setattr(skew, "LOG", Log())
    return lines


class Watch:
    """A clock that moves a little with each look."""

    def __init__(self, step: timedelta = timedelta()) -> None:
        self.now, self._step = NOON, step

    def __call__(self) -> datetime:
        told, self.now = self.now, self.now + self._step
        return told


async def ahead_of(told: datetime | None, *, step: timedelta = timedelta()) -> dict[str, float]:
    skews = Skews(Watch(step))

    async def time_of() -> datetime | None:
        return told

    await skews.ask(STORE, time_of)
    return await skews.report()


@pytest.mark.parametrize("seconds", [-300.0, -2.5, 0.0, 0.4, 300.0])
async def test_how_far_we_are_ahead_is_told_with_its_sign(seconds: float) -> None:
    assert await ahead_of(NOON - timedelta(seconds=seconds)) == {STORE: seconds}
    assert REGISTRY.get_sample_value("siaga_clock_skew_seconds", {"source": STORE}) == seconds


async def test_it_is_told_to_the_millisecond() -> None:
    assert await ahead_of(NOON - timedelta(seconds=0.4321)) == {STORE: 0.432}


async def test_what_the_way_there_and_back_took_is_not_held_against_a_clock() -> None:
    eight = timedelta(seconds=8)
    assert await ahead_of(NOON + timedelta(seconds=8), step=eight) == {STORE: 0.0}
    assert await ahead_of(NOON + timedelta(seconds=300), step=eight) == {STORE: -296.0}


async def test_who_tells_no_time_is_not_compared() -> None:
    assert await ahead_of(None) == {}


async def test_it_is_said_once_that_a_clock_differs_and_once_that_it_agrees(said: Said) -> None:
    skews = Skews(Watch())
    for seconds in (0.1, -1.9, 300.0, 299.0, 0.2, 0.1):
        skews.note("trunk 53.03/pbx", timedelta(seconds=seconds))
    assert said == [
        ("error: clock.differs", "trunk 53.03/pbx", 300.0),
        ("info: clock.agrees", "trunk 53.03/pbx", 0.2),
    ]


def test_two_seconds_are_too_many_and_that_is_said_once(said: Said) -> None:
    skews = Skews(Watch())
    for _ in range(2):
        skews.note(STORE, FLAGGED)
    assert said == [("error: clock.differs", STORE, 2.0)]


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.0, 0.0), (4.9, 0.0), (5.0, 0.0), (5.1, 5.1), (-0.4, -0.4), (-30.0, -30.0)]
)
async def test_how_long_a_message_was_under_way_is_not_held_against_a_clock(
    seconds: float, told: float
) -> None:
    skews = Skews(Watch())
    skews.hear("trunk 53.03/pbx", NOON - timedelta(seconds=seconds))
    assert await skews.report() == {"trunk 53.03/pbx": told}


def test_a_source_that_tells_its_time_is_compared_at_once(said: Said) -> None:
    Skews(Watch()).hear("trunk 53.03/pbx", NOON - timedelta(minutes=4))
    assert said == [("error: clock.differs", "trunk 53.03/pbx", 240.0)]


class Answers:
    """A store that answers `hello` as it is told, and then is away for good."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.admin = self

    async def command(self, name: str, *, codec_options: CodecOptions[Any]) -> object:
        assert (name, codec_options.tz_aware) == ("hello", True)
        if not self._answers:
            raise ValueError("nobody asks any more")
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def compared(monkeypatch: pytest.MonkeyPatch, *answers: object) -> dict[str, float]:
    """Compare clocks until a question fails in a way that time does not heal."""
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    skews = Skews(Watch())
    with pytest.raises(ValueError, match="nobody asks"):
        await compare_for_ever(skews, cast("Client", Answers(*answers)))
    assert pauses == [LOOK_EVERY_SECONDS] * len(answers)
    return await skews.report()


async def test_the_store_is_asked_again_and_again_also_after_it_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ten = {"localTime": NOON - timedelta(seconds=10)}
    assert await compared(monkeypatch, {"localTime": NOON}, AutoReconnect("away"), ten) == {STORE: 10.0}


async def test_a_store_that_tells_no_time_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await compared(monkeypatch, {}, {"localTime": "noon"}) == {}
