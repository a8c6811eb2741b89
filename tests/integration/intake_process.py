"""Intake as a process of its own, with an exchange that signs and a call taker who looks."""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from service_kit.clock import utc_now
from service_kit.identity import Kind, Principal, Role, Signer
from service_kit.secrets import Secrets
from service_kit.settings import ServiceSettings
from service_kit.signing import sign
from shared_schemas.events import TenantConfigured
from shared_schemas.tenants import Trunk
from tests.integration.small_service import configured, eventually

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


@dataclass
class Intake:
    """One intake of one regency: started, killed and started again on the same folder."""

    settings: ServiceSettings
    tenant: str = field(default_factory=fresh_tenant)
    environment: dict[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None
    client: httpx.AsyncClient = field(default_factory=lambda: httpx.AsyncClient(timeout=30))

    def __post_init__(self) -> None:
        """Have a secret for the trunk and a call taker's token."""
        secrets = Secrets(self.settings.secrets_dir)
        self.secret = secrets.ensure(f"trunks/{self.tenant}/{TRUNK}")
        signer = Signer(secrets, issuer=self.settings.token_issuer, audience=self.settings.token_audience)
        signer.publish(self.settings.token_keys)
        siti = Principal("siti", "Siti", Kind.PERSON, frozenset({self.tenant}), frozenset({Role.CALL_TAKER}))
        self.token = {"Authorization": f"Bearer {signer.token(siti, utc_now())}"}

    @property
    def folder(self) -> Path:
        """What this intake keeps on its own disk."""
        return self.settings.data_dir / "intake"

    @property
    def log(self) -> Path:
        """What it printed."""
        return self.settings.data_dir / "intake.log"

    @property
    def url(self) -> str:
        """Where its doors are."""
        return f"http://127.0.0.1:{(self.folder / 'port').read_text()}"

    async def start(self) -> None:
        """Start it; returns when its doors are open."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "port").unlink(missing_ok=True)
        environment = {
            **os.environ,
            "KAFKA_BOOTSTRAP": self.settings.kafka_bootstrap,
            "MONGO_URL": self.settings.mongo_url,
            "SIAGA_SECRETS_DIR": str(self.settings.secrets_dir),
            "SIAGA_DATA_DIR": str(self.folder),
            "SIAGA_TOKEN_KEYS": str(self.settings.token_keys),
            "SIAGA_DATABASE_PREFIX": self.settings.database_prefix,
            "SIAGA_GROUP_PREFIX": self.settings.group_prefix,
            **self.environment,
        }
        with self.log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "intake", env=environment, stdout=output, stderr=output
            )
        await eventually(self._is_open)

    async def _is_open(self) -> bool:
        assert self.process is not None
        assert self.process.returncode is None, self.log.read_text()
        return (self.folder / "port").exists()

    async def kill(self) -> None:
        """Take its life as the kernel does."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Stop it as a supervisor does; it must end by itself."""
        assert self.process is not None
        self.process.terminate()
        async with asyncio.timeout(15):
            assert await self.process.wait() == 0

    async def end(self) -> None:
        """Leave nothing running."""
        await self.client.aclose()
        if self.process is not None and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()

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
