"""`siaga tenant`: files are checked whole, compared, put in force; everything wrong is told at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.tests.commands.fakes import System, Terminal, problem
from siaga_cli.home import checkout

TTU = str(checkout() / "tenants" / "53.03.yaml")
CHANGE = {"path": "clocks.acceptance_seconds.P1", "before": "60.0", "after": "61.0"}


@pytest.fixture(autouse=True)
def demo_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIAGA_DEMO_WEBHOOKS", "http://127.0.0.1:1")
    monkeypatch.setenv("SIAGA_DEMO_MAIL_DOMAIN", "demo.example")


def applied(*, unchanged: bool) -> dict[str, Any]:
    changes = [] if unchanged else [CHANGE]
    return {"tenant": "53.03", "version": 2, "unchanged": unchanged, "changes": changes}


def test_a_good_file_is_valid_and_nobody_is_asked(system: System, siaga: Terminal) -> None:
    said = siaga("tenant", "validate", TTU)
    assert (said.exit_code, said.stdout) == (0, "53.03 Kabupaten Timor Tengah Utara: sah\n")
    assert system.asked == []


def test_everything_wrong_in_all_files_is_told_at_once(tmp_path: Path, siaga: Terminal) -> None:
    content = (
        Path(TTU)
        .read_text()
        .replace("abbreviation: TTU", "abbreviation: ttu")
        .replace("time_zone: Asia/Makassar", "time_zone: Asia/Kefa")
    )
    (tmp_path / "53.03.yaml").write_text(content)
    said = siaga("tenant", "validate", str(tmp_path / "53.03.yaml"), str(tmp_path / "none.yaml"))
    assert (said.exit_code, said.stdout) == (2, "")
    lines = said.stderr.splitlines()
    assert lines[0] == "Ada 3 kesalahan; tidak ada yang diubah:"
    assert any("Asia/Kefa" in line for line in lines)
    assert any("abbreviation" in line for line in lines)
    assert any("none.yaml" in line for line in lines)


def test_a_variable_that_is_missing_everywhere_is_named_once(
    monkeypatch: pytest.MonkeyPatch, siaga: Terminal
) -> None:
    monkeypatch.delenv("SIAGA_DEMO_WEBHOOKS")
    said = siaga("tenant", "validate", TTU).stderr
    assert said.count("SIAGA_DEMO_WEBHOOKS belum diisi") == 1
    assert "tempat lain" in said


def test_the_demo_s_addresses_are_those_of_the_system_that_runs_here(
    monkeypatch: pytest.MonkeyPatch, folder: Path, siaga: Terminal
) -> None:
    monkeypatch.delenv("SIAGA_DEMO_WEBHOOKS")
    (folder / "ports.json").write_text(json.dumps({"demo-webhooks": 23_456}))
    assert siaga("tenant", "validate", TTU).exit_code == 0


def test_a_difference_is_shown_and_nothing_is_changed(system: System, siaga: Terminal) -> None:
    system.behind("POST", "directory", "/v1/tenants/53.03/validate", {"valid": True, "changes": [CHANGE]})
    said = siaga("tenant", "diff", TTU)
    assert said.stdout == "  53.03 clocks.acceptance_seconds.P1: 60.0 → 61.0\n"
    assert system.requests("PUT", "directory") == []


def test_applying_says_what_is_in_force(system: System, siaga: Terminal) -> None:
    system.behind("PUT", "directory", "/v1/tenants/53.03", applied(unchanged=False))
    assert siaga("tenant", "apply", TTU).stdout == "53.03: versi 2 berlaku (1 perubahan)\n"
    (sent,) = system.requests("PUT", "directory")
    assert sent.headers["Idempotency-Key"]
    assert json.loads(sent.content)["abbreviation"] == "TTU"


def test_applying_the_same_again_is_dull(system: System, siaga: Terminal) -> None:
    system.behind("PUT", "directory", "/v1/tenants/53.03", applied(unchanged=True))
    assert siaga("tenant", "apply", TTU, language="en").stdout == "53.03: already in force (version 2)\n"


@pytest.mark.parametrize("language", ["id", "en"])
def test_what_the_directory_finds_wrong_is_told_in_the_person_s_language(
    system: System, siaga: Terminal, language: str
) -> None:
    found = problem(
        422, "configuration_refused", errors=[{"message": {"id": "salah ini", "en": "this is wrong"}}]
    )
    system.behind("PUT", "directory", "/v1/tenants/53.03", found)
    said = siaga("tenant", "apply", TTU, language=language)
    assert said.exit_code == 2
    assert {"id": "salah ini", "en": "this is wrong"}[language] in said.stderr


def test_regencies_and_versions_are_listed(system: System, siaga: Terminal) -> None:
    version = {"version": 2, "applied_at": "2026-11-22T02:00:00Z", "applied_by": "admin", "changes": [CHANGE]}
    system.behind("GET", "directory", "/v1/tenants/53.03/history", {"items": [version]})
    assert "Kota Jayapura" in siaga("tenant", "list").stdout
    said = siaga("tenant", "history", "53.03").stdout
    assert said.startswith("Versi 2 · 2026-11-22 10:00:00 WITA · admin\n")
    for listing in (("list",), ("history", "53.03")):
        assert json.loads(siaga("tenant", *listing, "--json").stdout)["items"]
