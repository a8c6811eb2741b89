"""The recorded hour at another time."""

from pathlib import Path

import pytest

from siaga_demo.recording import Line, Recording, read_recording, shift_for

HOUR = Path(__file__).parents[1] / "pbx" / "hour" / "queue_log"
NOW = 1_800_000_000.7


def test_a_line_keeps_its_form_and_only_its_epochs_move() -> None:
    line = Line(1795418187, b"1795418187|1795418172.0|ttu112|Petugas 1|CONNECT|9|1795418178.2|9")
    assert line.shifted(100) == b"1795418287|1795418272.0|ttu112|Petugas 1|CONNECT|9|1795418278.2|9"


def test_milliseconds_and_telephone_numbers_do_not_move() -> None:
    line = Line(1795418210, b"1795418210|1795418185.7|kupang112|NONE|ENTERQUEUE||082100000110|1")
    assert b"|082100000110|1" in line.shifted(5)
    assert Line(7, b"7|1795418185.7|q|a|RINGNOANSWER|15000").shifted(1).endswith(b"|15000")


@pytest.mark.parametrize(("live", "edge"), [(True, "first_at"), (False, "last_at")])
def test_at_true_pace_the_hour_begins_now_and_faster_it_ends_now(live: bool, edge: str) -> None:
    recording = read_recording(HOUR)
    shift = shift_for(recording, NOW, live=live, earlier=())
    assert getattr(recording, edge) + shift == int(NOW)


def test_durations_of_the_recorded_hour_stay_true() -> None:
    recording = read_recording(HOUR)
    shift = shift_for(recording, NOW, live=False, earlier=())
    moved = [int(line.shifted(shift).partition(b"|")[0]) for line in recording.lines]
    assert [one - moved[0] for one in moved] == [line.at - recording.lines[0].at for line in recording.lines]
    assert max(moved) <= NOW


def test_no_call_id_of_a_new_hour_was_ever_given_before() -> None:
    recording = read_recording(HOUR)
    shifts: list[int] = []
    given: set[tuple[int, str]] = set()
    for start in range(0, 3_000, 7):  # hours that overlap in every way, the exchange's restart included
        shift = shift_for(recording, NOW + start, live=False, earlier=shifts)
        ids = {(epoch + shift, number) for epoch, number in recording.call_ids}
        assert not ids & given
        given |= ids
        shifts.append(shift)


def test_an_hour_whose_ids_would_clash_lies_a_second_earlier() -> None:
    restarted = Recording(
        (
            Line(100_000_000, b"100000000|100000000.1|q|NONE|X"),
            Line(100_000_050, b"100000050|100000050.1|q|NONE|X"),
        )
    )
    first = shift_for(restarted, NOW, live=False, earlier=())
    assert shift_for(restarted, NOW + 50, live=False, earlier=(first,)) == first + 49
