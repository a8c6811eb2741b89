"""A recording of rare events, its log rotated in the middle of a call; expected from the dialplan."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from intake.domain.call import Call
from intake.domain.queue_log import Reading
from shared_schemas.vocabulary import CallOutcome, EndedBy

Replay = Callable[..., list[Reading]]
CallsOf = Callable[[list[Reading]], dict[str, Call]]

ANSWERED, UNANSWERED = CallOutcome.ANSWERED, CallOutcome.UNANSWERED
ABANDONED, CALLER = CallOutcome.ABANDONED_IN_QUEUE, EndedBy.CALLER
PREFIX = "pbx-ntt-17954198"


@pytest.fixture
def calls(recordings: Path, replay: Replay, calls_of: CallsOf) -> dict[str, Call]:
    names = ["queue_log.0", "queue_log"]
    lines = b"".join((recordings / "rare" / name).read_bytes() for name in names).splitlines()
    return calls_of(replay(lines))


@pytest.mark.parametrize(
    ("call_id", "outcome", "detail", "queues", "agent", "waiting", "talking", "ended_by", "transfers"),
    [
        ("01.1", ANSWERED, "answered", "rujukan-rs siaga-112", "Yohanes Nahak", 7, 6, CALLER, 0),
        ("03.15", UNANSWERED, "exit_empty", "rujukan-rs", "", 10, None, None, 0),
        ("20.25", UNANSWERED, "withdrawn", "siaga-112", "", 14, None, None, 0),
        ("26.31", ANSWERED, "answered", "siaga-112", "Bpk. Agustinus (Regu B)", 4, 5, EndedBy.TRANSFER, 1),
        ("34.39", ABANDONED, "abandoned_in_queue", "siaga-112", "", 7, None, None, 0),
        ("60.47", ANSWERED, "answered", "siaga-112", "Yohanes Nahak", 7, 20, CALLER, 0),
        ("80.55", ANSWERED, "answered", "siaga-112", "Bpk. Agustinus (Regu B)", 5, 8, CALLER, 0),
        ("95.61", ANSWERED, "answered", "siaga-112", "Bpk. Agustinus (Regu B)", 19, 11, CALLER, 0),
    ],
)
def test_each_rare_call_is_told_as_the_dialplan_made_it(
    calls: dict[str, Call],
    call_id: str,
    outcome: CallOutcome,
    detail: str,
    queues: str,
    agent: str,
    waiting: int,
    talking: int | None,
    ended_by: EndedBy | None,
    transfers: int,
) -> None:
    call = calls[PREFIX + call_id]
    talked = None if talking is None else timedelta(seconds=talking)
    assert (call.outcome, call.detail, call.queues, call.agent) == (
        outcome, detail, tuple(queues.split()), agent,
    )  # fmt: skip
    assert (call.waiting, call.talking) == (timedelta(seconds=waiting), talked)
    assert (call.ended_by, call.transfers, call.notes) == (ended_by, transfers, ())


def test_the_recording_holds_these_eight_calls_and_no_other(calls: dict[str, Call]) -> None:
    assert len(calls) == 8


def test_an_overflow_into_a_second_queue_names_everyone_who_was_rung(calls: dict[str, Call]) -> None:
    rung = calls[f"{PREFIX}01.1"].agents_rung_without_answer
    assert rung == ("RSUD Kefamenanu", "Local/402@petugas")


def test_a_name_logged_beside_the_number_is_read(recordings: Path, replay: Replay) -> None:
    readings = replay((recordings / "rare" / "queue_log.0").read_bytes().splitlines())
    callers = [one.caller for reading in readings for one in reading.told if one.caller]
    assert ("081200088004", "Pak Tarik") in {(caller.number, caller.name) for caller in callers}


def test_every_line_of_the_recording_is_understood(recordings: Path, replay: Replay) -> None:
    for name in ("queue_log.0", "queue_log"):
        readings = replay((recordings / "rare" / name).read_bytes().splitlines())
        assert [reading for reading in readings if reading.unreadable] == []
