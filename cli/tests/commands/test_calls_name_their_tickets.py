"""`siaga calls` names each call's ticket by its number, with one question for all of them."""

import json
from typing import Any

import pytest

from cli.tests.commands.fakes import System, Terminal

HOME = "/v1/tenants/53.03"
NEWER, OLDER = "TTU-20261122-0002", "TTU-20261101-0001"


def call(call_id: str, ticket_id: str | None) -> dict[str, Any]:
    return {"call_id": call_id, "stage": "ended", "outcome": "answered", "ticket_id": ticket_id}


@pytest.fixture
def desk(system: System) -> System:
    calls = [call("c1", "t2"), call("c2", "t2"), call("c3", None)]
    tickets = [{"ticket_id": "t2", "number": NEWER}]
    system.behind("GET", "triage", f"{HOME}/calls", {"items": calls, "next": None})
    system.behind("GET", "triage", f"{HOME}/tickets", {"items": tickets, "next": None})
    return system


def test_the_ticket_s_number_stands_beside_the_call(desk: System, siaga: Terminal) -> None:
    said = siaga("calls", "--tenant", "53.03").stdout
    rows = [tuple(line.split()[-2:]) for line in said.splitlines()[-3:]]
    assert rows == [(NEWER, "c1"), (NEWER, "c2"), ("-", "c3")]
    assert len(desk.requests("GET", "triage")) == 2


def test_programs_get_it_too(desk: System, siaga: Terminal) -> None:
    read = json.loads(siaga("calls", "--tenant", "53.03", "--json").stdout)
    assert [one["ticket_number"] for one in read["items"]] == [NEWER, NEWER, None]
    assert desk.asked


def test_a_ticket_that_is_not_among_the_newest_is_asked_for(desk: System, siaga: Terminal) -> None:
    desk.behind("GET", "triage", f"{HOME}/calls", {"items": [call("c1", "t1")], "next": None})
    desk.behind("GET", "triage", f"{HOME}/tickets/t1", {"ticket_id": "t1", "number": OLDER})
    assert OLDER in siaga("calls", "--tenant", "53.03").stdout


def test_a_ticket_that_nobody_knows_yet_is_shown_by_its_id(desk: System, siaga: Terminal) -> None:
    desk.behind("GET", "triage", f"{HOME}/calls", {"items": [call("c1", "t9")], "next": None})
    assert "t9" in siaga("calls", "--tenant", "53.03").stdout


def test_without_any_ticket_no_tickets_are_asked_for(desk: System, siaga: Terminal) -> None:
    desk.behind("GET", "triage", f"{HOME}/calls", {"items": [call("c3", None)], "next": None})
    siaga("calls", "--tenant", "53.03")
    assert [one.url.path for one in desk.requests("GET", "triage")] == [f"{HOME}/calls"]
