"""Listings of tickets and calls: for people in the centre's own time, for programs in UTC."""

import json
from typing import Any

import httpx
import pytest

from cli.tests.commands.fakes import System, Terminal, problem


def ticket(number: str, opened_at: str, **more: Any) -> dict[str, Any]:
    return {
        "ticket_id": f"id-of-{number}",
        "number": number,
        "status": "escalated",
        "priority": "P1",
        "incident_type": "structure_fire",
        "calls": ["c1", "c2"],
        "escalations": [{"agencies": ["damkar", "pln"]}, {"agencies": ["damkar"]}],
        "opened_at": opened_at,
        "disposition": None,
        **more,
    }


def call(call_id: str, **more: Any) -> dict[str, Any]:
    return {
        "call_id": call_id,
        "view": "settled",
        "stage": "ended",
        "outcome": "answered",
        "channel": "phone",
        "started_at": "2026-11-22T01:00:00.5+00:00",
        "waiting_seconds": 12.0,
        "talking_seconds": 61.0,
        "classification": "prank",
        "overdue_since": None,
        "ticket_id": None,
        "caller": {"sealed": True},
        **more,
    }


@pytest.fixture
def busy(system: System) -> System:
    ttu = [ticket("TTU-20261122-0001", "2026-11-22T02:00:00Z")]
    jpr = [ticket("JPR-20261122-0001", "2026-11-22T01:00:00Z", status="closed", disposition="helped")]
    system.behind("GET", "triage", "/v1/tenants/53.03/tickets", {"items": ttu, "next": None})
    system.behind("GET", "triage", "/v1/tenants/94.71/tickets", {"items": jpr, "next": None})
    system.behind("GET", "triage", "/v1/tenants/53.03/calls", {"items": [call("c1")], "next": None})
    system.behind("GET", "triage", "/v1/tenants/94.71/calls", {"items": [], "next": None})
    return system


def test_tickets_of_all_regencies_are_listed_each_in_its_own_time(busy: System, siaga: Terminal) -> None:
    said = siaga("tickets")
    assert said.exit_code == 0
    assert "2026-11-22 10:00:00 WITA" in said.stdout
    assert "2026-11-22 10:00:00 WIT" in said.stdout
    assert said.stdout.index("TTU-20261122-0001") < said.stdout.index("JPR-20261122-0001")
    assert "damkar, pln" in said.stdout
    assert busy.requests("POST", "directory")[0].url.path == "/v1/tokens"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("id", ["Kebakaran bangunan", "di instansi", "ditutup (tertolong)"]),
        ("en", ["Structure fire", "with agencies", "closed (helped)"]),
    ],
)
def test_a_list_speaks_the_person_s_language(
    busy: System, siaga: Terminal, language: str, words: list[str]
) -> None:
    said = siaga("tickets", language=language).stdout
    assert busy.asked
    assert [one for one in words if one not in said] == []


def test_one_regency_is_asked_alone(busy: System, siaga: Terminal) -> None:
    said = siaga("tickets", "--tenant", "53.03", "--status", "open")
    assert "JPR" not in said.stdout
    (asked,) = busy.requests("GET", "triage")
    assert asked.url.params["status"] == "open"


@pytest.mark.parametrize("listing", ["tickets", "calls"])
def test_json_has_the_tenant_and_every_time_in_utc(busy: System, siaga: Terminal, listing: str) -> None:
    read = json.loads(siaga(listing, "--json").stdout)
    assert {one["tenant"] for one in read["items"]} <= {"53.03", "94.71"}
    assert read["items"][0].get("opened_at", "Z").endswith("Z")
    assert read["items"][0].get("started_at", "2026-11-22T01:00:00.500000Z") == "2026-11-22T01:00:00.500000Z"
    assert busy.asked


def test_calls_are_listed_with_what_they_were(busy: System, siaga: Terminal) -> None:
    said = siaga("calls", "--view", "all").stdout
    assert busy.requests("GET", "triage")[0].url.params["view"] == "all"
    assert [word for word in ("terjawab", "12 dtk", "1 mnt", "iseng", "c1") if word not in said] == []


def test_personal_data_are_asked_for_only_on_demand(busy: System, siaga: Terminal) -> None:
    assert "tersegel" not in siaga("calls").stdout
    assert "personal" not in busy.requests("GET", "triage")[0].url.params
    assert "(tersegel; akun ini tidak berwenang membukanya)" in siaga("calls", "--personal").stdout
    assert busy.requests("GET", "triage")[-1].url.params["personal"] == "true"


def test_pages_are_put_together_up_to_the_limit(system: System, siaga: Terminal) -> None:
    def page(request: httpx.Request) -> httpx.Response:
        first = int(request.url.params.get("after", "0"))
        items = [call(f"c{number}") for number in range(first, first + 2)]
        return httpx.Response(200, json={"items": items, "next": str(first + 2)})

    system.behind("GET", "triage", "/v1/tenants/53.03/calls", page)
    read = json.loads(siaga("calls", "--tenant", "53.03", "--limit", "5", "--json").stdout)
    assert [one["call_id"] for one in read["items"]] == ["c0", "c1", "c2", "c3", "c4"]


def test_a_regency_that_one_may_not_look_into_is_named_and_left_out(busy: System, siaga: Terminal) -> None:
    busy.behind("GET", "triage", "/v1/tenants/94.71/tickets", problem(403, "forbidden"))
    said = siaga("tickets")
    assert said.exit_code == 0
    assert "TTU-20261122-0001" in said.stdout
    assert said.stderr == "Dilewati karena akun ini tidak berwenang melihatnya: 94.71\n"


def test_where_one_may_look_nowhere_that_is_said(busy: System, siaga: Terminal) -> None:
    for code in ("53.03", "94.71"):
        busy.behind("GET", "triage", f"/v1/tenants/{code}/tickets", problem(403, "forbidden"))
    said = siaga("tickets")
    assert (said.exit_code, said.stderr) == (2, "Akun ini tidak berwenang melakukan itu di sini.\n")


def test_an_empty_list_says_so(system: System, siaga: Terminal) -> None:
    system.behind("GET", "triage", "/v1/tenants/53.03/tickets", {"items": [], "next": None})
    assert siaga("tickets", "--tenant", "53.03").stdout == "Tidak ada tiket.\n"
    assert siaga("tickets", "--tenant", "53.03", language="en").stdout == "No tickets.\n"


def test_what_a_caller_said_cannot_steer_the_terminal(system: System, siaga: Terminal) -> None:
    evil = call("c1", caller={"number": "081200000042", "name": "\x1b[2J\u202eIbu"})
    system.behind("GET", "triage", "/v1/tenants/53.03/calls", {"items": [evil], "next": None})
    said = siaga("calls", "--tenant", "53.03", "--personal").stdout
    assert "081200000042" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
