"""Looking at deliveries."""

from typing import TYPE_CHECKING

import httpx

from agency_notifier.application.ports import Answer
from agency_notifier.domain.delivery import Fate

if TYPE_CHECKING:
    from conftest import AskFor, Respond, World

TTU = "/v1/tenants/53.03/deliveries"
SUPERVISOR = {"authorization": "Bearer supervisor"}


async def test_a_delivery_is_shown_with_its_attempts_and_next_try(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient
) -> None:
    world.webhook.answers(Answer(Fate.AGAIN, "503", healthy=False))
    await world.hear(respond(task("posko")))
    await world.make_tries()
    shown = (await client.get(f"{TTU}/{world.only().delivery_id}", headers=SUPERVISOR)).json()
    assert (shown["status"], shown["under_way"]) == ("waiting", False)
    assert [one["answer"] for one in shown["attempts"]] == ["503"]
    assert shown["next_attempt_at"] == "2026-11-22T04:00:02Z"
    assert shown["traceparent"].startswith("00-")
    assert shown["timeline"][0]["what"] == "delivery.made"
    assert "story" not in str(shown)


async def test_deliveries_of_a_ticket_come_in_pages(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient
) -> None:
    tasks = [task("posko", task_id=f"task-{number}") for number in range(5)]
    await world.hear(respond(*tasks))
    seen: list[str] = []
    after: dict[str, str] = {}
    while True:
        query = {"ticket_id": "ticket-1", "limit": "2", **after}
        page = (await client.get(TTU, params=query, headers=SUPERVISOR)).json()
        seen += [one["task_id"] for one in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert sorted(seen) == [f"task-{number}" for number in range(5)]


async def test_another_tickets_deliveries_are_not_listed(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient
) -> None:
    await world.hear(respond(task("posko")))
    other = await client.get(TTU, params={"ticket_id": "ticket-2"}, headers=SUPERVISOR)
    delivered = await client.get(TTU, params={"status": "delivered"}, headers=SUPERVISOR)
    assert other.json()["items"] == delivered.json()["items"] == []


async def test_a_foreign_delivery_looks_like_an_unknown_one(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient
) -> None:
    await world.hear(respond(task("posko")))
    belu = {"authorization": "Bearer belu"}
    foreign = await client.get(f"/v1/tenants/53.04/deliveries/{world.only().delivery_id}", headers=belu)
    unknown = await client.get("/v1/tenants/53.04/deliveries/nothing", headers=belu)
    assert (foreign.status_code, foreign.json()) == (404, unknown.json())


async def test_who_has_no_right_sees_nothing(client: httpx.AsyncClient) -> None:
    tokens = {"": 401, "Bearer nobody": 401, "Bearer belu": 403, "Bearer damkar": 403}
    for token, status in tokens.items():
        assert (await client.get(TTU, headers={"authorization": token})).status_code == status
