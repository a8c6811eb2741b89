"""`siaga ticket`: one story from five services."""

import json
from typing import Any

import pytest

from cli.tests.commands.fakes import System, Terminal, problem

NUMBER = "TTU-20261122-0017"
HOME = "/v1/tenants/53.03"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def line(second: int, what: str, by: str, **more: Any) -> dict[str, Any]:
    at = f"2026-11-22T02:00:{second:02}Z"
    return {"version": second, "at": at, "what": what, "by": by, "why": "", "trace_id": TRACE, **more}


@pytest.fixture
def story(system: System) -> System:
    system.behind(
        "GET",
        "triage",
        f"{HOME}/tickets/{NUMBER}",
        {
            "ticket_id": "t1",
            "number": NUMBER,
            "status": "escalated",
            "priority": "P1",
            "incident_type": "structure_fire",
            "calls": ["c1"],
            "caller": {"sealed": True},
            "story": {"sealed": True},
            "place": {"district": "53.03.05", "description": None, "point": None},
            "opened_at": "2026-11-22T02:00:03Z",
            "opened_by": "petugas-1",
            "timeline": [line(3, "ticket.opened", "petugas-1"), line(4, "ticket.escalated", "petugas-1")],
        },
    )
    heard = line(2, "call.heard", "intake", occurred_at="2026-11-22T02:00:01Z")
    system.behind("GET", "triage", f"{HOME}/calls/c1", {"classification": "emergency", "timeline": [heard]})
    fact = line(1, "call.answered", "queue_log", occurred_at="2026-11-22T01:59:58Z", why="ttu112 · Petugas 5")
    system.behind(
        "GET",
        "intake",
        f"{HOME}/calls/c1",
        {
            "outcome": "answered",
            "started_at": "2026-11-22T01:59:50Z",
            "agent": "Petugas 5",
            "timeline": [fact],
        },
    )
    system.behind(
        "GET",
        "dispatch",
        f"{HOME}/responses/t1",
        {
            "tasks": [{"agency": "damkar", "status": "accepted", "seconds_left": -90, "gap": None}],
            "timeline": [
                line(5, "ticket.heard", "triage", why="damkar asked: posko"),
                line(8, "task.cancelled", "pengawas", why="salah alamat"),
            ],
        },
    )
    delivery = {"delivery_id": "d1", "agency": "damkar", "contact": "posko", "status": "delivered"}
    system.behind("GET", "agency-notifier", f"{HOME}/deliveries", {"items": [delivery], "next": None})
    made = {**delivery, "timeline": [line(6, "delivery.delivered", "clock", why="202")]}
    system.behind("GET", "agency-notifier", f"{HOME}/deliveries/d1", made)
    return system


def test_every_step_is_told_in_order_with_both_clocks_who_and_trace(story: System, siaga: Terminal) -> None:
    said = siaga("ticket", NUMBER)
    assert (said.exit_code, said.stderr) == (0, "")
    steps = said.stdout.partition("Linimasa")[2]
    order = [
        "panggilan dijawab",
        "panggilan tampil di meja petugas",
        "tiket dibuka",
        "tiket dieskalasikan ke instansi",
        "dispatch menerima tiket",
        "pesan terkirim",
        "tugas dibatalkan",
    ]
    assert sorted(order, key=steps.index) == order
    assert "Server (WITA)" in steps
    assert "11-22 10:00:01.0   11-22 09:59:58.0" in steps
    assert f"Jejak lengkap: {TRACE}" in steps
    assert story.requests("GET", "intake")


def test_a_service_s_news_are_translated_and_a_person_s_words_are_not(story: System, siaga: Terminal) -> None:
    said = siaga("ticket", NUMBER).stdout
    assert "damkar diminta (posko)" in said
    assert "salah alamat" in said
    assert "terlambat 2 mnt" in said
    assert story.asked


def test_the_number_s_beginning_names_the_regency_in_any_case(story: System, siaga: Terminal) -> None:
    assert siaga("ticket", NUMBER.lower()).exit_code == 0
    assert story.requests("GET", "triage")[0].url.path == f"{HOME}/tickets/{NUMBER}"


def test_json_holds_the_whole_story(story: System, siaga: Terminal) -> None:
    read = json.loads(siaga("ticket", NUMBER, "--json").stdout)
    assert [step["service"] for step in read["timeline"]][:3] == ["intake", "triage", "triage"]
    assert read["timeline"][0]["occurred_at"] == "2026-11-22T01:59:58Z"
    assert {step["trace_id"] for step in read["timeline"]} == {TRACE}
    assert (read["missing"], read["response"]["tasks"][0]["agency"]) == ([], "damkar")
    assert story.asked


def test_personal_data_stay_sealed_unless_asked_for(story: System, siaga: Terminal) -> None:
    assert "tersegel" in siaga("ticket", NUMBER).stdout
    assert all("personal" not in one.url.params for one in story.asked)
    siaga("ticket", NUMBER, "--personal")
    assert story.requests("GET", "triage")[-1].url.params["personal"] == "true"


@pytest.mark.parametrize("service", ["intake", "dispatch", "agency-notifier"])
def test_a_service_that_is_away_leaves_a_named_hole_in_the_story(
    story: System, siaga: Terminal, service: str
) -> None:
    story.away.add(service)
    said = siaga("ticket", NUMBER)
    assert said.exit_code == 0
    assert "tiket dibuka" in said.stdout
    assert said.stderr == f"Belum lengkap: tidak ada kabar dari {service}; lihat: siaga status\n"


def test_who_may_not_open_personal_data_sees_the_rest(story: System, siaga: Terminal) -> None:
    path = f"{HOME}/calls/c1"
    answer = story.replies["GET", "intake", path]
    story.behind(
        "GET",
        "intake",
        path,
        lambda asked: (
            problem(403, "forbidden")
            if "personal" in asked.url.params
            else answer
            if not callable(answer)
            else answer(asked)
        ),
    )
    said = siaga("ticket", NUMBER, "--personal")
    assert "panggilan dijawab" in said.stdout
    assert said.stderr == ""


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("TTU-20261122-9999", "Tidak ada tiket TTU-20261122-9999.\n"),
        ("ABC-20261122-0001", "Tidak ada kabupaten/kota yang tiketnya diawali ABC. Yang ada: JPR, TTU.\n"),
        ("17", "“17” bukan nomor tiket; tulis seperti TTU-20261122-0017.\n"),
        ("../../x", "“../../x” bukan nomor tiket; tulis seperti TTU-20261122-0017.\n"),
    ],
)
def test_a_ticket_that_is_not_there_is_one_sentence(
    story: System, siaga: Terminal, typed: str, sentence: str
) -> None:
    said = siaga("ticket", typed)
    assert (said.exit_code, said.stderr, said.stdout) == (2, sentence, "")
    assert story.replies
