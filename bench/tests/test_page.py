"""The report as people read it."""

import pytest

from bench.figures import Figure, Section, milliseconds, where_time_goes
from bench.page import page, verdicts

MET = Figure("speed", "9 ms", "≤ 10 ms", met=True)
MISSED = Figure("memory", "120 MB", "≤ 110 MB", met=False, reason="argon2")
TOLD = Figure("stage", "3 ms")


def test_verdicts_count_goals_and_name_what_was_missed() -> None:
    assert (
        verdicts([Section("a", (MET, TOLD)), Section("b", (MISSED,))]) == "1 of 2 goals met; missed: memory."
    )
    assert verdicts([Section("a", (MET, TOLD))]) == "1 of 1 goals met."


def test_a_figure_stands_beside_its_goal_and_its_reason() -> None:
    text = page("Figures", {"machine": "small"}, [Section("Memory", (MISSED, TOLD), ("One note.",))])
    assert "| machine | small |" in text
    assert "| memory | 120 MB | ≤ 110 MB | missed | argon2 |" in text
    assert "| stage | 3 ms | – | – | – |" in text
    assert text.endswith("- One note.\n")


def test_a_bar_in_a_text_does_not_end_its_cell() -> None:
    assert "a \\| b" in page("Figures", {"odd": "a | b"}, [])


@pytest.mark.parametrize(("seconds", "written"), [(0.00123, "1.2 ms"), (0.0999, "99.9 ms"), (1.5, "1500 ms")])
def test_times_are_written_as_finely_as_they_deserve(seconds: float, written: str) -> None:
    assert milliseconds(seconds) == written


def test_where_time_goes_begins_with_the_largest_share() -> None:
    assert where_time_goes({"bus": 1.0, "store": 3.0}) == "store 75%; bus 25%"
    assert where_time_goes({}) == where_time_goes({"bus": 0.0}) == ""
