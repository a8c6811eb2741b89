"""The directory on the real broker and store: a tenant applied is in force everywhere within two seconds."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from directory.config import DirectorySettings
from directory.main import FIRST_PASSWORD, assemble
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from shared_schemas.tenant_files import as_plain, read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from tests.integration.small_service import eventually

pytestmark = pytest.mark.integration

IN_FORCE_WITHIN_SECONDS = 2.0
KUPANG = Path(__file__).parents[2] / "tenants" / "53.71.yaml"


class Desk:
    """An administrator at a running directory."""

    def __init__(self, service: Service) -> None:
        self.service = service
        transport = httpx.ASGITransport(service.app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://directory")

    async def log_in(self) -> None:
        password = self.service.secrets.read(FIRST_PASSWORD).decode()
        answer = await self._client.post("/v1/tokens", json={"account": "admin", "password": password})
        assert answer.status_code == 200, answer.text
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    async def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = await self._client.request(
            method, path, json=body, headers={"Idempotency-Key": str(uuid4())}
        )
        assert answer.is_success, answer.text
        return answer.json()


Open = Callable[[], Awaitable[Desk]]


@pytest.fixture
async def open_directory(settings: ServiceSettings) -> AsyncIterator[Open]:
    """Start a directory, and another one on the same data when asked again; the one before is stopped."""
    given = {
        **settings.model_dump(),
        "KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "MONGO_URL": settings.mongo_url,
    }
    own = DirectorySettings.model_validate(given)
    async with _one_at_a_time(own) as start:
        yield start


@asynccontextmanager
async def _one_at_a_time(settings: DirectorySettings) -> AsyncIterator[Open]:
    running: list[tuple[Service, asyncio.Task[int]]] = []

    async def stop() -> None:
        while running:
            service, task = running.pop()
            service.stop()
            assert await task == 0

    async def start() -> Desk:
        await stop()
        service = Service("directory", settings)
        await assemble(service, settings)
        running.append((service, asyncio.create_task(service.run())))

        async def is_ready() -> bool:
            return not await service.ready()

        await eventually(is_ready)
        desk = Desk(service)
        await desk.log_in()
        return desk

    yield start
    await stop()


@pytest.fixture
def configuration() -> dict[str, Any]:
    """A regency that no other test has: the topic is shared by all of them."""
    addresses = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}
    read = read_tenant_file(KUPANG, addresses)
    assert isinstance(read, TenantConfiguration)
    one, other = (byte % 100 for byte in os.urandom(2))
    return {**as_plain(read), "code": f"{one:02}.{other:02}"}


async def test_a_tenant_applied_is_in_force_within_two_seconds(
    open_directory: Open, configuration: dict[str, Any]
) -> None:
    desk, code = await open_directory(), configuration["code"]
    applied = await desk.ask("PUT", f"/v1/tenants/{code}", configuration)
    told = await desk.service.tenants.wait_for(code, seconds=IN_FORCE_WITHIN_SECONDS)
    assert told is not None
    assert (told.version, list(told.slots)) == (1, applied["slots"])
    assert told.configuration.model_dump(mode="json") == configuration


async def test_a_restart_keeps_tenants_history_accounts_and_keys(
    open_directory: Open, configuration: dict[str, Any]
) -> None:
    desk, path = await open_directory(), f"/v1/tenants/{configuration['code']}"
    await desk.ask("PUT", path, configuration)
    keys = await desk.ask("GET", "/v1/keys")
    desk = await open_directory()
    assert await desk.ask("GET", "/v1/keys") == keys
    changed = await desk.ask("PUT", path, {**configuration, "name": "Kota Lain"})
    assert (changed["version"], [change["path"] for change in changed["changes"]]) == (2, ["name"])
    history = await desk.ask("GET", f"{path}/history")
    assert [version["version"] for version in history["items"]] == [2, 1]
    assert (await desk.ask("GET", f"{path}/history/1"))["configuration"] == configuration
    assert [one["id"] for one in (await desk.ask("GET", "/v1/accounts"))["items"]] == ["admin"]


async def test_the_trail_is_paged_in_order_and_shows_when_it_was_touched(
    open_directory: Open, configuration: dict[str, Any]
) -> None:
    desk, code = await open_directory(), configuration["code"]
    for name in ("Satu", "Dua", "Tiga"):
        await desk.ask("PUT", f"/v1/tenants/{code}", {**configuration, "name": name})
    first = (await desk.ask("GET", f"/v1/audit?tenant={code}&limit=2"))["items"]
    rest = await desk.ask("GET", f"/v1/audit?tenant={code}&after={first[-1]['place'].replace('+', '%2B')}")
    assert [one["details"]["version"] for one in [*first, *rest["items"]]] == [1, 2, 3]
    assert (await desk.ask("GET", "/v1/audit/verification"))["holds"]
    trail = desk.service.database.get_collection("audit")
    await trail.update_one({"_id": first[0]["id"]}, {"$set": {"by": "nobody"}})
    assert not (await desk.ask("GET", "/v1/audit/verification"))["holds"]


async def test_secrets_are_the_owners_alone_and_the_public_keys_are_for_all(
    open_directory: Open, settings: ServiceSettings
) -> None:
    await open_directory()
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in settings.secrets_dir.rglob("*") if path.is_file()
    }
    assert {"admin", "tokens.key"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert settings.token_keys.stat().st_mode & 0o777 == 0o644
