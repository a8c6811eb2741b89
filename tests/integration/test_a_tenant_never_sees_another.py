"""A tenant never sees another: every door of every service, with every role and every kind of id."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from service_kit.clock import utc_now
from service_kit.identity import Role
from service_kit.signing import sign
from tests.integration.doors import Door, doors_of
from tests.integration.two_regencies import Province, Regency, a_regency, person, province

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

OF_NO_TENANT = ("letter", "rebuild_id")
"""Ids of what is the platform's: nobody of a tenant gets as far as to learn whether there is one."""

NOT_LET_IN = {401, 403}


@dataclass(frozen=True, slots=True)
class Two:
    """Two regencies on one platform, and the doors."""

    there: Province
    own: Regency
    foreign: Regency

    def doors(self) -> list[Door]:
        """Every door that takes a token."""
        services = self.there.services.items()
        return [door for name, service in services for door in doors_of(name, service.app)]

    async def knock(self, door: Door, role: Role, tenant: str, ids: Mapping[str, str]) -> httpx.Response:
        """Knock as somebody of the own regency."""
        who = person(role, self.own.code)
        url, body = door.url(tenant, ids), door.says(tenant, ids)
        return await self.there.ask(door.service, who, door.method, url, body)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(
    kafka_bootstrap: str, mongo_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Two]:
    async with province(kafka_bootstrap, mongo_url, tmp_path_factory.mktemp("province")) as there:
        yield Two(there, await a_regency(there), await a_regency(there))


def unknown() -> dict[str, str]:
    """Return ids that nobody has."""
    names = ("call_id", "ticket", "ticket_id", "task_id", "delivery_id", "account", "trunk", *OF_NO_TENANT)
    return {name: str(uuid4()) for name in names}


def looks(answer: httpx.Response) -> tuple[int, dict[str, str], str]:
    """Return all that somebody outside can tell of an answer."""
    return (answer.status_code, dict(answer.headers), answer.text)


def mixtures(door: Door, two: Two) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Give ids of which at least one is foreign, and the same with ids that nobody has in their place."""
    nobodys = unknown()
    made_up = {name: nobodys[name] for name in OF_NO_TENANT}
    own, foreign = {**made_up, **two.own.ids}, {**nobodys, **two.foreign.ids}
    for theirs in product((True, False), repeat=len(door.ids)):
        chosen = [name for name, is_theirs in zip(door.ids, theirs, strict=True) if is_theirs]
        if chosen:
            yield {**own, **{n: foreign[n] for n in chosen}}, {**own, **{n: nobodys[n] for n in chosen}}
    if "ticket" in door.ids:
        yield {**own, "ticket": two.foreign.number}, {**own, "ticket": two.foreign.number[:-1] + "9999"}


async def test_nobody_is_let_in_at_another_tenants_doors(two: Two) -> None:
    doors = [door for door in two.doors() if door.names_a_tenant]
    for door, role in product(doors, Role):
        every = (unknown(), {**unknown(), **two.own.ids}, {**unknown(), **two.foreign.ids})
        answers = [looks(await two.knock(door, role, two.foreign.code, ids)) for ids in every]
        assert answers[0][0] in NOT_LET_IN, (door.service, door.method, door.path, role, answers[0])
        assert answers == answers[:1] * len(every), (door.service, door.method, door.path, role)


async def test_a_foreign_id_looks_exactly_like_an_unknown_one(two: Two) -> None:
    searched = set()
    for door, role in product([door for door in two.doors() if door.ids], Role):
        for foreign, nobodys in mixtures(door, two):
            theirs = looks(await two.knock(door, role, two.own.code, foreign))
            assert not 200 <= theirs[0] < 300, (door.service, door.method, door.path, role, theirs)
            assert theirs == looks(await two.knock(door, role, two.own.code, nobodys)), (door.path, role)
            if theirs[0] == 404:
                searched.add((door.service, door.method, door.path))
    let_nobody_in = {door.path for door in two.doors() if set(door.ids) & set(OF_NO_TENANT)}
    expected = {(one.service, one.method, one.path) for one in two.doors() if one.ids}
    assert {one for one in expected - searched if one[2] not in let_nobody_in} == set(), "nobody got to look"


async def test_nothing_that_can_be_read_tells_of_another_tenant(two: Two) -> None:
    secrets = [*two.foreign.ids.values(), two.foreign.number]
    own = {**unknown(), **two.own.ids}
    read = 0
    for door, role in product([door for door in two.doors() if door.method == "GET"], Role):
        answer = await two.knock(door, role, two.own.code, own)
        read += answer.is_success
        assert not [one for one in secrets if one in answer.text], (door.service, door.path, role)
    assert read > len(Role)


async def test_a_page_cannot_be_turned_into_another_tenants(two: Two) -> None:
    """A cursor and a filter are only words: what they point at is looked for in the own tenant."""
    taker = person(Role.SUPERVISOR, two.foreign.code)
    for service, path in (
        ("triage", "calls?view=all&limit=1"),
        ("triage", "tickets?limit=1"),
        ("dispatch", "responses?limit=1"),
        ("agency-notifier", "deliveries?limit=1"),
        ("intake", "calls?view=all&limit=1"),
    ):
        theirs = await two.there.ask(service, taker, "GET", f"/v1/tenants/{two.foreign.code}/{path}")
        place = theirs.json()["next"] or ""
        own = f"/v1/tenants/{two.own.code}/{path}&after={place}"
        page = (await two.there.ask(service, person(Role.SUPERVISOR, two.own.code), "GET", own)).text
        assert not [one for one in two.foreign.ids.values() if one in page], (service, path)
    wanted = f"/v1/tenants/{two.own.code}/deliveries?ticket_id={two.foreign.ids['ticket_id']}"
    found = await two.there.ask("agency-notifier", person(Role.SUPERVISOR, two.own.code), "GET", wanted)
    assert found.json() == {"items": [], "next": None}


async def test_a_trunks_secret_opens_no_other_trunk(two: Two) -> None:
    secret = two.there.services["intake"].secrets.ensure(f"trunks/{two.own.code}/{two.own.ids['trunk']}")
    two.there.services["intake"].secrets.ensure(f"trunks/{two.foreign.code}/{two.foreign.ids['trunk']}")

    async def told(tenant: str, trunk: str) -> Any:
        body = b'{"event": "ringing", "call_id": "1", "occurred_at": "2026-11-22T10:00:00+08:00"}'
        signed = sign(secret, uuid4().hex, utc_now(), body)
        path = f"/v1/tenants/{tenant}/trunks/{trunk}/events"
        return looks(await two.there.clients["intake"].post(path, content=body, headers=signed))

    assert (await told(two.own.code, two.own.ids["trunk"]))[0] == 202
    foreign = await told(two.foreign.code, two.foreign.ids["trunk"])
    assert foreign[0] == 401
    assert foreign == await told(two.foreign.code, "unknown") == await told("99.99", "unknown")
