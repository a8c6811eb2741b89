"""The doorways to tickets."""

from typing import Any

import httpx
import pytest

from service_kit.identity import Role
from services.triage.tests.api.doorway import Person, Town
from services.triage.tests.fakes import KUPANG, NOON, TTU, Desk, abandoned, ticket
from shared_schemas.vocabulary import Classification, Disposition, TicketStatus
from triage.domain.ticket import Closing

FIRE = {"call_id": "call-1", "incident_type": "structure_fire"}


async def opened(desk: Desk, siti: Person, **more: Any) -> dict[str, Any]:
    desk.has_call()
    answer = await siti.post("tickets", {**FIRE, **more})
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def numbers(answer: httpx.Response) -> list[str]:
    return [one["number"] for one in answer.json()["items"]]


# Opening


async def test_a_ticket_is_opened_and_can_be_found_where_the_answer_says(desk: Desk, siti: Person) -> None:
    desk.has_call()
    answer = await siti.post("tickets", FIRE)
    assert answer.status_code == 201
    found = await siti.get(answer.headers["Location"].removeprefix(f"/v1/tenants/{TTU}/"))
    assert found.json()["number"] == "TTU-20261122-0001"
    assert answer.headers["ETag"] == '"1"'
    assert found.json()["allowed"] == ["change", "escalate", "close"]


async def test_opening_a_ticket_classifies_the_call(desk: Desk, siti: Person) -> None:
    await opened(desk, siti)
    assert desk.calls.only().classification is Classification.EMERGENCY


async def test_an_abandoned_call_gets_a_ticket_when_a_person_says_so(desk: Desk, siti: Person) -> None:
    desk.has_call(told=abandoned())
    assert (await siti.post("tickets", FIRE)).status_code == 201


async def test_what_was_said_is_sealed_and_opened_for_who_may(desk: Desk, siti: Person) -> None:
    said = {
        "story": "rumah terbakar",
        "place": "dekat pasar baru",
        "point": {"latitude": -9.44, "longitude": 124.48, "radius_m": 50},
        "district": "53.03.05",
    }
    ticket_id = (await opened(desk, siti, **said))["ticket_id"]
    hidden = (await siti.get(f"tickets/{ticket_id}")).json()
    assert (hidden["story"], hidden["place"]["description"]) == ({"sealed": True}, {"sealed": True})
    assert hidden["place"]["district"] == "53.03.05"
    shown = (await siti.get(f"tickets/{ticket_id}?personal=true")).json()
    assert shown["story"] == "rumah terbakar"
    assert shown["place"] == {
        "district": "53.03.05",
        "description": "dekat pasar baru",
        "point": {"latitude": -9.44, "longitude": 124.48, "radius_m": 50.0},
    }


async def test_opening_with_the_same_key_opens_once(desk: Desk, siti: Person) -> None:
    desk.has_call()
    first = await siti.post("tickets", FIRE, key="k")
    again = await siti.post("tickets", FIRE, key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(desk.tickets.documents) == 1


async def test_two_call_takers_open_one_ticket_from_one_call(desk: Desk, siti: Person, town: Town) -> None:
    await opened(desk, siti)
    second = await town.somebody(subject="budi").post("tickets", FIRE)
    assert (second.status_code, second.json()["reason"]) == (409, "has_ticket")
    assert len(desk.tickets.documents) == 1


async def test_who_opens_from_an_older_call_sees_the_newer_one(desk: Desk, siti: Person) -> None:
    desk.has_call()
    await siti.put("calls/call-1/classification", {"classification": "prank"})
    lost = await siti.post("tickets", FIRE, headers={"If-Match": '"1"'})
    assert (lost.status_code, lost.json()["current"]["classification"]) == (409, "prank")


@pytest.mark.parametrize(
    "more",
    [
        {"incident_type": ""},
        {"priority": "P0"},
        {"point": {"latitude": 91, "longitude": 0}},
        {"point": {"latitude": -9}},
        {"story": "x" * 4_001},
        {"district": "x" * 41},
        {"agency": "damkar"},
        {"call_id": None},
    ],
)
async def test_a_bad_body_opens_nothing(desk: Desk, siti: Person, more: dict[str, Any]) -> None:
    desk.has_call()
    assert (await siti.post("tickets", {**FIRE, **more})).status_code == 422
    assert desk.tickets.documents == {}


async def test_an_unknown_type_is_refused_with_the_known_ones(desk: Desk, siti: Person) -> None:
    desk.has_call()
    refused = await siti.post("tickets", {**FIRE, "incident_type": "dragon"})
    assert refused.status_code == 422
    assert "structure_fire" in refused.json()["allowed"]


async def test_a_ticket_of_a_foreign_call_is_refused_like_one_of_an_unknown_call(
    desk: Desk, siti: Person
) -> None:
    desk.has_call("call-kupang", tenant=KUPANG)
    foreign = await siti.post("tickets", {**FIRE, "call_id": "call-kupang"})
    unknown = await siti.post("tickets", {**FIRE, "call_id": "call-nowhere"})
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


# Looking


async def test_a_ticket_is_found_by_its_number(desk: Desk, siti: Person) -> None:
    await opened(desk, siti)
    assert (await siti.get("tickets/TTU-20261122-0001")).status_code == 200
    assert (await siti.get("tickets/TTU-20261122-0002")).status_code == 404


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("open", ["TTU-1"]),
        ("escalated", ["TTU-2"]),
        ("closed", ["TTU-3"]),
        ("all", ["TTU-1", "TTU-2", "TTU-3"]),
    ],
)
async def test_tickets_are_listed_by_status(
    desk: Desk, siti: Person, status: str, expected: list[str]
) -> None:
    ended = Closing(disposition=Disposition.HELPED, at=NOON, by="dispatch")
    desk.tickets.put(TTU, "1", ticket(number="TTU-1"))
    desk.tickets.put(TTU, "2", ticket(number="TTU-2", status=TicketStatus.ESCALATED, round=1))
    desk.tickets.put(TTU, "3", ticket(number="TTU-3", status=TicketStatus.CLOSED, round=1, closing=ended))
    desk.tickets.put(KUPANG, "4", ticket(number="KPG-1"))
    assert numbers(await siti.get(f"tickets?status={status}")) == expected


async def test_a_closed_ticket_shows_how_it_ended(desk: Desk, siti: Person) -> None:
    ended = Closing(disposition="teleported", at=NOON, by="dispatch", reason="selesai")
    desk.tickets.put(TTU, "3", ticket(status=TicketStatus.CLOSED, round=1, closing=ended))
    shown = (await siti.get("tickets/3")).json()
    assert (shown["disposition"], shown["closing_reason"]) == ("teleported", "selesai")
    assert (shown["closed_by"], shown["closed_at"]) == ("dispatch", "2026-11-22T04:00:00Z")


# Working


async def test_a_ticket_is_corrected(desk: Desk, siti: Person) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    answer = await siti.patch(f"tickets/{ticket_id}", {"priority": "P2", "district": "53.03.01"})
    assert answer.status_code == 200
    assert (answer.json()["priority"], answer.json()["place"]["district"]) == ("P2", "53.03.01")


async def test_two_people_change_one_ticket_and_the_second_sees_the_firsts_state(
    desk: Desk, siti: Person, town: Town
) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    seen = (await siti.get(f"tickets/{ticket_id}")).headers["ETag"]
    await siti.patch(f"tickets/{ticket_id}", {"priority": "P2"}, headers={"If-Match": seen})
    lost = await town.somebody(subject="budi").patch(
        f"tickets/{ticket_id}", {"priority": "P3"}, headers={"If-Match": seen}
    )
    assert lost.status_code == 409
    assert (lost.json()["version"], lost.json()["current"]["priority"]) == (2, "P2")


@pytest.mark.parametrize("body", [{}, {"priority": None}, {"status": "closed"}, {"priority": "P9"}])
async def test_a_correction_that_says_nothing_or_nonsense_is_refused(
    desk: Desk, siti: Person, body: dict[str, Any]
) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    assert (await siti.patch(f"tickets/{ticket_id}", body)).status_code == 422


async def test_a_ticket_is_escalated_and_again(desk: Desk, siti: Person) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    first = await siti.post(f"tickets/{ticket_id}/escalations", {})
    again = await siti.post(f"tickets/{ticket_id}/escalations", {"agencies": ["polres"], "reason": "massa"})
    assert (first.status_code, again.status_code) == (200, 200)
    rounds = [(one["round"], one["agencies"]) for one in again.json()["escalations"]]
    assert rounds == [(1, ["damkar", "pln"]), (2, ["polres"])]
    assert desk.tickets.topics == ["ticket.opened", "ticket.escalated", "ticket.escalated"]


async def test_a_foreign_agency_is_refused_with_the_known_ones(desk: Desk, siti: Person) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    refused = await siti.post(f"tickets/{ticket_id}/escalations", {"agencies": ["fbi"]})
    assert (refused.status_code, refused.json()["field"]) == (422, "agencies")


async def test_an_escalated_ticket_is_not_closed_by_the_desk(desk: Desk, siti: Person) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    await siti.post(f"tickets/{ticket_id}/escalations", {})
    refused = await siti.post(f"tickets/{ticket_id}/closing", {"disposition": "cancelled", "reason": "batal"})
    assert (refused.status_code, refused.json()["allowed"]) == (409, ["change", "escalate"])


async def test_a_ticket_is_closed_and_taken_up_again(desk: Desk, siti: Person) -> None:
    ticket_id = (await opened(desk, siti))["ticket_id"]
    closed = await siti.post(
        f"tickets/{ticket_id}/closing", {"disposition": "no_agency_needed", "reason": "padam"}
    )
    assert (closed.json()["status"], closed.json()["allowed"]) == ("closed", ["reopen"])
    again = await siti.post(f"tickets/{ticket_id}/reopening", {"reason": "api lagi"})
    assert (again.json()["status"], again.json()["round"], again.json()["reopened"]) == ("open", 1, 1)
    steps = [(one["what"], one["why"]) for one in (await siti.get(f"tickets/{ticket_id}")).json()["timeline"]]
    assert steps == [("ticket.opened", ""), ("ticket.closed", "padam"), ("ticket.reopened", "api lagi")]


COMMANDS = [
    ("PATCH", "", {"priority": "P2"}),
    ("POST", "/escalations", {"agencies": ["damkar"]}),
    ("POST", "/reopening", {"reason": "lagi"}),
    ("POST", "/closing", {"disposition": "cancelled", "reason": "batal"}),
]


@pytest.mark.parametrize(("method", "door", "body"), [("GET", "", None), *COMMANDS])
async def test_a_foreign_ticket_looks_exactly_like_an_unknown_one(
    desk: Desk, siti: Person, method: str, door: str, body: Any
) -> None:
    desk.tickets.put(KUPANG, "ticket-9", ticket(tenant=KUPANG, number="KPG-20261122-0001"))
    foreign = await siti.ask(method, f"tickets/ticket-9{door}", body)
    by_number = await siti.ask(method, f"tickets/KPG-20261122-0001{door}", body)
    unknown = await siti.ask(method, f"tickets/nowhere{door}", body)
    assert {foreign.status_code, by_number.status_code, unknown.status_code} == {404}
    assert foreign.json() == by_number.json() == unknown.json()
    assert desk.tickets.documents[KUPANG, "ticket-9"].version == 1


@pytest.mark.parametrize(("method", "door", "body"), COMMANDS)
async def test_every_command_is_taken_once(
    desk: Desk, siti: Person, method: str, door: str, body: Any
) -> None:
    ended = Closing(disposition=Disposition.HELPED, at=NOON, by="dispatch")
    is_closed = {"status": TicketStatus.CLOSED, "closing": ended} if door == "/reopening" else {}
    desk.tickets.put(TTU, "ticket-1", ticket(**is_closed))
    first = await siti.ask(method, f"tickets/ticket-1{door}", body, key="k")
    again = await siti.ask(method, f"tickets/ticket-1{door}", body, key="k")
    assert first.status_code == 200, first.text
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert desk.tickets.only().round <= 1


@pytest.mark.parametrize(("method", "door", "body"), COMMANDS)
async def test_only_who_works_at_this_desk_changes_its_tickets(
    desk: Desk, town: Town, method: str, door: str, body: Any
) -> None:
    desk.tickets.put(TTU, "ticket-1", ticket())
    for stranger in (town.somebody(tenant=KUPANG), town.somebody(Role.TENANT_ADMIN)):
        assert (await stranger.ask(method, f"tickets/ticket-1{door}", body)).status_code == 403
    assert desk.tickets.documents[TTU, "ticket-1"].version == 1
