"""`siaga recap`: figures with definitions, sums that are checked, and what no source could see."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from cli.tests.commands.fakes import System, Terminal
from siaga_cli.commands.shown.formulas import formula
from siaga_cli.wording import text
from statistics_service.domain.indicators import INDICATORS

PATH = "/v1/tenants/53.03/recaps/2026-11"


def figure(indicator: str, value: float | None, **more: Any) -> dict[str, Any]:
    return {"indicator": indicator, "value": value, "of": "", "met": None, **more}


def told(*, adds_up: bool = True) -> dict[str, Any]:
    figures = [
        figure("calls_received", 10),
        figure("calls_by_class", 4, of="prank"),
        figure("calls_by_class", 6, of="emergency"),
        figure("answer_rate", 0.5, numerator=5, denominator=10),
        figure("answered_within", 0.8, of="15 s", numerator=4, denominator=5, required=0.9, met=False),
        figure("answer_seconds_p90", 12.5, sample=5),
        figure("acceptance_seconds_p90", None, sample=0),
        figure("tickets_by_type", 2, of="structure_fire"),
        figure("tasks_by_agency_and_status", 2, of="damkar/done"),
    ]
    check = {
        "left": "calls_received",
        "right": "calls_answered + calls_unanswered",
        "left_value": 10,
        "right_value": 10 if adds_up else 9,
        "holds": adds_up,
    }
    return {
        "profile": {"name": "nena_2020"},
        "figures": figures,
        "checks": [check],
        "adds_up": adds_up,
        "sources": ["queue_log"],
        "unseen_by_sources": ["abandoned_in_menu"],
        "definitions": {key: asdict(one) for key, one in INDICATORS.items()},
    }


@pytest.fixture
def month(system: System) -> System:
    system.behind("GET", "statistics", PATH, told())
    return system


def test_each_figure_stands_with_how_it_is_counted(month: System, siaga: Terminal) -> None:
    said = siaga("recap", "53.03", "--month", "2026-11")
    assert said.exit_code == 0
    expected = [
        "Rekapitulasi 2026-11: Kabupaten Timor Tengah Utara (53.03)",
        "panggilan yang dering pertamanya jatuh dalam bulan setempat",
        "50,0% (5/10)",
        "80,0% (4/5) sasaran 90%: belum tercapai",
        "12,5 dtk (dari 5)",
        "tanpa sampel",
        "Kebakaran bangunan",
        "Pemadam Kebakaran, selesai",
        "iseng",
    ]
    assert [one for one in expected if one not in said.stdout] == []
    assert month.asked


def test_sums_are_checked_in_the_open_and_blind_spots_are_named(month: System, siaga: Terminal) -> None:
    said = siaga("recap", "53.03", "--month", "2026-11").stdout
    assert "OK    Panggilan masuk = 10" in said
    assert "Terjawab + Tidak terjawab = 10" in said
    assert "Sumber ini tidak dapat melihat: putus di menu." in said
    assert month.asked


def test_a_sum_that_differs_is_said_loudly(system: System, siaga: Terminal) -> None:
    system.behind("GET", "statistics", PATH, told(adds_up=False))
    said = siaga("recap", "53.03", "--month", "2026-11")
    assert said.exit_code == 1
    assert "BEDA" in said.stdout
    assert "DIFFERS" in siaga("recap", "53.03", "--month", "2026-11", language="en").stdout


def test_every_definition_is_printed_on_demand(month: System, siaga: Terminal) -> None:
    short = siaga("recap", "53.03", "--month", "2026-11").stdout
    full = siaga("recap", "53.03", "--month", "2026-11", "--definitions").stdout
    assert "[answer_rate_of_delivered, v1]" not in short
    assert "[answer_rate_of_delivered, v1]" in full
    assert month.asked


def test_json_is_what_statistics_tells(month: System, siaga: Terminal) -> None:
    assert json.loads(siaga("recap", "53.03", "--month", "2026-11", "--json").stdout) == told()
    assert month.asked


def test_without_a_month_it_is_the_one_on_the_centre_s_wall(month: System, siaga: Terminal) -> None:
    month.now = month.now.replace(month=10, day=31, hour=23)
    assert siaga("recap", "53.03").exit_code == 0
    assert month.requests("GET", "statistics")[0].url.path == PATH


@pytest.mark.parametrize("written", ["2026-13", "2026-1", "November", "", "../x"])
def test_a_month_that_is_none_is_refused_before_anybody_is_asked(
    month: System, siaga: Terminal, written: str
) -> None:
    said = siaga("recap", "53.03", "--month", written)
    assert (said.exit_code, said.stderr) == (2, "Bulan ditulis seperti 2026-11.\n")
    assert month.asked == []


def test_our_words_for_a_definition_are_the_ones_that_statistics_uses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIAGA_LANG", "en")
    for key, indicator in INDICATORS.items():
        assert formula(key, asdict(indicator)) == indicator.formula
    monkeypatch.setenv("SIAGA_LANG", "id")
    for key, indicator in INDICATORS.items():
        assert formula(key, asdict(indicator)) == text(indicator.formula) != indicator.formula


def test_a_changed_definition_is_shown_as_it_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_LANG", "id")
    assert formula("answer_rate", {"version": 2, "formula": "something new"}) == "something new"
