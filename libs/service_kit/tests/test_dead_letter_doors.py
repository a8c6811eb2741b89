"""Who may see and decide which dead letters."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import cast

import httpx
import pytest
from aiokafka import ConsumerRecord

from service_kit.clock import utc_now
from service_kit.deadletters import DISCARDED, WAITING, DeadLetter, DeadLetters
from service_kit.http import Gate, make_app
from service_kit.http.dead_letters import router
from service_kit.identity import ANYWHERE, KeySet, Kind, Principal, Role, Signer, Verifier
from service_kit.secrets import Secrets

BURIED = datetime(2026, 11, 22, tzinfo=UTC)


def letter(name: str, tenant: str, status: str = WAITING) -> DeadLetter:
    return DeadLetter(name, tenant, "call.received", 0, 1, "not JSON", status, BURIED)


class Drawer:
    """Two letters of two tenants."""

    def __init__(self) -> None:
        self.kept = {"ours": letter("ours", "53.03"), "theirs": letter("theirs", "53.04")}

    async def list(self, *, status: str, limit: int, tenants: Sequence[str] | None) -> list[DeadLetter]:
        found = [one for one in self.kept.values() if one.status == status]
        return [one for one in found if tenants is None or one.tenant in tenants][:limit]

    async def get(self, name: str) -> DeadLetter | None:
        return self.kept.get(name)

    async def discard(self, name: str, *, by: str) -> DeadLetter:
        assert by
        self.kept[name] = letter(name, self.kept[name].tenant, DISCARDED)
        return self.kept[name]


async def nothing() -> list[str]:
    return []


async def no_numbers() -> dict[str, object]:
    return {}


async def never(_: ConsumerRecord) -> None:
    pytest.fail("nothing is taken again here")


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(Secrets(tmp_path / "secrets"), issuer="siaga112", audience="siaga112")


@pytest.fixture
async def client(tmp_path: Path, signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    signer.publish(tmp_path / "keys.json")
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), utc_now)
    app = make_app("test", version="1", gate=gate, report=no_numbers, ready=nothing)
    app.include_router(router(cast("DeadLetters", Drawer()), never))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as made:
        yield made


def as_(signer: Signer, role: Role, tenant: str = "53.03") -> dict[str, str]:
    who = Principal("siti", "Siti", Kind.PERSON, frozenset({tenant}), frozenset({role}))
    token = signer.token(who, utc_now(), timedelta(minutes=5))
    return {"Authorization": f"Bearer {token}", "Idempotency-Key": "k"}


async def test_a_supervisor_sees_the_letters_of_the_own_tenant_only(
    client: httpx.AsyncClient, signer: Signer
) -> None:
    listed = await client.get("/v1/deadletters", headers=as_(signer, Role.SUPERVISOR))
    assert [one["id"] for one in listed.json()["items"]] == ["ours"]


async def test_a_foreign_letter_looks_like_an_unknown_one(client: httpx.AsyncClient, signer: Signer) -> None:
    foreign = await client.get("/v1/deadletters/theirs", headers=as_(signer, Role.SUPERVISOR))
    unknown = await client.get("/v1/deadletters/none", headers=as_(signer, Role.SUPERVISOR))
    assert foreign.status_code == unknown.status_code == HTTPStatus.NOT_FOUND
    assert foreign.json() == unknown.json()


async def test_the_platforms_keeper_sees_and_discards_all(client: httpx.AsyncClient, signer: Signer) -> None:
    keeper = as_(signer, Role.PLATFORM_ADMIN, ANYWHERE)
    listed = await client.get("/v1/deadletters", headers=keeper)
    assert len(listed.json()["items"]) == 2
    done = await client.post("/v1/deadletters/theirs/discard", headers=keeper)
    assert done.json()["status"] == DISCARDED


async def test_who_may_only_read_decides_nothing(client: httpx.AsyncClient, signer: Signer) -> None:
    tried = await client.post("/v1/deadletters/ours/discard", headers=as_(signer, Role.SUPERVISOR))
    assert tried.status_code == HTTPStatus.FORBIDDEN


async def test_a_call_taker_sees_no_letters(client: httpx.AsyncClient, signer: Signer) -> None:
    tried = await client.get("/v1/deadletters", headers=as_(signer, Role.CALL_TAKER))
    assert tried.status_code == HTTPStatus.FORBIDDEN
