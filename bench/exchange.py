"""The telephone exchange of the bench: says each event at its moment, whether or not the last was answered."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus

import httpx

from bench.arrivals import Call
from bench.timing import Clock
from service_kit.signing import sign
from shared_schemas.identifiers import derived_id
from shared_schemas.tenants import TenantConfiguration


@dataclass(frozen=True, slots=True)
class Line:
    """One tenant's trunk into intake."""

    tenant: str
    trunk: str
    queue: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Intake's answer to one event; seconds from the moment at which it should have been sent."""

    event: str
    seconds: float
    late: float
    status: int


class Exchange:
    """All trunks."""

    def __init__(self, intake: str, lines: tuple[Line, ...], clock: Clock, run: str) -> None:
        self._lines, self._clock, self._run = lines, clock, run
        self._client = httpx.AsyncClient(base_url=intake, timeout=30, trust_env=False)
        self.acknowledged: list[Acknowledged] = []

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    def call_id(self, call: Call) -> str:
        """Return the id under which every service knows the call."""
        line = self._lines[call.tenant]
        return derived_id(line.tenant, "call", line.trunk, self._named(call))

    async def tell(self, call: Call) -> None:
        """Say everything about one call, each thing at its own moment."""
        await asyncio.gather(*(self._say(call, event, at) for event, at in call.says))

    async def _say(self, call: Call, event: str, intended: float) -> None:
        await self._clock.until(intended)
        began = self._clock.now()
        line, body = self._lines[call.tenant], self._body(call, event)
        named = f"{self._named(call)}-{event}".replace(".", "-")
        headers = {
            **sign(line.secret, named, datetime.now(UTC), body),
            "content-type": "application/json",
        }
        path = f"/v1/tenants/{line.tenant}/trunks/{line.trunk}/events"
        status = await self._post(path, body, headers)
        done = self._clock.now()
        self.acknowledged.append(Acknowledged(event, done - intended, began - intended, status))

    async def _post(self, path: str, body: bytes, headers: dict[str, str]) -> int:
        try:
            return (await self._client.post(path, content=body, headers=headers)).status_code
        except httpx.HTTPError:
            return HTTPStatus.GATEWAY_TIMEOUT

    def _body(self, call: Call, event: str) -> bytes:
        said = {
            "event": event,
            "call_id": self._named(call),
            "occurred_at": datetime.now(UTC).isoformat(),
            "number": f"08120000{call.number % 10_000:04d}",
            "queue": self._lines[call.tenant].queue,
        }
        if event in {"answered", "ended"}:
            said["agent"] = f"agen-{call.number % 4 + 1:02d}"
        return json.dumps(said).encode()

    def _named(self, call: Call) -> str:
        return f"{self._run}.{call.number}"


def line_of(tenant: TenantConfiguration, secret: bytes) -> Line:
    """Return a tenant's first trunk."""
    trunk = tenant.trunks[0]
    return Line(tenant.code, trunk.id, trunk.queues[0] if trunk.queues else "112", secret)
