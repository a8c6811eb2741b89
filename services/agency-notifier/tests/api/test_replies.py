"""Replies by an agency's own program."""

from typing import TYPE_CHECKING, Any

import httpx
import pytest

from agency_notifier.contracts import agency_replied

if TYPE_CHECKING:
    from conftest import AskFor, Respond, World

TASK_1 = "/v1/tenants/53.03/tickets/ticket-1/tasks/task-1/replies"


async def post(
    client: httpx.AsyncClient, body: object, *, by: str = "damkar", **about: Any
) -> httpx.Response:
    headers = {"authorization": f"Bearer {by}", "idempotency-key": about.get("key", "k1")}
    return await client.post(about.get("url", TASK_1), json=body, headers=headers)


@pytest.fixture(autouse=True)
async def asked(world: "World", respond: "Respond", task: "AskFor") -> None:
    """Damkar was asked."""
    await world.hear(respond(task("posko")))


async def test_a_reply_is_taken_and_told(world: "World", client: httpx.AsyncClient) -> None:
    said = {"reply": "declined", "reason": "mobil rusak", "occurred_at": "2026-11-22T11:59:00+08:00"}
    response = await post(client, said)
    assert response.status_code == 202
    (kept,) = world.replies.kept.values()
    said_back: dict[str, object] = {
        "reply_id": kept.reply_id,
        "reply": "declined",
        "left_out": [],
        "task_closed": None,
    }
    assert response.json() == said_back
    assert (kept.reason, kept.by, kept.channel) == ("mobil rusak", "damkar-robot", "api")
    assert kept.occurred_at.isoformat() == "2026-11-22T11:59:00+08:00"
    assert world.replies.told == ["agency.replied"]


async def test_a_reason_is_kept_on_one_line_without_what_nobody_sees(
    world: "World", client: httpx.AsyncClient
) -> None:
    said = {"reply": "declined", "reason": " mobil\r\n\u0000\trusak\u0000\u001b\u202e "}
    assert (await post(client, said)).status_code == 202
    assert [one.reason for one in world.replies.kept.values()] == ["mobil rusak"]


@pytest.mark.parametrize("told", ["1970-01-01T00:00:05+00:00", "2199-12-31T23:59:59+00:00"])
async def test_a_clock_that_is_far_off_costs_no_reply_and_stands_beside_ours(
    world: "World", client: httpx.AsyncClient, told: str
) -> None:
    assert (await post(client, {"reply": "accepted", "occurred_at": told})).status_code == 202
    (kept,) = world.replies.kept.values()
    said = agency_replied(kept, world.clock.now)
    assert (said.occurred_at.isoformat(), said.recorded_at) == (told, world.clock.now)


@pytest.mark.parametrize(
    "told",
    [
        "0001-01-01T00:00:00+00:00",
        "0001-01-01T00:00:00+08:00",
        "1899-12-31T23:59:59Z",
        "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-08:00",
        "2026-11-22T11:59:00",
        "yesterday",
        1e300,
        ["2026-11-22T11:59:00Z"],
    ],
)
async def test_a_time_that_cannot_be_costs_itself_and_never_the_reply(
    world: "World", client: httpx.AsyncClient, told: object
) -> None:
    said = {"reply": "declined", "reason": "mobil rusak", "occurred_at": told}
    first, again = await post(client, said), await post(client, said)
    assert (first.status_code, first.json()["left_out"]) == (202, ["occurred_at"])
    assert first.json() == again.json()
    (kept,) = world.replies.kept.values()
    assert (kept.reason, kept.occurred_at) == ("mobil rusak", world.clock.now)


@pytest.mark.parametrize("status", ["cancelled", "done", "declined", "unanswered"])
async def test_a_reply_to_a_task_that_has_ended_is_kept_and_told_that_it_has(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient, status: str
) -> None:
    await world.hear(respond(task("posko", status=status)))
    first, again = await post(client, {"reply": "accepted"}), await post(client, {"reply": "accepted"})
    assert (first.status_code, first.json()["task_closed"]) == (202, status)
    assert (again.status_code, again.json()) == (202, first.json())
    assert world.replies.told == ["agency.replied"]


async def test_a_repeat_after_the_task_was_called_off_is_taken_and_told_so(
    world: "World", respond: "Respond", task: "AskFor", client: httpx.AsyncClient
) -> None:
    first = await post(client, {"reply": "accepted"})
    await world.hear(respond(task("posko", status="cancelled")))
    again = await post(client, {"reply": "accepted"})
    assert (first.json()["task_closed"], again.json()["task_closed"]) == (None, "cancelled")
    assert (again.status_code, len(world.replies.told)) == (202, 1)


async def test_a_reply_goes_on_in_the_trace_of_its_delivery(
    world: "World", client: httpx.AsyncClient
) -> None:
    await post(client, {"reply": "accepted"})
    assert world.replies.traces == ["0af7651916cd43dd8448eb211c80319c"]


async def test_the_same_request_again_is_answered_alike_and_told_once(
    world: "World", client: httpx.AsyncClient
) -> None:
    first, second = await post(client, {"reply": "accepted"}), await post(client, {"reply": "accepted"})
    assert first.json() == second.json()
    assert second.headers["idempotent-replayed"] == "true"
    assert len(world.replies.told) == 1


async def test_a_key_serves_one_request(client: httpx.AsyncClient) -> None:
    await post(client, {"reply": "declined", "reason": "a"})
    other = await post(client, {"reply": "declined", "reason": "b"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:siaga112:problem:key_reused")


async def test_a_key_serves_one_reply(world: "World", client: httpx.AsyncClient) -> None:
    await post(client, {"reply": "accepted"})
    other = await post(client, {"reply": "done"})
    assert (other.status_code, other.json()["type"]) == (422, "urn:siaga112:problem:key_reused")
    assert len(world.replies.told) == 1


async def test_without_a_key_nothing_is_taken(world: "World", client: httpx.AsyncClient) -> None:
    response = await post(client, {"reply": "accepted"}, key="")
    assert (response.status_code, world.replies.kept) == (400, {})


@pytest.mark.parametrize(
    "url",
    [
        TASK_1.replace("task-1", "task-9"),
        TASK_1.replace("ticket-1", "ticket-9"),
        TASK_1.replace("task-1", "ticket-1"),
    ],
)
async def test_an_unknown_task_is_404(client: httpx.AsyncClient, url: str) -> None:
    assert (await post(client, {"reply": "accepted"}, url=url)).status_code == 404


async def test_another_agencys_task_looks_exactly_like_an_unknown_one(client: httpx.AsyncClient) -> None:
    foreign = await post(client, {"reply": "accepted"}, by="bpbd")
    unknown = await post(client, {"reply": "accepted"}, by="bpbd", url=TASK_1.replace("task-1", "task-9"))
    assert (foreign.status_code, foreign.json()) == (404, unknown.json())


async def test_another_tenants_agency_of_the_same_name_is_a_stranger(
    world: "World", client: httpx.AsyncClient
) -> None:
    assert (await post(client, {"reply": "accepted"}, by="belu-damkar")).status_code == 403
    there = TASK_1.replace("53.03", "53.04")
    assert (await post(client, {"reply": "accepted"}, by="belu-damkar", url=there)).status_code == 404
    assert world.replies.kept == {}


@pytest.mark.parametrize("who", ["supervisor", "nobody"])
async def test_only_an_agency_replies(client: httpx.AsyncClient, who: str) -> None:
    assert (await post(client, {"reply": "accepted"}, by=who)).status_code in {401, 403}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reply": "maybe"},
        {"reply": "declined", "reason": "x" * 201},
        {"reply": "declined", "resaon": "mobil rusak"},
        {"reply": "maybe", "occurred_at": "0001-01-01T00:00:00Z"},
        [],
    ],
)
async def test_what_does_not_fit_is_refused_with_its_field(
    world: "World", client: httpx.AsyncClient, body: object
) -> None:
    response = await post(client, body)
    assert (response.status_code, world.replies.kept) == (422, {})
    assert response.json()["errors"]
