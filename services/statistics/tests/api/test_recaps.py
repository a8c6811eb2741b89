"""The doorways to the figures."""

from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

import httpx
import pytest

from service_kit.clock import utc_now
from service_kit.http import Gate, make_app
from service_kit.identity import KeySet, Kind, Principal, Role, Signer, Verifier
from service_kit.secrets import Secrets
from shared_schemas.vocabulary import CallOutcome
from statistics_service.api import rebuilds as rebuild_doors
from statistics_service.api import recaps as recap_doors
from statistics_service.application.ports import Rebuild
from statistics_service.application.tell_recap import TellRecap
from statistics_service.domain.profiles import NENA_2020
from statistics_service.domain.recap import Profile, recap
from statistics_service.domain.rows import CallRow, Month

TENANT = "53.03"


class OneMonth:
    async def month(self, tenant: str, month: str) -> Month:
        call = CallRow("1", datetime(2026, 11, 22, tzinfo=UTC), CallOutcome.ANSWERED, "", 4.0, 20.0)
        return Month(calls=(call,)) if (tenant, month) == (TENANT, "2026-11") else Month()

    async def known(self, tenant: str) -> list[str]:
        return ["2026-11"] if tenant == TENANT else []


class OneProfile:
    def profile(self, tenant: str) -> Profile | None:
        return NENA_2020 if tenant == TENANT else None


class KeptRebuilds:
    def __init__(self) -> None:
        self.kept: dict[str, Rebuild] = {}

    async def start(self, rebuild_id: str, *, by: str, at: datetime) -> Rebuild:
        return self.kept.setdefault(rebuild_id, Rebuild(rebuild_id, "running", at, by))

    async def get(self, rebuild_id: str) -> Rebuild | None:
        return self.kept.get(rebuild_id)


async def nothing() -> list[str]:
    return []


async def no_numbers() -> dict[str, object]:
    return {}


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    made = Signer(Secrets(tmp_path / "secrets"), issuer="siaga112", audience="siaga112")
    made.publish(tmp_path / "keys.json")
    return made


@pytest.fixture
async def client(tmp_path: Path, signer: Signer) -> AsyncIterator[httpx.AsyncClient]:
    gate = Gate(Verifier(KeySet(tmp_path / "keys.json"), "siaga112", "siaga112"), utc_now)
    app = make_app("statistics", version="0", gate=gate, report=no_numbers, ready=nothing)
    app.include_router(recap_doors.router(TellRecap(OneMonth(), OneProfile()), OneMonth()))
    app.include_router(rebuild_doors.router(KeptRebuilds()))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://statistics") as made:
        yield made


def bearer(signer: Signer, *roles: Role, tenant: str = TENANT) -> dict[str, str]:
    who = Principal("siti", "Siti", Kind.PERSON, frozenset({tenant}), frozenset(roles))
    return {"Authorization": f"Bearer {signer.token(who, utc_now(), timedelta(minutes=5))}"}


async def test_a_month_is_told_with_definitions_and_sums(client: httpx.AsyncClient, signer: Signer) -> None:
    answer = await client.get(f"/v1/tenants/{TENANT}/recaps/2026-11", headers=bearer(signer, Role.SUPERVISOR))
    told = answer.json()
    assert answer.status_code == HTTPStatus.OK
    assert told["adds_up"] is True
    assert {one["indicator"] for one in told["figures"]} == set(told["definitions"])
    assert [one["value"] for one in told["figures"] if one["indicator"] == "calls_answered"] == [1]


async def test_every_part_of_a_figure_is_told(client: httpx.AsyncClient, signer: Signer) -> None:
    answer = await client.get(f"/v1/tenants/{TENANT}/recaps/2026-11", headers=bearer(signer, Role.SUPERVISOR))
    counted = recap(await OneMonth().month(TENANT, "2026-11"), NENA_2020).figures
    assert answer.json()["figures"] == [{**asdict(one), "met": one.met} for one in counted]


@pytest.mark.parametrize("month", ["2026-13", "november", "2026"])
async def test_what_is_not_a_month_is_a_clear_problem(
    month: str, client: httpx.AsyncClient, signer: Signer
) -> None:
    answer = await client.get(f"/v1/tenants/{TENANT}/recaps/{month}", headers=bearer(signer, Role.SUPERVISOR))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "write it like 2026-11" in answer.json()["detail"]


async def test_another_tenants_figures_are_not_told(client: httpx.AsyncClient, signer: Signer) -> None:
    answer = await client.get("/v1/tenants/53.04/recaps/2026-11", headers=bearer(signer, Role.SUPERVISOR))
    assert answer.status_code == HTTPStatus.FORBIDDEN


async def test_without_a_token_nothing_is_told(client: httpx.AsyncClient) -> None:
    answer = await client.get(f"/v1/tenants/{TENANT}/recaps/2026-11")
    assert answer.status_code == HTTPStatus.UNAUTHORIZED


async def test_the_same_key_is_the_same_rebuild(client: httpx.AsyncClient, signer: Signer) -> None:
    who = Principal("root", "Root", Kind.PERSON, frozenset({"*"}), frozenset({Role.PLATFORM_ADMIN}))
    headers = {
        "Authorization": f"Bearer {signer.token(who, utc_now(), timedelta(minutes=5))}",
        "Idempotency-Key": "again",
    }
    first = await client.post("/v1/rebuild", headers=headers)
    second = await client.post("/v1/rebuild", headers=headers)
    assert first.status_code == HTTPStatus.ACCEPTED
    assert first.json()["id"] == second.json()["id"]
    shown = await client.get(f"/v1/rebuild/{first.json()['id']}", headers=headers)
    assert shown.json()["status"] == "running"


async def test_an_unknown_rebuild_is_not_found(client: httpx.AsyncClient, signer: Signer) -> None:
    who = Principal("root", "Root", Kind.PERSON, frozenset({"*"}), frozenset({Role.PLATFORM_ADMIN}))
    headers = {"Authorization": f"Bearer {signer.token(who, utc_now(), timedelta(minutes=5))}"}
    assert (await client.get("/v1/rebuild/none", headers=headers)).status_code == HTTPStatus.NOT_FOUND
