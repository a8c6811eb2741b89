"""`siaga rebuild statistics`: followed to its end; a difference is an exit code."""

import json
from typing import Any

import httpx
import pytest

from cli.tests.commands.fakes import System, Terminal


def rebuild(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "r1", "status": status, "read": 0, "equal": None, "differing": 0, "failure": "", **more}


def started(system: System, *later: dict[str, Any]) -> None:
    answers = iter(later)
    system.behind("POST", "statistics", "/v1/rebuild", httpx.Response(202, json=rebuild("running")))
    system.behind("GET", "statistics", "/v1/rebuild/r1", lambda _: httpx.Response(200, json=next(answers)))


def test_the_same_figures_are_good_news(system: System, siaga: Terminal) -> None:
    started(system, rebuild("running", read=500), rebuild("done", read=900, equal=True))
    said = siaga("rebuild", "statistics")
    assert said.exit_code == 0
    assert said.stdout.splitlines()[-1] == "Selesai: 900 kejadian memberi angka yang sama."


def test_other_figures_are_exit_code_one(system: System, siaga: Terminal) -> None:
    started(system, rebuild("done", equal=False, differing=3))
    said = siaga("rebuild", "statistics", language="en")
    assert said.exit_code == 1
    assert "NOT equal: 3 calls or tickets differ" in said.stdout


def test_a_failed_rebuild_changes_nothing_and_says_so(system: System, siaga: Terminal) -> None:
    started(system, rebuild("failed", failure="the process ended"))
    said = siaga("rebuild", "statistics")
    assert (said.exit_code, said.stderr) == (
        1,
        "Hitung ulang gagal (the process ended); angka tetap seperti semula.\n",
    )


@pytest.mark.parametrize(("equal", "code"), [(True, 0), (False, 1)])
def test_json_is_the_last_word(system: System, siaga: Terminal, *, equal: bool, code: int) -> None:
    started(system, rebuild("running", read=1), rebuild("done", equal=equal))
    said = siaga("rebuild", "statistics", "--json")
    assert (said.exit_code, json.loads(said.stdout)["equal"]) == (code, equal)
