"""The doors: who sees what, who may do what, and what a refused deed is answered with."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from dispatch.api import router
from dispatch.domain.facts import Place
from dispatch.storage import StoredListings
from service_kit.http import Gate, make_app
from service_kit.identity import KeySet, Kind, Principal, Role, Signer, Verifier
from service_kit.secrets import Secrets
from service_kit.vault import Purpose, Unopened, Vault
from services.dispatch.tests.world import ACCEPTANCE, TENANT, TICKET, World, reply, the, ticket
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import ReplyKind

RESPONSES = f"/v1/tenants/{TENANT}/responses"
OTHER_TENANT = "53.71"
ANI = Principal("ani", "Ani", Kind.PERSON, frozenset({TENANT}), frozenset({Role.DISPATCHER}))
SITI = Principal("siti", "Siti", Kind.PERSON, frozenset({TENANT}), frozenset({Role.CALL_TAKER}))
STRANGER = Principal("budi", "Budi", Kind.PERSON, frozenset({OTHER_TENANT}), frozenset({Role.DISPATCHER}))
PROVINCE = Principal("ntt", "NTT", Kind.PERSON, frozenset({TENANT}), frozenset({Role.PROVINCE_OPERATOR}))
DAMKAR = Principal(
    "damkar-ttu", "Damkar", Kind.AGENCY, frozenset({TENANT}), frozenset({Role.AGENCY}), "damkar"
)


@dataclass
class FakeVault:
    """Opens everything but what was erased, and notes who looked."""

    opened: list[tuple[str, str, Purpose]] = field(default_factory=list)

    async def open_many(
        self, _tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        """Return what is in the ciphertext."""
        self.opened += [(name, by, purpose) for name, _ in items]
        return [Unopened.ERASED if one.ciphertext == "erased" else one.ciphertext for _, one in items]


@dataclass
class Door:
    """Asks as somebody, with an idempotency key."""

    client: httpx.AsyncClient
    signer: Signer
    world: World
    vault: FakeVault
    asked: int = 0

    async def __call__(
        self,
        who: Principal | None,
        method: str,
        path: str,
        *,
        headers: dict[str, str] | None = None,
        **how: Any,
    ) -> httpx.Response:
        """Return the answer."""
        self.asked += 1
        sent = {"Idempotency-Key": f"key-{self.asked}", **(headers or {})}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.signer.token(who, self.world.now)}"
        return await self.client.request(method, path, headers=sent, **how)


async def _nothing_waits() -> list[str]:
    return []


async def _report() -> dict[str, object]:
    return {}


@pytest.fixture
async def door(world: World, tmp_path: Path) -> AsyncIterator[Door]:
    signer = Signer(Secrets(tmp_path / "secrets"), issuer="siaga112", audience="siaga112")
    signer.publish(tmp_path / "keys.json")
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), lambda: world.now)
    app = make_app("dispatch", version="0", gate=gate, report=_report, ready=_nothing_waits)
    vault = FakeVault()
    listings = StoredListings(world.store)
    app.include_router(router(listings, world.act, cast("Vault", vault), lambda: world.now))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://dispatch") as client:
        yield Door(client, signer, world, vault)


async def task_of(world: World, agency: str) -> str:
    return f"{RESPONSES}/{TICKET}/tasks/{the(await world.response(), agency).task_id}"


async def test_a_response_is_shown_with_its_clocks_and_its_timeline(door: Door, world: World) -> None:
    await world.hear(ticket("damkar", "pln"))
    world.now += timedelta(seconds=20)
    answer = await door(SITI, "GET", f"{RESPONSES}/{TICKET}")
    shown = answer.json()
    assert (answer.status_code, answer.headers["etag"], shown["version"]) == (200, '"1"', 1)
    assert [(one["agency"], one["status"], one["seconds_left"]) for one in shown["tasks"]] == [
        ("damkar", "offered", 40.0),
        ("pln", "offered", 40.0),
    ]
    assert (shown["seconds_left"], shown["tasks"][0]["possible"]) == (40.0, ["cancellation", "offers"])
    assert [(step["what"], step["by"]) for step in shown["timeline"]] == [("ticket.heard", "triage")]
    assert "traceparent" in shown


async def test_looking_changes_nothing(door: Door, world: World) -> None:
    await world.hear(ticket("damkar"))
    before = repr(world.documents.documents)
    await door(ANI, "GET", f"{RESPONSES}/{TICKET}?personal=true")
    await door(ANI, "GET", RESPONSES)
    assert repr(world.documents.documents) == before


async def test_listings_go_on_page_by_page_and_by_state(door: Door, world: World) -> None:
    for number in range(3):
        await world.hear(replace(ticket("pln"), ticket_id=f"ticket-{number}"))
        world.now += timedelta(seconds=1)
    first = (await door(SITI, "GET", f"{RESPONSES}?limit=2&status=open")).json()
    assert [one["ticket_id"] for one in first["items"]] == ["ticket-0", "ticket-1"]
    rest = await door(SITI, "GET", RESPONSES, params={"limit": 2, "after": first["next"]})
    assert [one["ticket_id"] for one in rest.json()["items"]] == ["ticket-2"]
    assert rest.json()["next"] is None
    ended = await door(SITI, "GET", f"{RESPONSES}?status=ended")
    assert ended.json() == {"items": [], "next": None}


async def test_a_reply_that_came_before_its_ticket_is_no_response_yet(door: Door, world: World) -> None:
    await world.hear(reply("t1", ReplyKind.DONE, agency="damkar"))
    assert (await door(SITI, "GET", RESPONSES)).json()["items"] == []
    assert (await door(SITI, "GET", f"{RESPONSES}/{TICKET}")).status_code == 404


def sealed(text: str) -> Sealed:
    return Sealed("call/1", "n", text)


@pytest.fixture
async def personal(world: World) -> None:
    told = ticket("damkar")
    place = Place("53.03.01", sealed("dekat pasar baru"), sealed("erased"))
    caller = sealed(json.dumps({"number": "081200000042", "name": "Warga"}))
    brief = replace(told.brief, place=place, story=sealed("rumah terbakar"), caller=caller)
    await world.hear(replace(told, brief=brief))


@pytest.mark.usefixtures("personal")
async def test_personal_data_are_sealed_unless_asked_for(door: Door) -> None:
    brief = (await door(ANI, "GET", f"{RESPONSES}/{TICKET}")).json()["brief"]
    assert brief["story"] == brief["caller"] == brief["place"]["description"] == {"sealed": True}
    assert brief["place"]["district"] == "53.03.01"
    assert door.vault.opened == []


@pytest.mark.usefixtures("personal")
async def test_who_has_the_right_and_asks_sees_them_and_what_was_erased_is_null(door: Door) -> None:
    brief = (await door(ANI, "GET", f"{RESPONSES}/{TICKET}?personal=true")).json()["brief"]
    assert brief["caller"] == {"number": "081200000042", "name": "Warga"}
    assert (brief["story"], brief["place"]["description"]) == ("rumah terbakar", "dekat pasar baru")
    assert brief["place"]["point"] is None
    assert {(by, purpose) for _, by, purpose in door.vault.opened} == {("ani", Purpose.DISPLAY)}


@pytest.mark.usefixtures("personal")
@pytest.mark.parametrize("who", [PROVINCE, DAMKAR])
async def test_who_has_no_right_sees_sealed_values_also_when_asking(door: Door, who: Principal) -> None:
    answer = await door(who, "GET", f"{RESPONSES}/{TICKET}?personal=true")
    assert answer.json()["brief"]["story"] == {"sealed": True}
    assert (door.vault.opened, "rumah terbakar" in answer.text) == ([], False)


async def test_an_agency_sees_its_own_tasks_only(door: Door, world: World) -> None:
    await world.hear(ticket("damkar", "pln"))
    shown = (await door(DAMKAR, "GET", f"{RESPONSES}/{TICKET}")).json()
    assert [task["agency"] for task in shown["tasks"]] == ["damkar"]
    assert shown["timeline"] == []
    await world.hear(replace(ticket("pln"), ticket_id="not-theirs"))
    listed = (await door(DAMKAR, "GET", RESPONSES)).json()["items"]
    assert [one["ticket_id"] for one in listed] == [TICKET]
    assert (await door(DAMKAR, "GET", f"{RESPONSES}/not-theirs")).status_code == 404


async def test_a_foreign_ticket_looks_exactly_like_an_unknown_one(door: Door, world: World) -> None:
    await world.hear(replace(ticket("damkar"), tenant=TENANT, ticket_id="foreign"))
    path = f"/v1/tenants/{OTHER_TENANT}/responses"
    foreign, unknown = [await door(STRANGER, "GET", f"{path}/{one}") for one in ("foreign", "unknown")]
    assert (foreign.status_code, foreign.json()) == (404, unknown.json())


@pytest.mark.parametrize(
    ("who", "status"), [(None, 401), (SITI, 403), (STRANGER, 403), (DAMKAR, 403), (PROVINCE, 403)]
)
async def test_only_a_dispatcher_of_the_tenant_may_act(
    door: Door, world: World, who: Principal | None, status: int
) -> None:
    await world.hear(ticket("damkar"))
    task = await task_of(world, "damkar")
    for deed in ("cancellation", "gap", "offers"):
        answer = await door(who, "POST", f"{task}/{deed}", json={"reason": "x"})
        assert answer.status_code == status
    assert len(world.told) == 1


async def test_a_task_is_called_off_with_a_reason_that_stands_in_the_timeline(
    door: Door, world: World
) -> None:
    await world.hear(ticket("damkar", "dinkes"))
    answer = await door(
        ANI, "POST", f"{await task_of(world, 'damkar')}/cancellation", json={"reason": "salah alamat"}
    )
    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    assert answer.json()["tasks"][0]["status"] == "cancelled"
    kept = await world.store.get(TENANT, TICKET)
    assert kept is not None
    assert (kept.timeline[-1].what, kept.timeline[-1].by, kept.timeline[-1].why) == (
        "task.cancelled",
        "ani",
        "salah alamat",
    )


async def test_the_same_key_again_changes_nothing_and_answers_the_same(door: Door, world: World) -> None:
    await world.hear(ticket("damkar", "dinkes"))
    path = f"{await task_of(world, 'damkar')}/cancellation"
    once, twice = [
        await door(ANI, "POST", path, json={"reason": "x"}, headers={"Idempotency-Key": "same"})
        for _ in range(2)
    ]
    assert (once.status_code, twice.status_code) == (200, 200)
    assert once.json() == twice.json()
    assert twice.headers["idempotent-replayed"] == "true"
    assert len(world.told) == 2


async def test_a_key_is_required(door: Door, world: World) -> None:
    await world.hear(ticket("damkar"))
    path = f"{await task_of(world, 'damkar')}/cancellation"
    answer = await door(ANI, "POST", path, json={"reason": "x"}, headers={"Idempotency-Key": ""})
    assert answer.status_code == 400


async def test_who_saw_an_older_version_gets_the_newer_state(door: Door, world: World) -> None:
    await world.hear(ticket("damkar"))
    await world.hear(reply(the(await world.response(), "damkar"), ReplyKind.ACCEPTED))
    path = f"{await task_of(world, 'damkar')}/cancellation"
    answer = await door(ANI, "POST", path, json={"reason": "x"}, headers={"If-Match": '"1"'})
    problem = answer.json()
    assert (answer.status_code, problem["version"], problem["current"]["version"]) == (409, 2, 2)
    assert problem["current"]["tasks"][0]["status"] == "accepted"


async def test_an_impossible_deed_names_the_possible_ones(door: Door, world: World) -> None:
    await world.hear(ticket("damkar"))
    answer = await door(
        ANI, "POST", f"{await task_of(world, 'damkar')}/gap", json={"decision": "accept", "reason": "x"}
    )
    problem = answer.json()
    assert (answer.status_code, problem["reason"]) == (409, "no_open_gap")
    assert problem["allowed"] == ["cancellation", "offers"]


async def test_an_unknown_task_is_unknown(door: Door, world: World) -> None:
    await world.hear(ticket("damkar"))
    path = f"{RESPONSES}/{TICKET}/tasks/unknown/cancellation"
    assert (await door(ANI, "POST", path, json={"reason": "x"})).status_code == 404


@pytest.mark.parametrize(
    ("deed", "body"),
    [
        ("cancellation", {}),
        ("cancellation", {"reason": ""}),
        ("cancellation", {"reason": "x" * 201}),
        ("cancellation", {"reason": "x", "more": 1}),
        ("gap", {"decision": "fill", "reason": "x"}),
        ("gap", {"decision": "accept"}),
        ("offers", {"contact": ""}),
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    door: Door, world: World, deed: str, body: dict[str, object]
) -> None:
    await world.hear(ticket("damkar"))
    answer = await door(ANI, "POST", f"{await task_of(world, 'damkar')}/{deed}", json=body)
    assert answer.status_code == 422
    assert len(world.told) == 1


async def test_a_named_contact_is_asked(door: Door, world: World) -> None:
    await world.hear(ticket("damkar"))
    answer = await door(ANI, "POST", f"{await task_of(world, 'damkar')}/offers", json={"contact": "piket"})
    assert [one["contact"] for one in answer.json()["tasks"][0]["offers"]] == ["posko", "piket"]
    assert world.topics == ["task.assigned", "task.assigned"]


async def test_accepting_the_last_gap_ends_the_response(door: Door, world: World) -> None:
    await world.hear(ticket("pln"))
    await world.wait(ACCEPTANCE)
    path = f"{await task_of(world, 'pln')}/gap"
    answer = await door(ANI, "POST", path, json={"decision": "accept", "reason": "sudah menyala"})
    assert (answer.json()["status"], answer.json()["disposition"]) == ("ended", "not_helped")
    assert world.topics[-1] == "ticket.closed"


async def test_while_the_tenants_plan_is_not_here_people_are_asked_to_try_again(
    door: Door, world: World
) -> None:
    await world.hear(ticket("damkar"))
    path = f"{await task_of(world, 'damkar')}/offers"
    world.plans.plans.clear()
    answer = await door(ANI, "POST", path, json={})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
