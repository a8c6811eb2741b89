"""Plots are well-formed, true to their numbers, and quote whatever their names hold."""

from xml.etree import ElementTree as ET

import pytest

from bench.figures import Section
from bench.page import page
from bench.plot import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, bars, lines

SVG = "{http://www.w3.org/2000/svg}"


def test_a_line_goes_from_the_axes_to_the_largest_of_all_series() -> None:
    drawn = ET.fromstring(lines("Pace", {"a": [(0, 0), (10, 5)], "b": [(0, 2), (5, 10)]}, x="s", y="events"))
    first, second = (one.attrib["points"] for one in drawn.iter(f"{SVG}polyline"))
    assert first == f"{LEFT}.0,{HEIGHT - BOTTOM}.0 {WIDTH - RIGHT}.0,{(HEIGHT - BOTTOM + TOP) / 2}"
    assert second.endswith(f"{(LEFT + WIDTH - RIGHT) / 2},{TOP}.0")


def test_bars_are_as_long_as_their_values_the_largest_first() -> None:
    drawn = ET.fromstring(bars("Where it goes", {"kafka": 10.0, "store <1>": 40.0, "less": -1.0}, unit="ms"))
    lengths = [float(one.attrib["width"]) for one in drawn.iter(f"{SVG}rect")]
    assert lengths == [390.0, 97.5, 0.0]
    assert "store <1>" in {one.text for one in drawn.iter(f"{SVG}text")}


@pytest.mark.parametrize("drawing", [lines("Nothing", {}, x="s", y="n"), bars("Nothing", {}, unit="ms")])
def test_nothing_measured_is_an_empty_plot(drawing: str) -> None:
    assert ET.fromstring(drawing).tag == f"{SVG}svg"


def test_the_report_shows_a_sections_plots() -> None:
    section = Section("Costs", (), plots={"costs": "<svg/>"})
    assert "![Costs](costs.svg)" in page("Figures", {}, [section]).splitlines()
