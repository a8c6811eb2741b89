"""What several rooms of tests share: recordings, and facts made in one line."""

import itertools
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from intake.domain.call import Call, fold
from intake.domain.exchange_memory import Memory
from intake.domain.facts import CallKey, Fact, FactKind, Trunk, Witness
from intake.domain.queue_log import Exchange, Reading, read

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
TTU, KUPANG = Trunk("53.03", "pbx-ttu"), Trunk("53.71", "pbx-kupang")

Say = Callable[..., Fact]
Replay = Callable[..., list[Reading]]


@pytest.fixture
def recordings() -> Path:
    return Path(__file__).parents[3] / "demo" / "pbx"


@pytest.fixture
def exchange() -> Exchange:
    return Exchange(
        "pbx-ntt",
        {"ttu112": TTU, "kupang112": KUPANG, "siaga-112": TTU, "rujukan-rs": TTU},
    )


@pytest.fixture
def replay(exchange: Exchange) -> Replay:
    def replay_lines(lines: Iterable[bytes]) -> list[Reading]:
        memory, readings = Memory(), []
        for line in lines:
            memory = Memory.from_plain(memory.to_plain())
            memory, reading = read(memory, line, exchange=exchange, recorded_at=NOON)
            readings.append(reading)
        return readings

    return replay_lines


@pytest.fixture
def calls_of() -> Callable[[list[Reading]], dict[str, Call]]:
    def fold_by_call(readings: list[Reading]) -> dict[str, Call]:
        facts = sorted((one.fact for reading in readings for one in reading.told), key=lambda fact: fact.call)
        grouped = itertools.groupby(facts, key=lambda fact: fact.call)
        return {key.exchange_call_id: fold(list(told)) for key, told in grouped}

    return fold_by_call


@pytest.fixture
def say() -> Say:
    """Make a fact that happened some seconds after noon."""
    counter = itertools.count()

    def make(kind: FactKind, seconds: float = 0, **known: Any) -> Fact:
        at = NOON + timedelta(seconds=seconds)
        call = CallKey("53.03", "pbx-ttu", known.pop("call_id", "1795418172.0"))
        witness = known.pop("witness", Witness.QUEUE_LOG)
        known = {name: timedelta(seconds=v) if name in DURATIONS else v for name, v in known.items()}
        made = Fact(
            id=f"{kind}-{next(counter)}",
            call=call,
            kind=kind,
            witness=witness,
            occurred_at=at,
            recorded_at=at,
        )
        return replace(made, **known)

    return make


DURATIONS = {"waiting", "talking", "ringing"}
