"""The replay: every line once, whatever interrupts it."""

from pathlib import Path

import pytest

from siaga_demo.recording import Line, Recording
from siaga_demo.replay import Hour, Pace, keep_hour, next_hour, read_hour, remaining, replay

NOW = 1_800_000_000.0
RECORDING = Recording(
    tuple(
        Line(at, f"{at}|{at}.{number}|ttu112|NONE|ENTERQUEUE||x|1".encode())
        for number, at in enumerate((1_000_000_000, 1_000_000_010, 1_000_000_030))
    )
)


def whole(hour: Hour) -> bytes:
    return b"".join(line.shifted(hour.shift) + b"\n" for line in RECORDING.lines)


@pytest.mark.parametrize("cut", range(0, 140, 3))
def test_a_replay_cut_at_any_byte_is_completed_without_a_repeat(cut: int) -> None:
    hour = Hour(shift=5, begins_at_byte=0, run="a")
    begun = whole(hour)[:cut]
    rest = b"".join(line for _, line in remaining(RECORDING, hour, begun))
    assert begun + rest == whole(hour)


def test_an_interrupted_hour_is_carried_on_by_the_next_run() -> None:
    kept = Hour(shift=5, begins_at_byte=0, run="first")
    assert next_hour(kept, RECORDING, now=NOW, live=False, written=40, run="second") == kept


def test_a_finished_hour_is_followed_by_a_new_one_only_in_the_next_run() -> None:
    kept = Hour(shift=5, begins_at_byte=0, run="first", finished=True)
    assert next_hour(kept, RECORDING, now=NOW, live=False, written=40, run="first") == kept
    new = next_hour(kept, RECORDING, now=NOW, live=False, written=40, run="second")
    assert (new.begins_at_byte, new.earlier, new.finished) == (40, (5,), False)


async def test_the_written_file_holds_both_hours_one_after_the_other(tmp_path: Path) -> None:
    target, state = tmp_path / "exchange" / "queue_log", tmp_path / "replay.json"
    await replay(RECORDING, target, state, speed=0, run="first")
    first = read_hour(state)
    await replay(RECORDING, target, state, speed=0, run="first")
    await replay(RECORDING, target, state, speed=0, run="second")
    second = read_hour(state)
    assert first is not None
    assert second is not None
    assert target.read_bytes() == whole(first) + whole(second)


async def test_a_cut_line_is_finished_where_it_stands(tmp_path: Path) -> None:
    target, state = tmp_path / "queue_log", tmp_path / "replay.json"
    hour = Hour(shift=7, begins_at_byte=4, run="first")
    keep_hour(state, hour)
    target.write_bytes(b"old\n" + whole(hour)[:50])
    await replay(RECORDING, target, state, speed=0, run="second")
    assert target.read_bytes() == b"old\n" + whole(hour)


def test_recorded_distances_are_divided_by_the_speed() -> None:
    pace = Pace(10, shift=-1_000_000_000)
    begun = pace._begun
    assert pace.wait(1_000_000_000, begun) == 0
    assert pace.wait(1_000_000_030, begun) == pytest.approx(3)


def test_no_line_is_written_before_its_own_time_has_come() -> None:
    pace = Pace(0, shift=0)
    assert pace.wait(1_900_000_000, NOW) == 1_900_000_000 - NOW
