"""All six services on the real broker and store, and two regencies with a call, a ticket and a task each."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

import agency_notifier.config
import agency_notifier.main
import directory.config
import directory.main
import dispatch.config
import dispatch.main
import intake.config
import intake.main
import statistics_service.config
import statistics_service.main
import triage.config
import triage.main
from service_kit.clock import utc_now
from service_kit.identity import ANYWHERE, Kind, Principal, Role, Signer
from service_kit.secrets import Secrets
from service_kit.service import Service
from service_kit.settings import ServiceSettings
from tests.integration.small_service import WITHIN_SECONDS, configured, eventually

AGENCY = "damkar"
CODES = count(int.from_bytes(os.urandom(2)))
PARTS: Mapping[str, tuple[type[ServiceSettings], Callable[[Service, Any], Awaitable[None]]]] = {
    "directory": (directory.config.DirectorySettings, directory.main.assemble),
    "intake": (intake.config.IntakeSettings, intake.main.assemble),
    "triage": (triage.config.TriageSettings, triage.main.assemble),
    "dispatch": (dispatch.config.DispatchSettings, dispatch.main.assemble),
    "agency-notifier": (agency_notifier.config.NotifierSettings, agency_notifier.main.assemble),
    "statistics": (statistics_service.config.StatisticsSettings, statistics_service.main.assemble),
}
KINDS = {Role.AGENCY: Kind.AGENCY, Role.BRIDGE: Kind.BRIDGE}


def person(role: Role, tenant: str) -> Principal:
    """Return somebody of one regency, or (`*`) of the platform."""
    kind = KINDS.get(role, Kind.PERSON)
    agency = AGENCY if role is Role.AGENCY else None
    return Principal(f"{role}-{tenant}", role, kind, frozenset({tenant}), frozenset({role}), agency)


def trunk_of(code: str) -> str:
    """Return the name of a regency's only trunk."""
    return f"pbx-{code.replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class Regency:
    """One tenant and the ids of what is in it, by the names that doors give them."""

    code: str
    ids: Mapping[str, str]
    number: str


@dataclass(frozen=True, slots=True)
class Province:
    """Six running services and who may ask them."""

    services: Mapping[str, Service]
    clients: Mapping[str, httpx.AsyncClient]
    signer: Signer

    async def ask(
        self, service: str, who: Principal | None, method: str, path: str, body: object = None
    ) -> httpx.Response:
        """Send one request to a service; a command gets a key of its own."""
        headers = {"Idempotency-Key": str(uuid4())}
        if who is not None:
            headers["Authorization"] = f"Bearer {self.signer.token(who, utc_now())}"
        return await self.clients[service].request(method, path, json=body, headers=headers)

    async def do(self, service: str, who: Principal, method: str, path: str, body: object) -> Any:
        """Give a command that is taken."""
        answer = await self.ask(service, who, method, path, body)
        assert answer.is_success, answer.text
        return answer.json()

    async def comes(self, service: str, who: Principal, path: str, wanted: str) -> Any:
        """Wait until a door shows something under a name; return that."""
        shown: list[Any] = []

        async def is_there() -> bool:
            answer = await self.ask(service, who, "GET", path)
            shown[:] = [answer.json().get(wanted)] if answer.is_success else []
            return any(shown)

        await eventually(is_there)
        return shown[0]


@asynccontextmanager
async def province(kafka_bootstrap: str, mongo_url: str, folder: Path) -> AsyncIterator[Province]:
    """Start everything; it is stopped at the end."""
    services = await _assembled(kafka_bootstrap, mongo_url, folder)
    running = [asyncio.create_task(service.run()) for service in services.values()]
    clients = {
        name: httpx.AsyncClient(transport=httpx.ASGITransport(service.app), base_url=f"http://{name}")
        for name, service in services.items()
    }
    signer = Signer(Secrets(folder / "secrets"), issuer="siaga112", audience="siaga112")
    try:
        await asyncio.gather(*(eventually(partial(_is_ready, service)) for service in services.values()))
        yield Province(services, clients, signer)
    finally:
        for service in services.values():
            service.stop()
        codes = await asyncio.gather(*running)
    assert set(codes) == {0}


async def _assembled(kafka_bootstrap: str, mongo_url: str, folder: Path) -> dict[str, Service]:
    mark = os.urandom(4).hex()
    services = {}
    for name, (kind, assemble) in PARTS.items():
        settings = kind.model_validate(
            {
                "KAFKA_BOOTSTRAP": kafka_bootstrap,
                "MONGO_URL": mongo_url,
                "secrets_dir": folder / "secrets",
                "data_dir": folder / name,
                "token_keys": folder / "token_keys.json",
                "database_prefix": f"test_{mark}_",
                "group_prefix": f"test-{mark}-",
            }
        )
        services[name] = Service(name, settings)
        await assemble(services[name], settings)
    return services


async def _is_ready(service: Service) -> bool:
    return not await service.ready()


async def a_regency(there: Province) -> Regency:
    """Open 112 in a regency: one call, its ticket, its task, the message about it, and an account."""
    code = await _configured(there)
    taker = person(Role.CALL_TAKER, code)
    at = f"/v1/tenants/{code}"
    call_id = (await there.do("intake", taker, "POST", f"{at}/calls", {"story": "rumah terbakar"}))["call_id"]
    await there.comes("triage", taker, f"{at}/calls/{call_id}", "outcome")
    wish = {"call_id": call_id, "incident_type": "structure_fire"}
    ticket = await there.do("triage", taker, "POST", f"{at}/tickets", wish)
    ticket_id = ticket["ticket_id"]
    await there.do("triage", taker, "POST", f"{at}/tickets/{ticket_id}/escalations", {})
    (task,) = await there.comes("dispatch", taker, f"{at}/responses/{ticket_id}", "tasks")
    sent = await there.comes("agency-notifier", taker, f"{at}/deliveries", "items")
    ids = {
        "call_id": call_id,
        "ticket": ticket_id,
        "ticket_id": ticket_id,
        "task_id": task["task_id"],
        "delivery_id": sent[0]["delivery_id"],
        "account": await _account(there, code),
        "trunk": trunk_of(code),
    }
    return Regency(code, ids, ticket["number"])


async def _configured(there: Province) -> str:
    number = next(CODES) % 10_000
    code = f"{number // 100:02}.{number % 100:02}"
    letters = "".join(chr(ord("A") + int(digit)) for digit in f"{number:04}")
    plain = configured(code).configuration.model_dump(mode="json") | {"abbreviation": letters}
    plain["trunks"] = [{"id": trunk_of(code), "exchange": f"exchange-{number}", "queues": ["gawat112"]}]
    admin = person(Role.PLATFORM_ADMIN, ANYWHERE)
    await there.do("directory", admin, "PUT", f"/v1/tenants/{code}", plain)
    for service in there.services.values():
        assert await service.tenants.wait_for(code, seconds=WITHIN_SECONDS)
    return code


async def _account(there: Province, code: str) -> str:
    body = {
        "id": f"desk-{code}",
        "name": "Meja 1",
        "kind": "person",
        "tenants": [code],
        "roles": ["call_taker"],
        "password": uuid4().hex,
    }
    made = await there.do("directory", person(Role.PLATFORM_ADMIN, ANYWHERE), "POST", "/v1/accounts", body)
    return str(made["id"])
