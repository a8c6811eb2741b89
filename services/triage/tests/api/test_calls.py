"""The doorways to the desk's calls."""

from dataclasses import fields
from typing import Any

import httpx
import pytest

from service_kit.identity import Role
from services.triage.tests.api.doorway import Person, Town
from services.triage.tests.fakes import CALLER, KUPANG, TTU, Desk, abandoned, call, facts
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import CallStage
from triage.api.shown import CallOut
from triage.domain.desk_call import DeskCall

SEALED = {"sealed": True}


def ids(answer: httpx.Response) -> list[str]:
    return [one["call_id"] for one in answer.json()["items"]]


def put_calls(desk: Desk) -> None:
    for stage in CallStage:
        desk.has_call(f"call-{stage}", facts(stage))
    desk.has_call("call-elsewhere", facts(CallStage.RINGING), tenant=KUPANG)


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("waiting", ["call-queued", "call-ringing"]),
        ("current", ["call-answered"]),
        ("unclassified", ["call-ended"]),
        ("all", ["call-answered", "call-ended", "call-queued", "call-ringing"]),
    ],
)
async def test_each_view_lists_its_calls_of_this_tenant(
    desk: Desk, siti: Person, view: str, expected: list[str]
) -> None:
    put_calls(desk)
    answer = await siti.get(f"calls?view={view}")
    assert (answer.status_code, ids(answer)) == (200, expected)
    assert answer.json()["next"] is None


async def test_a_list_goes_on_where_its_page_ended(desk: Desk, siti: Person) -> None:
    put_calls(desk)
    first = await siti.get("calls?view=all&limit=3")
    rest = await siti.get(f"calls?view=all&limit=3&after={first.json()['next']}")
    assert ids(first) + ids(rest) == ["call-answered", "call-ended", "call-queued", "call-ringing"]


@pytest.mark.parametrize("query", ["view=lost", "limit=0", "limit=501", "limit=x"])
async def test_a_list_that_cannot_be_read_is_refused(siti: Person, query: str) -> None:
    assert (await siti.get(f"calls?{query}")).status_code == 422


async def test_a_call_is_shown_with_its_version_and_timeline(desk: Desk, siti: Person) -> None:
    desk.has_call()
    await siti.put("calls/call-1/classification", {"classification": "prank"})
    answer = await siti.get("calls/call-1")
    assert answer.headers["ETag"] == '"2"'
    shown = answer.json()
    assert (shown["classification"], shown["stage"], shown["view"]) == ("prank", "ended", "settled")
    assert [(step["what"], step["by"]) for step in shown["timeline"]] == [("call.classified", "siti")]


async def test_looking_changes_nothing(desk: Desk, siti: Person) -> None:
    desk.has_call()
    await siti.get("calls/call-1")
    await siti.get("calls?view=all")
    assert desk.calls.documents[TTU, "call-1"].version == 1


# Personal data


async def test_personal_data_stay_sealed_unless_somebody_asks_to_see_them(desk: Desk, siti: Person) -> None:
    desk.has_call(told=facts(caller=CALLER))
    shown = (await siti.get("calls/call-1")).json()
    assert (shown["caller"], shown["story"]) == (SEALED, None)
    assert desk.vault.looked == []


async def test_who_may_and_asks_sees_the_caller_and_is_written_down(desk: Desk, siti: Person) -> None:
    desk.has_call(told=facts(caller=CALLER))
    shown = (await siti.get("calls/call-1?personal=true")).json()
    assert shown["caller"] == {"number": "081200000042", "name": "Maria"}
    assert desk.vault.looked == [("siti", "caller")]


async def test_a_caller_sealed_as_a_bare_number_can_still_be_called_back(desk: Desk, siti: Person) -> None:
    desk.has_call(told=facts(caller=Sealed("call-1/1", "caller", "081200000042"[::-1])))
    shown = (await siti.get("calls/call-1?personal=true")).json()
    assert shown["caller"]["number"] == "081200000042"


async def test_an_erased_caller_shows_as_null(desk: Desk, siti: Person) -> None:
    desk.has_call(told=facts(caller=CALLER))
    desk.vault.erased.add("call-1")
    assert (await siti.get("calls?view=all&personal=true")).json()["items"][0]["caller"] is None


async def test_who_may_not_open_sees_that_there_is_something(desk: Desk, town: Town) -> None:
    opened = await desk.opened()
    operator = town.somebody(Role.TENANT_ADMIN)
    shown = (await operator.get(f"tickets/{opened.ticket_id}?personal=true")).json()
    assert shown["caller"] == SEALED
    assert desk.vault.looked == []


# Classifying


async def test_a_class_is_given_and_told(desk: Desk, siti: Person) -> None:
    desk.has_call()
    answer = await siti.put("calls/call-1/classification", {"classification": "ghost"})
    assert answer.status_code == 200
    assert (answer.json()["classification"], answer.json()["classified_by"]) == ("ghost", "siti")
    assert (answer.headers["ETag"], answer.json()["version"]) == ('"2"', 2)
    assert desk.calls.topics == ["call.updated"]


async def test_a_change_of_class_needs_a_reason(desk: Desk, siti: Person) -> None:
    desk.has_call()
    await siti.put("calls/call-1/classification", {"classification": "prank"})
    refused = await siti.put("calls/call-1/classification", {"classification": "emergency"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "reason_needed")
    changed = await siti.put(
        "calls/call-1/classification", {"classification": "emergency", "reason": "menangis"}
    )
    assert (changed.status_code, changed.json()["reclassified"]) == (200, 1)


async def test_an_unanswered_call_has_no_class(desk: Desk, siti: Person) -> None:
    desk.has_call(told=abandoned())
    refused = await siti.put("calls/call-1/classification", {"classification": "prank"})
    assert (refused.status_code, refused.json()["reason"]) == (409, "not_answered")
    assert refused.headers["content-type"] == "application/problem+json"


async def test_who_saw_an_older_call_gets_the_newer_one(desk: Desk, siti: Person) -> None:
    desk.has_call()
    await siti.put("calls/call-1/classification", {"classification": "prank"})
    lost = await siti.put(
        "calls/call-1/classification",
        {"classification": "ghost", "reason": "sunyi"},
        headers={"If-Match": '"1"'},
    )
    assert lost.status_code == 409
    assert (lost.json()["version"], lost.json()["current"]["classification"]) == (2, "prank")


async def test_the_same_key_answers_the_same_and_counts_once(desk: Desk, siti: Person) -> None:
    desk.has_call()
    body = {"classification": "prank"}
    first = await siti.put("calls/call-1/classification", body, key="k")
    again = await siti.put("calls/call-1/classification", body, key="k")
    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert desk.calls.documents[TTU, "call-1"].version == 2


async def test_the_same_key_for_something_else_is_refused(desk: Desk, siti: Person) -> None:
    desk.has_call()
    await siti.put("calls/call-1/classification", {"classification": "prank"}, key="k")
    other = await siti.put("calls/call-1/classification", {"classification": "ghost", "reason": "x"}, key="k")
    assert other.status_code == 422


async def test_a_command_without_a_key_is_refused(desk: Desk, town: Town, siti: Person) -> None:
    desk.has_call()
    answer = await siti.put(
        "calls/call-1/classification", {"classification": "prank"}, headers={"Idempotency-Key": ""}
    )
    assert answer.status_code == 400
    assert desk.calls.only().classification is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"classification": "nuisance"},
        {"classification": "prank", "reason": "x" * 201},
        {"classification": "prank", "reasn": "x"},
        {"classification": None},
        [],
    ],
)
async def test_a_bad_body_changes_nothing(desk: Desk, siti: Person, body: Any) -> None:
    desk.has_call()
    assert (await siti.put("calls/call-1/classification", body)).status_code == 422
    assert desk.calls.only().classification is None


# Joining and leaving


async def test_a_call_joins_a_ticket_and_leaves_it_again(desk: Desk, siti: Person) -> None:
    opened = await desk.opened()
    desk.has_call("call-2")
    joined = await siti.put("calls/call-2/ticket", {"ticket_id": opened.ticket_id})
    assert (joined.status_code, joined.json()["ticket_id"]) == (200, opened.ticket_id)
    left = await siti.post("calls/call-2/separation", {"reason": "kebakaran lain"})
    assert (left.status_code, left.json()["ticket_id"], left.json()["link_pending"]) == (200, None, False)


async def test_a_call_with_a_ticket_joins_no_other(desk: Desk, siti: Person) -> None:
    await desk.opened()
    other = await desk.opened("call-2")
    refused = await siti.put("calls/call-1/ticket", {"ticket_id": other.ticket_id})
    assert (refused.status_code, refused.json()["allowed"]) == (409, ["separate"])


async def test_leaving_needs_a_reason(desk: Desk, siti: Person) -> None:
    await desk.opened()
    assert (await siti.post("calls/call-1/separation", {"reason": "  "})).status_code == 422
    assert (await siti.post("calls/call-1/separation", {})).status_code == 422


# Who, and whose


COMMANDS = [
    ("PUT", "classification", {"classification": "prank"}),
    ("PUT", "ticket", {"ticket_id": "t"}),
    ("POST", "separation", {"reason": "lain"}),
]


@pytest.mark.parametrize(("method", "door", "body"), COMMANDS)
async def test_a_foreign_call_looks_exactly_like_an_unknown_one(
    desk: Desk, siti: Person, method: str, door: str, body: Any
) -> None:
    desk.has_call("call-kupang", tenant=KUPANG)
    foreign = await siti.ask(method, f"calls/call-kupang/{door}", body)
    unknown = await siti.ask(method, f"calls/call-nowhere/{door}", body)
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


async def test_looking_at_a_foreign_call_is_looking_at_an_unknown_one(desk: Desk, siti: Person) -> None:
    desk.has_call("call-kupang", tenant=KUPANG)
    foreign, unknown = await siti.get("calls/call-kupang"), await siti.get("calls/call-nowhere")
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


async def test_a_foreign_ticket_is_joined_no_more_than_an_unknown_one(desk: Desk, siti: Person) -> None:
    desk.has_call()
    opened = await desk.opened("call-2")
    desk.tickets.documents[KUPANG, opened.ticket_id] = desk.tickets.documents.pop((TTU, opened.ticket_id))
    foreign = await siti.put("calls/call-1/ticket", {"ticket_id": opened.ticket_id})
    unknown = await siti.put("calls/call-1/ticket", {"ticket_id": "nowhere"})
    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()


@pytest.mark.parametrize(("method", "door", "body"), COMMANDS)
async def test_only_who_works_at_this_desk_changes_its_calls(
    desk: Desk, town: Town, method: str, door: str, body: Any
) -> None:
    desk.has_call()
    for stranger in (town.somebody(tenant=KUPANG), town.somebody(Role.TENANT_ADMIN)):
        answer = await stranger.ask(method, f"calls/call-1/{door}", body)
        assert answer.status_code == 403
    assert desk.calls.documents[TTU, "call-1"].version == 1


async def test_nobody_without_a_token_sees_a_call(town: Town) -> None:
    assert (await town.client.get(f"/v1/tenants/{TTU}/calls")).status_code == 401


async def test_a_store_that_is_away_asks_to_send_the_same_again(desk: Desk, siti: Person) -> None:
    desk.has_call()
    desk.calls.away_for = 1
    answer = await siti.put("calls/call-1/classification", {"classification": "prank"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


def test_every_fact_and_decision_of_a_call_has_a_place_in_the_answer() -> None:
    shown = set(CallOut.model_fields)
    told = {field.name for field in fields(call().facts)}
    own = {field.name for field in fields(DeskCall)} - {"tenant", "facts", "link", "links", "opened"}
    assert told | own - {"configuration_version"} <= shown | {"exchange_call_id"}
