"""What is printed is in one language: words, decimals, full stops, the clock on the wall."""

from dataclasses import asdict
from typing import Any

import pytest

from cli.tests.commands.fakes import System, Terminal
from siaga_cli.commands.shown.formulas import meaning
from siaga_cli.commands.shown.times import lasting
from statistics_service.domain.indicators import INDICATORS

PROPER_NAMES = {"TTU Siaga 112, 2025", "server"}


@pytest.mark.parametrize(
    ("language", "said"),
    [("id", ["3,99 jam", "1,5 dtk", "12 mnt"]), ("en", ["3.99 h", "1.5 s", "12 min"])],
)
def test_decimals_are_written_as_the_language_writes_them(
    monkeypatch: pytest.MonkeyPatch, language: str, said: list[str]
) -> None:
    monkeypatch.setenv("SIAGA_LANG", language)
    assert [lasting(14_364), lasting(1.5), lasting(720)] == said


def test_every_unit_clock_and_source_of_the_figures_has_an_indonesian_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SIAGA_LANG", "id")
    values = {value for one in INDICATORS.values() for value in (one.unit, one.clock, one.source) if value}
    assert {value for value in values if meaning(value) == value} <= PROPER_NAMES


def recap() -> dict[str, Any]:
    within = {"indicator": "answered_within", "of": "15 s", "value": 0.5, "required": 0.925, "met": False}
    asked = {"indicator": "tickets_by_agency", "of": "damkar", "value": 2}
    check = {
        "left": "tickets_by_status closed",
        "right": "sum of tickets_by_disposition",
        "left_value": 2,
        "right_value": 2,
        "holds": True,
    }
    definitions = {key: asdict(one) for key, one in INDICATORS.items()}
    return {"figures": [within, asked], "checks": [check], "adds_up": True, "definitions": definitions}


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("id", ["Tiket menurut status: ditutup = 2", "15 dtk", "sasaran 92,5%", "  Pemadam Kebakaran"]),
        ("en", ["Tickets by state: closed = 2", "15 s", "goal 92.5%", "  Pemadam Kebakaran"]),
    ],
)
def test_a_recap_s_parts_are_said_in_it(
    system: System, siaga: Terminal, language: str, expected: list[str]
) -> None:
    system.behind("GET", "statistics", "/v1/tenants/53.03/recaps/2026-11", recap())
    said = siaga("recap", "53.03", "--month", "2026-11", language=language).stdout
    assert [one for one in expected if one not in said] == []


@pytest.mark.parametrize(
    ("language", "lines"),
    [
        ("id", ["triage · panggilan: 53.03 menunggu 3", "triage · tiket: 53.03 di instansi 1"]),
        ("en", ["triage · calls: 53.03 waiting 3", "triage · tickets: 53.03 with agencies 1"]),
    ],
)
def test_what_waits_in_a_service_is_said_in_it(
    system: System, siaga: Terminal, language: str, lines: list[str]
) -> None:
    told = {"calls": {"53.03": {"waiting": 3, "current": 0}}, "tickets": {"53.03": {"escalated": 1}}}
    system.behind("GET", "triage", "/readyz", {"ready": True, "waiting_for": []})
    system.behind("GET", "triage", "/status", {"service": "triage", "outbox": {}, **told})
    said = siaga("status", language=language).stdout.splitlines()
    assert [one for one in lines if one not in said] == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("run", "--speed", "x"), "--speed is a number above 0, or max. See: siaga run --help"),
        (("run", "--replay", "x"), "--replay is on or off. See: siaga run --help"),
    ],
)
def test_a_refusal_ends_before_the_way_out_begins(
    siaga: Terminal, typed: tuple[str, ...], sentence: str
) -> None:
    said = siaga(*typed, language="en")
    assert (said.exit_code, said.stderr) == (2, f"{sentence}\n")


@pytest.mark.parametrize(
    ("command", "language", "line"),
    [
        (("deadletter", "list"), "id", "Paling banyak sekian dari tiap layanan."),
        (("deadletter", "list"), "en", "At most so many of each service."),
        (("tenant", "history"), "en", "At most so many."),
        (("tickets",), "en", "At most so many of each regency."),
        (("run",), "id", "=PORT"),
    ],
)
def test_help_names_what_an_option_takes_and_counts(
    siaga: Terminal, command: tuple[str, ...], language: str, line: str
) -> None:
    assert line in siaga(*command, "--help", language=language).stdout
