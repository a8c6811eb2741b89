"""A recorded hour of a centre, read from its queue log, against what really happened."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from intake.domain.call import Call
from intake.domain.queue_log import Reading
from shared_schemas.vocabulary import CallOutcome, CallStage, EndedBy

WHOLE_SECONDS = 1.5
ENDED_BY = {
    "caller": EndedBy.CALLER,
    "agent": EndedBy.AGENT,
    "transfer": EndedBy.TRANSFER,
    "cut_by_restart": EndedBy.PBX_RESTART,
    None: None,
}


@pytest.fixture
def readings(recordings: Path, replay: Callable[..., list[Reading]]) -> list[Reading]:
    return replay((recordings / "hour" / "queue_log").read_bytes().splitlines())


@pytest.fixture
def calls(readings: list[Reading], calls_of: Callable[[list[Reading]], dict[str, Call]]) -> dict[str, Call]:
    return calls_of(readings)


@pytest.fixture
def truth(recordings: Path) -> list[dict[str, Any]]:
    lines = (recordings / "hour" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [one for one in map(json.loads, lines) if "queue_log" in one["seen_by"]]


def seconds(call: Call, name: str) -> float | None:
    value = getattr(call, name)
    return None if value is None else float(value.total_seconds())


def is_close(ours: float | None, true: float | None) -> bool:
    return ours == true if ours is None or true is None else abs(ours - true) <= WHOLE_SECONDS


def test_every_call_that_the_log_can_know_is_there_once(
    calls: dict[str, Call], truth: list[dict[str, Any]]
) -> None:
    assert len(truth) == 171
    assert set(calls) == {one["uniqueid"] for one in truth}
    assert {call.stage for call in calls.values()} == {CallStage.ENDED}


def test_every_call_has_its_true_outcome_and_detail(
    calls: dict[str, Call], truth: list[dict[str, Any]]
) -> None:
    ours = {name: (call.outcome, call.detail) for name, call in calls.items()}
    assert ours == {one["uniqueid"]: (one["outcome"], one["detail"]) for one in truth}


def test_waiting_talking_and_beginning_are_true_to_the_second(
    calls: dict[str, Call], truth: list[dict[str, Any]]
) -> None:
    wrong = [
        (one["uniqueid"], one["wait_seconds"], one["talk_seconds"])
        for one in truth
        for call in [calls[one["uniqueid"]]]
        if not is_close(seconds(call, "waiting"), one["wait_seconds"])
        or not is_close(seconds(call, "talking"), one["talk_seconds"])
        or not is_close(call.started_at.timestamp(), one["started_at"])
    ]
    assert wrong == []


def test_the_agent_the_queue_and_who_ended_are_true(
    calls: dict[str, Call], truth: list[dict[str, Any]]
) -> None:
    ours = {name: (call.agent, call.queue, call.ended_by) for name, call in calls.items()}
    assert ours == {
        one["uniqueid"]: (one["agent"] or "", one["queue"], ENDED_BY[one["ended_by"]]) for one in truth
    }


def test_agents_who_were_rung_in_vain_are_named_in_order(
    calls: dict[str, Call], truth: list[dict[str, Any]]
) -> None:
    ours = {name: list(call.agents_rung_without_answer) for name, call in calls.items()}
    assert ours == {one["uniqueid"]: one["agents_rung_without_answer"] for one in truth}


def test_the_restart_cuts_fourteen_calls_and_no_other(calls: dict[str, Call]) -> None:
    cut = [
        call
        for call in calls.values()
        if call.detail == "cut_in_queue" or call.ended_by is EndedBy.PBX_RESTART
    ]
    assert Counter(call.outcome for call in cut) == {CallOutcome.UNANSWERED: 10, CallOutcome.ANSWERED: 4}


def test_nothing_in_the_hour_is_doubted(calls: dict[str, Call]) -> None:
    assert {note for call in calls.values() for note in call.notes} == set()


def test_each_tenant_has_its_own_queue_only(calls: dict[str, Call]) -> None:
    assert {(call.key.tenant, call.queue) for call in calls.values()} == {
        ("53.03", "ttu112"),
        ("53.71", "kupang112"),
    }


def test_lines_that_say_nothing_of_calls_are_counted_and_the_custom_one_is_kept(
    readings: list[Reading],
) -> None:
    assert [reading.unreadable for reading in readings if reading.unreadable] == ["unknown_kind"]
    assert Counter(reading.counted for reading in readings if reading.counted) == {
        "PAUSE": 5, "UNPAUSE": 6, "PAUSEALL": 1, "UNPAUSEALL": 1, "ADDMEMBER": 3, "REMOVEMEMBER": 3,
        "PENALTY": 1, "CONFIGRELOAD": 1, "QUEUESTART": 2,
    }  # fmt: skip


def test_reading_the_log_again_from_the_start_changes_no_call(
    recordings: Path,
    replay: Callable[..., list[Reading]],
    calls: dict[str, Call],
    calls_of: Callable[[list[Reading]], dict[str, Call]],
) -> None:
    lines = (recordings / "hour" / "queue_log").read_bytes().splitlines()
    assert calls_of(replay(lines) + replay(lines)) == calls
