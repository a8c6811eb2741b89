"""The telephone exchange of the bench: says each event at its moment, whether or not the last was answered."""

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import httpx

from bench.arrivals import Call
from bench.connections import client_of
from bench.insisting import insist
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
    """Intake's answer to one event; seconds from the moment at which it should have been sent.

    Attributes:
        call: the call's number in the load.
        intended: that moment, on the load's clock.
    """

    event: str
    seconds: float
    late: float
    status: int
    call: int = 0
    intended: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether intake said that it has it."""
        return self.status == HTTPStatus.ACCEPTED


@dataclass(frozen=True, slots=True)
class PutOff:
    """One try to tell an event that intake did not take; the exchange tries again.

    Attributes:
        at: when it learned that, in seconds since 1970.
        status: what it was answered, 0 where nothing.
    """

    at: float
    status: int


class Exchange:
    """All trunks; with patience an event is sent again, the same, for so many seconds while intake is away.

    `ahead` says how far a tenant's exchange's clock is ahead, where it is not right.
    """

    def __init__(
        self, intake: str, lines: tuple[Line, ...], clock: Clock, run: str, *, patience: float = 0.0
    ) -> None:
        self._lines, self._clock, self._run, self._patience = lines, clock, run, patience
        self.ahead: dict[int, timedelta] = {}
        self._client = client_of(intake)
        self.acknowledged: list[Acknowledged] = []
        self.put_off: list[PutOff] = []

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
        body = self._body(call, event)
        named = f"{self._named(call)}-{event}".replace(".", "-")
        status = await self._post(call.tenant, named, body)
        done = self._clock.now()
        self.acknowledged.append(
            Acknowledged(event, done - intended, began - intended, status, call.number, intended)
        )

    def _time(self, tenant: int) -> datetime:
        """Return what a tenant's exchange takes for the present time."""
        return datetime.now(UTC) + self.ahead.get(tenant, timedelta())

    async def _post(self, tenant: int, named: str, body: bytes) -> int:
        line = self._lines[tenant]

        async def once() -> httpx.Response:
            signed = sign(line.secret, named, self._time(tenant), body)
            headers = {**signed, "content-type": "application/json"}
            return await self._client.post(path, content=body, headers=headers)

        path = f"/v1/tenants/{line.tenant}/trunks/{line.trunk}/events"
        try:
            return (await insist(once, seconds=self._patience, on_away=self._note_put_off)).status_code
        except httpx.HTTPError:
            return HTTPStatus.GATEWAY_TIMEOUT

    def _note_put_off(self, status: int) -> None:
        self.put_off.append(PutOff(self._clock.wall(self._clock.now()), status))

    def _body(self, call: Call, event: str) -> bytes:
        said = {
            "event": event,
            "call_id": self._named(call),
            "occurred_at": self._time(call.tenant).isoformat(),
            "number": call.caller or f"08120000{call.number % 10_000:04d}",
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
