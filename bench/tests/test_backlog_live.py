"""What catching up beside live calls is told to be, from several turns."""

from dataclasses import replace

from bench.backlog_live import CaughtUp, since
from bench.backlog_live_figures import live_catch_up_section
from bench.exchange import Acknowledged
from bench.figures import Figure
from bench.progress import Pace, Seen, Spent, pace_of
from bench.tests.test_load_figures import GOOD

LOOKS = (Seen(0.0, 100), Seen(1.0, 200))


def caught(triage: float, floor: float) -> CaughtUp:
    paces = {"triage": Pace(triage, Spent()), "statistics": Pace(900.0, Spent())}
    return CaughtUp(1_000, GOOD, paces, dict.fromkeys(paces, LOOKS), Pace(floor, Spent()))


def told(turns: list[CaughtUp]) -> dict[str, Figure]:
    return {figure.name: figure for figure in live_catch_up_section(turns).figures}


def test_only_a_service_whose_work_the_floor_does_is_told_in_parts_of_it() -> None:
    figures = told([caught(300, 400), caught(200, 400), caught(100, 400)])
    assert figures["triage beside live calls ÷ bare loop alone"].value == "0.50 (0.25–0.75)"
    assert figures["triage catching up beside live calls"].value == "200 (100–300) events/s"
    assert [name for name in figures if "÷" in name] == ["triage beside live calls ÷ bare loop alone"]
    assert "floor" not in figures["statistics catching up beside live calls"].reason


def test_live_calls_are_inside_the_limits_only_where_they_were_in_every_turn() -> None:
    name, good = "live calls meanwhile: acknowledgement", caught(1, 1)
    slow = replace(good, live=replace(GOOD, acknowledged=(Acknowledged("ringing", 0.300, 0.0, 202),)))
    assert told([good, good, good])[name].verdict == "met"
    assert told([good, good, slow])[name].verdict == "missed"
    assert told([good, good, slow])[name].value == "p99 20.0 ms (20.0 ms–300 ms)"


def test_what_was_done_before_the_backlog_is_no_progress() -> None:
    looks = [Seen(0, 0), Seen(1, 50), Seen(60, 50), Seen(61, 150), Seen(62, 250)]
    assert pace_of(since(50, looks)).events_per_second == 100
