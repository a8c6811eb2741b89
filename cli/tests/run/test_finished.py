"""A run that shall end by itself ends when nothing is left, and not before."""

import json
from pathlib import Path
from typing import Any

import pytest

from siaga_cli.run.finished import is_idle, is_written

IDLE: dict[str, Any] = {
    "lag": {"call.received": 0},
    "outbox": {"calls": 0},
    "spool": {"facts": 0},
}


def test_a_service_without_lag_spool_and_outbox_is_idle() -> None:
    assert is_idle(IDLE)


@pytest.mark.parametrize(
    "busy",
    [
        {"lag": {"call.received": 1}},
        {"outbox": {"calls": 0, "tickets": 2}},
        {"outbox": None},
        {"lag": None},
        {"spool": {"facts": 3}},
        {"spool": 1},
        {"outbox": {"calls": 2}},
        {"outbox": {"calls": None}},
        {"lag": {"call.received": None}},
    ],
)
def test_a_service_that_has_work_or_cannot_tell_is_not_idle(busy: dict[str, Any]) -> None:
    assert not is_idle(IDLE | busy)


def test_a_replay_is_written_when_its_file_says_so(tmp_path: Path) -> None:
    state = tmp_path / "replay.json"
    assert not is_written(state)
    state.write_text(json.dumps({"finished": False}))
    assert not is_written(state)
    state.write_text(json.dumps({"finished": True}))
    assert is_written(state)
