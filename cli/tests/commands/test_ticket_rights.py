"""`siaga ticket` for an account without every right says so, and blames no service."""

import json

import pytest

from cli.tests.commands.fakes import System, Terminal, problem

NUMBER = "TTU-20261122-0017"
HOME = "/v1/tenants/53.03"
FORBIDDEN = problem(403, "forbidden")


@pytest.fixture
def ticket(system: System) -> System:
    """A ticket of two calls with an agency's task, seen by somebody who may not see calls."""
    told = {
        "ticket_id": "t1",
        "number": NUMBER,
        "status": "escalated",
        "calls": ["c1", "c2"],
        "caller": {"sealed": True},
        "story": {"sealed": True},
        "opened_at": "2026-11-22T02:00:03Z",
        "opened_by": "petugas-1",
        "timeline": [],
    }
    system.behind("GET", "triage", f"{HOME}/tickets/{NUMBER}", told)
    for service in ("triage", "intake"):
        for call in ("c1", "c2"):
            system.behind("GET", service, f"{HOME}/calls/{call}", FORBIDDEN)
    tasks = [{"agency": "damkar", "status": "accepted", "gap": None}]
    system.behind("GET", "dispatch", f"{HOME}/responses/t1", {"tasks": tasks, "timeline": []})
    system.behind("GET", "agency-notifier", f"{HOME}/deliveries", {"items": [], "next": None})
    return system


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("id", "Dilewati karena akun ini tidak berwenang membacanya: panggilan\n"),
        ("en", "Left out, because this account may not read it: calls\n"),
    ],
)
def test_what_one_may_not_read_is_named_as_that(
    ticket: System, siaga: Terminal, language: str, sentence: str
) -> None:
    said = siaga("ticket", NUMBER, language=language)
    assert (said.exit_code, said.stderr) == (0, sentence)
    assert "Pemadam Kebakaran" in said.stdout
    assert len(ticket.requests("GET", "intake")) == 1


def test_calls_that_cannot_be_read_are_no_rows(ticket: System, siaga: Terminal) -> None:
    said = siaga("ticket", NUMBER)
    assert "Panggilan" not in said.stdout
    read = json.loads(siaga("ticket", NUMBER, "--json").stdout)
    assert (read["calls"], read["missing"], read["may_not_read"]) == ([], [], ["calls"])
    assert ticket.asked


def test_a_call_that_is_known_keeps_its_number(ticket: System, siaga: Terminal) -> None:
    known = {"outcome": "answered", "agent": "Petugas 5", "timeline": []}
    for service in ("triage", "intake"):
        ticket.behind("GET", service, f"{HOME}/calls/c1", problem(404, "unknown"))
        ticket.behind("GET", service, f"{HOME}/calls/c2", known)
    (row,) = [line for line in siaga("ticket", NUMBER).stdout.splitlines() if "Petugas 5" in line]
    assert row.startswith("2 ")


def test_all_that_is_closed_is_named_beside_who_is_away(ticket: System, siaga: Terminal) -> None:
    ticket.behind("GET", "agency-notifier", f"{HOME}/deliveries", FORBIDDEN)
    ticket.away.add("dispatch")
    assert siaga("ticket", NUMBER).stderr.splitlines() == [
        "Dilewati karena akun ini tidak berwenang membacanya: panggilan, pesan",
        "Belum lengkap: tidak ada kabar dari dispatch; lihat: siaga status",
    ]


def test_who_asked_for_personal_data_without_the_right_is_not_told_to_ask(
    ticket: System, siaga: Terminal
) -> None:
    said = siaga("ticket", NUMBER, "--personal")
    assert "(tersegel; akun ini tidak berwenang membukanya)" in said.stdout
    assert "--personal" not in said.stdout
    assert "(tersegel; buka dengan --personal)" in siaga("ticket", NUMBER).stdout
    assert ticket.asked
