"""The load: an exchange, call takers and agencies at the public doors, who insist as real ones do."""

import asyncio
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from bench.agencies import Agencies
from bench.agencies import Request as Posted
from bench.arrivals import Call
from bench.exchange import Exchange, line_of
from bench.people import Tokens
from bench.takers import Takers
from bench.timing import Clock
from service_kit.secrets import Secrets
from shared_schemas.tenants import TenantConfiguration
from tests.faults.history import Inputs, Request, Told
from tests.faults.liars import Liars
from tests.faults.mailbox import Mailbox
from tests.faults.setting import Setting

SLOWEST_ANSWER = 0.5
"""An agency's server answers after up to so many seconds, so that faults fall between sending and saving."""


@dataclass(frozen=True, slots=True)
class Load:
    """Everybody outside the system, in one run.

    Attributes:
        also_told: what acts of a promise had acknowledged beside the exchange.
        logged: what was written into an exchange's own log.
        enough: set when everything has been seen that calls are needed for: nobody rings any more.
    """

    tenants: tuple[TenantConfiguration, ...]
    calls: tuple[Call, ...]
    clock: Clock
    exchange: Exchange
    takers: Takers
    agencies: Agencies
    liars: Liars
    mailbox: Mailbox
    also_told: list[Told] = field(default_factory=list)
    logged: list[Told] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    async def play(self) -> None:
        """Let every call come at its moment, and be worked."""
        await asyncio.gather(*map(self._play, self.calls))

    async def _play(self, call: Call) -> None:
        await self.clock.until(call.rings_at)
        if self.enough.is_set():
            return
        call_id, tenant = self.exchange.call_id(call), self.tenants[call.tenant].code
        taken = [self.takers.take(call, call_id, tenant)] if call.is_taken else []
        await asyncio.gather(self.exchange.tell(call), *taken)

    async def hang_up(self) -> None:
        """Let replies under way end; callers and takers go home, agencies are still there."""
        await self.agencies.rest()
        await self.takers.close()
        await self.exchange.close()

    @property
    def late(self) -> list[float]:
        """How many seconds after its moment each event was told for the first time."""
        return [one.late for one in self.exchange.acknowledged]

    def inputs(self) -> Inputs:
        """Return what was acknowledged, and what never was."""
        return Inputs(
            told=(*self._told(), *self.also_told),
            logged=tuple(self.logged),
            classified=tuple(self.takers.classified),
            escalated=tuple(self.takers.escalated),
            replied=tuple(self.agencies.replied),
            refused=tuple(self._refused()),
            put_off=tuple(self.exchange.put_off),
        )

    def requests(self) -> tuple[Request, ...]:
        """Return what agencies received, by webhook and by mail."""
        return (*map(_posted, self.agencies.requests), *self.mailbox.requests)

    def _told(self) -> Iterator[Told]:
        for one in self.exchange.acknowledged:
            if one.status == HTTPStatus.ACCEPTED:
                call, wall = self.calls[one.call], self.clock.wall(one.intended)
                tenant = self.tenants[call.tenant].code
                yield Told(tenant, self.exchange.call_id(call), one.event, wall, wall + one.seconds)

    def _refused(self) -> Iterator[str]:
        for one in self.exchange.acknowledged:
            if one.status != HTTPStatus.ACCEPTED:
                call_id = self.exchange.call_id(self.calls[one.call])
                yield f"intake never acknowledged {one.event} of call {call_id} ({one.status})"
        yield from self.takers.not_taken
        if self.agencies.refused_replies:
            yield f"{self.agencies.refused_replies} replies of agencies were refused"


def load_on(
    home: Path,
    addresses: dict[str, str],
    tenants: tuple[TenantConfiguration, ...],
    calls: tuple[Call, ...],
    setting: Setting,
    clock: Clock,
    patience: float,
) -> Load:
    """Prepare the load of one run; nothing connects yet."""
    secrets = Secrets(home / "secrets")
    tokens = Tokens(secrets)
    lines = tuple(line_of(one, secrets.read(f"trunks/{one.code}/{one.trunks[0].id}")) for one in tenants)
    run = f"faults{setting.seed}"
    agencies = Agencies(
        addresses["agency-notifier"],
        tokens,
        patience=patience,
        answers_after=lambda delivery: _slowness(setting.seed, delivery),
    )
    return Load(
        tenants,
        calls,
        clock,
        Exchange(addresses["intake"], lines, clock, run, patience=patience),
        Takers(addresses["triage"], tokens, clock, patience=patience),
        agencies,
        Liars(agencies),
        Mailbox(),
    )


def _slowness(seed: int, delivery: str) -> float:
    return random.Random(f"{seed} {delivery}").uniform(0.0, SLOWEST_ANSWER)


def _posted(request: Posted) -> Request:
    _, tenant, agency, contact = request.path.split("/")
    said = request.body
    return Request(
        at=request.at,
        channel="webhook",
        message_id=request.message_id,
        delivery_id=said["delivery_id"],
        tenant=tenant,
        agency=agency,
        contact=contact,
        ticket_id=said["ticket_id"],
        task_id=said["task_id"],
    )
