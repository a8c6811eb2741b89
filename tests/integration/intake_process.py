"""Intake as a process of its own, with an exchange that signs and a call taker who looks."""

import json
import os
from collections.abc import Mapping
from itertools import count
from typing import Any

import httpx

from service_kit.clock import utc_now
from service_kit.identity import Kind, Principal, Role, Signer
from service_kit.secrets import Secrets
from service_kit.settings import ServiceSettings
from service_kit.signing import sign
from shared_schemas.events import TenantConfigured
from shared_schemas.tenants import Trunk
from tests.integration.service_process import ServiceProcess
from tests.integration.small_service import configured

TRUNK = "pbx"
QUEUE = "gawat112"
MESSAGES = count(1)
CODES = count(int.from_bytes(os.urandom(2)))


def fresh_tenant() -> str:
    """Return a regency that no other test has: the topics are shared by all of them."""
    code = next(CODES) % 10_000
    return f"{code // 100:02}.{code % 100:02}"


def exchange_of(tenant: str) -> str:
    """Return a regency's own exchange: a queue that two regencies claim is the first one's."""
    return f"exchange-{tenant.replace('.', '-')}"


def regency(tenant: str) -> TenantConfigured:
    """Return a regency with one trunk."""
    told = configured(tenant)
    trunk = Trunk(id=TRUNK, exchange=exchange_of(tenant), queues=(QUEUE,))
    return told.model_copy(
        update={"configuration": told.configuration.model_copy(update={"trunks": (trunk,)})}
    )


class Intake(ServiceProcess):
    """One intake of one regency that no other test has."""

    def __init__(self, settings: ServiceSettings, environment: Mapping[str, str] | None = None) -> None:
        """Have a secret for the trunk and a call taker's token."""
        super().__init__("intake", settings, environment)
        self.tenant = fresh_tenant()
        self.client = httpx.AsyncClient(timeout=30)
        secrets = Secrets(settings.secrets_dir)
        self.secret = secrets.ensure(f"trunks/{self.tenant}/{TRUNK}")
        signer = Signer(secrets, issuer=settings.token_issuer, audience=settings.token_audience)
        signer.publish(settings.token_keys)
        siti = Principal("siti", "Siti", Kind.PERSON, frozenset({self.tenant}), frozenset({Role.CALL_TAKER}))
        self.token = {"Authorization": f"Bearer {signer.token(siti, utc_now())}"}

    async def end(self) -> None:
        """Leave nothing running and nothing open."""
        await self.client.aclose()
        await super().end()

    async def tell(self, kind: str, call_id: str, **more: Any) -> httpx.Response:
        """Send one event as the exchange does."""
        body = {"event": kind, "call_id": call_id, "occurred_at": utc_now().isoformat(), **more}
        raw = json.dumps(body).encode()
        headers = sign(self.secret, f"msg_{next(MESSAGES)}", utc_now(), raw)
        url = f"{self.url}/v1/tenants/{self.tenant}/trunks/{TRUNK}/events"
        return await self.client.post(url, content=raw, headers=headers)

    async def get(self, path: str, **query: str) -> httpx.Response:
        """Look as a call taker does."""
        url = f"{self.url}/v1/tenants/{self.tenant}/{path}"
        return await self.client.get(url, params=query, headers=self.token)

    async def calls(self, view: str = "all") -> dict[str, Mapping[str, Any]]:
        """Return the calls that are listed, by the exchange's own id; a list that cannot be had is empty."""
        answer = await self.get("calls", view=view, limit="500")
        if answer.status_code != 200:
            return {}
        items = answer.json()["items"]
        assert len({one["exchange_call_id"] for one in items}) == len(items)
        return {one["exchange_call_id"]: one for one in items}

    async def report(self) -> dict[str, Any]:
        """Return what it tells of itself."""
        answer = await self.client.get(f"{self.url}/status")
        report: dict[str, Any] = answer.json()
        return report

    async def is_ready(self) -> bool:
        """Whether it says that it is ready."""
        return (await self.client.get(f"{self.url}/readyz")).status_code == 200
