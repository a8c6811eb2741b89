"""A centre on a real spool: an exchange that signs, people with tokens, a store that can be away."""

import asyncio
import itertools
import json
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from pymongo.errors import AutoReconnect

from intake.application.current_calls import CurrentCalls
from intake.application.ports import CallsAway, SealedCaller, SpoolUnwritable
from intake.application.settle_call import SettleCall
from intake.application.take_facts import TakeFacts
from intake.domain.call_record import CallRecord, take
from intake.domain.facts import Caller, CallKey, Fact, Trunk
from intake.gateways.spool import RefusedRow, SqliteSpool
from intake.handlers.settling import Settling
from service_kit.identity import Kind, Principal, Role, Signer
from service_kit.secrets import Secrets
from service_kit.signing import sign
from service_kit.skew import Skews
from service_kit.store import Kept
from service_kit.vault import Purpose, Unopened
from shared_schemas.sealed import Sealed

TTU, KUPANG = "53.03", "53.71"
TRUNK = "pbx-ttu"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NUMBER = "081200001234"
COUNTER = itertools.count()


class FakeCalls:
    """The calls' home in memory: it keeps, lists, and can be away as PyMongo says it."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], CallRecord] = {}
        self.versions: dict[str, int] = {}
        self.is_away = self.hangs = False

    async def take(self, key: CallKey, facts: Sequence[Fact]) -> None:
        if self.is_away:
            raise CallsAway
        taken = take(self.records.get((key.tenant, key.call_id)), key, facts)
        if isinstance(taken, CallRecord):
            self.records[key.tenant, key.call_id] = taken
            self.versions[key.call_id] = self.versions.get(key.call_id, 0) + 1

    async def kept(self, tenant: str, call_id: str) -> Kept[CallRecord] | None:
        await self._travel()
        record = self.records.get((tenant, call_id))
        return None if record is None else self._kept(record)

    async def page(
        self, tenant: str, *, current_only: bool, limit: int, after: str | None
    ) -> tuple[list[Kept[CallRecord]], str | None]:
        await self._travel()
        wanted = [
            record
            for (owner, _), record in self.records.items()
            if owner == tenant and record.call.order > (after or "")
            if not (current_only and record.call.is_final)
        ]
        page = sorted(wanted, key=lambda record: record.call.order)[:limit]
        return [self._kept(one) for one in page], page[-1].call.order if len(page) == limit else None

    def _kept(self, record: CallRecord) -> Kept[CallRecord]:
        key = record.key
        return Kept(key.call_id, key.tenant, self.versions[key.call_id], record, {"traceparent": ""})

    async def _travel(self) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.is_away:
            raise AutoReconnect("no store")


class FakeCallers:
    """Seals by turning words round."""

    async def seal(self, key: CallKey, caller: Caller) -> SealedCaller:
        number = json.dumps({"number": caller.number, "name": caller.name})
        story = Sealed(f"{key.call_id}/1", "story", caller.story[::-1]) if caller.story else None
        sealed = Sealed(f"{key.call_id}/1", "caller", number[::-1]) if caller.number or caller.name else None
        return SealedCaller(sealed, "ref-1" if caller.number else None, story)


@dataclass
class FakeVault:
    """Opens what the fake callers sealed; knows what was erased and who looked."""

    erased: set[str] = field(default_factory=set)
    looked: list[tuple[str, str]] = field(default_factory=list)

    async def open_many(
        self, tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        assert purpose is Purpose.DISPLAY
        self.looked += [(by, name) for name, _ in items]
        return [
            Unopened.ERASED if one.key_id.rpartition("/")[0] in self.erased else one.ciphertext[::-1]
            for _, one in items
        ]


class FakeTrunks:
    """One trunk of TTU."""

    def trunk(self, tenant: str, trunk_id: str) -> Trunk | None:
        return Trunk(tenant, trunk_id) if (tenant, trunk_id) == (TTU, TRUNK) else None


class Time:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class BreakableSpool(SqliteSpool):
    """The real spool, on a disk that can be full."""

    is_full = False

    async def append(self, arrival: Any) -> None:
        if self.is_full:
            raise SpoolUnwritable("full")
        await super().append(arrival)


@dataclass
class Centre:
    """Everything behind the doors, and the doors."""

    spool: BreakableSpool
    secrets: Secrets
    time: Time = field(default_factory=Time)
    calls: FakeCalls = field(default_factory=FakeCalls)
    vault: FakeVault = field(default_factory=FakeVault)
    current: CurrentCalls = field(default_factory=CurrentCalls)
    _client: httpx.AsyncClient | None = None
    _signer: Signer | None = None

    def __post_init__(self) -> None:
        self.skews = Skews(self.time)
        settle = SettleCall(self.calls, FakeCallers(), self.current)
        self.settling = Settling(self.spool, settle, self.time)
        self.take = TakeFacts(self.spool, self.current, self.settling.tell)

    def opens(self, client: httpx.AsyncClient, signer: Signer) -> "Centre":
        """Have doors."""
        self._client, self._signer = client, signer
        return self

    @property
    def client(self) -> httpx.AsyncClient:
        assert self._client is not None
        return self._client

    async def settle(self) -> None:
        """Carry everything from the spool to the calls."""
        while await self.settling.settle_some():
            continue

    # The exchange --------------------------------------------------------------------------

    async def tell(self, event: Mapping[str, Any], **how: Any) -> httpx.Response:
        """Send an event as the exchange of TTU does."""
        return await self.send(json.dumps(event).encode(), **how)

    async def send(
        self,
        raw: bytes,
        *,
        tenant: str = TTU,
        trunk: str = TRUNK,
        id: str | None = None,  # noqa: A002 - the word of the standard
        late: timedelta = timedelta(),
        headers: Mapping[str, str] | None = None,
        content_type: str | None = "application/json",
    ) -> httpx.Response:
        """Send raw bytes, signed by TTU's secret unless other headers are given."""
        name = id or f"msg_{next(COUNTER)}"
        if headers is None:
            headers = sign(self.secrets.read(f"trunks/{TTU}/{TRUNK}"), name, self.time.now - late, raw)
        sent = dict(headers)
        if content_type is not None:
            sent["content-type"] = content_type
        url = f"/v1/tenants/{tenant}/trunks/{trunk}/events"
        return await self.client.post(url, content=raw, headers=sent)

    async def refused(self) -> list[RefusedRow]:
        """Return what was refused and kept, the newest first."""
        return await self.spool.refused(50)

    async def counted(self) -> dict[str, int]:
        """Return what was counted, by source and kind."""
        return {f"{one.source} {one.what}": one.count for one in await self.spool.counts()}

    # People --------------------------------------------------------------------------------

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        tenant: str = TTU,
        roles: AbstractSet[Role] = frozenset({Role.CALL_TAKER}),
        of: str = TTU,
        key: str | None = None,
    ) -> httpx.Response:
        """Send one request of a person; a command gets a key of its own."""
        assert self._signer is not None
        who = Principal("siti", "Siti", Kind.PERSON, frozenset({of}), frozenset(roles))
        headers = {"Authorization": f"Bearer {self._signer.token(who, self.time.now)}"}
        if method != "GET":
            headers["Idempotency-Key"] = key or str(uuid4())
        url = f"/v1/tenants/{tenant}/{path}"
        return await self.client.request(method, url, json=body, headers=headers)

    async def shown(self, path: str, **how: Any) -> Any:
        """Return what a door shows."""
        answer = await self.ask("GET", path, **how)
        assert answer.status_code == 200, answer.text
        return answer.json()


def ringing(call_id: str = "1795418172.0", seconds: float = 0, **more: Any) -> dict[str, Any]:
    """Return the beginning of a call as an exchange tells it."""
    return event("ringing", call_id, seconds, **more)


def event(kind: str, call_id: str = "1795418172.0", seconds: float = 0, **more: Any) -> dict[str, Any]:
    """Return one event as an exchange tells it, some seconds after noon."""
    at = (NOON + timedelta(seconds=seconds)).isoformat()
    return {"event": kind, "call_id": call_id, "occurred_at": at, **more}
