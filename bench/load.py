"""Calls at a steady rate through everything: what intake's answer and the way to an agency take."""

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import httpx
import psutil

from bench.agencies import Agencies, Received, Serving
from bench.arrivals import ENDED, STORY_OF, Call, Flow, arrivals
from bench.doorway import Served, commit_seconds, served
from bench.exchange import Acknowledged, Exchange, line_of
from bench.people import Tokens
from bench.system import System, processor_seconds
from bench.takers import Escalated, Takers
from bench.timing import Clock
from siaga_cli.run.environments import WEBHOOKS

STARTS_IN_SECONDS = 1.0
SETTLES_WITHIN = timedelta(seconds=60)
LOOK_EVERY = 0.25
AT_ONCE = 8
GENERATOR = "load generator"
NEIGHBOURS = "all else on this machine"
"""Whatever else uses the processor: programs of other people, the system itself, another virtual machine."""
SPANS_WRITTEN_AFTER = 1.5


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was seen from outside during the load.

    Attributes:
        not_taken: why call takers could not bring a call to its ticket.
        refused_replies: what agencies replied and the notifier did not take, or never answered.
        lag: events that services had not taken at the end.
        served: what intake's doorway says of itself.
        commit_seconds: one fsynced commit on this disk, without Siaga.
        megabytes: resident memory of each process at the end, with everything still running.
        cores: what each process used of one core, on average over the load; the generator's own too.
        forgotten: calls whose end intake acknowledged, and which the desk does not show as ended afterwards.
    """

    calls: int
    calls_per_second: float
    seconds: float
    acknowledged: tuple[Acknowledged, ...]
    escalated: tuple[Escalated, ...]
    received: tuple[Received, ...]
    not_taken: tuple[str, ...]
    refused_replies: int
    lag: int
    served: Served
    commit_seconds: float
    megabytes: dict[str, float]
    cores: dict[str, float]
    forgotten: int = 0


@dataclass(frozen=True, slots=True)
class _Players:
    exchange: Exchange
    takers: Takers
    agencies: Agencies

    async def close(self) -> None:
        await self.takers.close()
        await self.exchange.close()


async def measure_load(system: System, flow: Flow, client: httpx.AsyncClient) -> Loaded:
    """Send all calls of a flow through a system whose services are ready."""
    clock, began = Clock(starts_in=STARTS_IN_SECONDS), time.monotonic()
    players = _players(system, clock)
    calls, spent = arrivals(flow, len(system.tenants)), _processor_seconds(system)
    intake = system.around.address("intake")
    commit, before = commit_seconds(system.around.data), await served(client, intake)
    async with Serving(players.agencies, system.around.ports[WEBHOOKS]):
        await asyncio.gather(*(_play(system, players, call) for call in calls))
        await _all_received(players)
        await players.agencies.close()
        lag = await _lag(system, client)
    seconds, megabytes = time.monotonic() - began, system.resident_megabytes()
    cores = {name: (now - spent.get(name, 0.0)) / seconds for name, now in _processor_seconds(system).items()}
    forgotten = await _forgotten(system, players, calls)
    await players.close()
    await asyncio.sleep(SPANS_WRITTEN_AFTER)
    return Loaded(
        calls=len(calls),
        calls_per_second=flow.calls_per_second,
        seconds=seconds,
        acknowledged=tuple(players.exchange.acknowledged),
        escalated=tuple(players.takers.escalated),
        received=tuple(players.agencies.received.values()),
        not_taken=tuple(players.takers.not_taken),
        refused_replies=players.agencies.lost_replies,
        lag=lag,
        forgotten=forgotten,
        served=(await served(client, intake)).since(before),
        commit_seconds=commit,
        megabytes=megabytes,
        cores=cores,
    )


def _processor_seconds(system: System) -> dict[str, float]:
    ours = {**system.processor_seconds(), GENERATOR: generator_seconds()}
    return {**ours, NEIGHBOURS: _busy_seconds() - sum(ours.values())}


def _busy_seconds() -> float:
    """Return the processor time that was not idle since the machine started, on all cores."""
    times = psutil.cpu_times()
    return float(sum(times[:8]) - times.idle - times.iowait)


def generator_seconds() -> float:
    """Return the processor time that the exchange, the takers and the agencies have used so far."""
    return processor_seconds([os.getpid()])


def _players(system: System, clock: Clock) -> _Players:
    tokens, secrets, address = Tokens(system.secrets), system.secrets, system.around.address
    lines = tuple(
        line_of(tenant, secrets.read(f"trunks/{tenant.code}/{tenant.trunks[0].id}"))
        for tenant in system.tenants
    )
    return _Players(
        Exchange(address("intake"), lines, clock, str(int(time.time()))),
        Takers(address("triage"), tokens, clock),
        Agencies(address("agency-notifier"), tokens),
    )


async def _play(system: System, players: _Players, call: Call) -> None:
    call_id, tenant = players.exchange.call_id(call), system.tenants[call.tenant].code
    await asyncio.gather(players.exchange.tell(call), players.takers.take(call, call_id, tenant))


async def _all_received(players: _Players) -> None:
    """Wait until every agency was asked, for a while: what never comes is counted, not waited for."""
    wanted = {(one.ticket_id, agency) for one in players.takers.escalated for agency in one.agencies}
    until = time.monotonic() + SETTLES_WITHIN.total_seconds()
    while time.monotonic() < until:
        if wanted <= {(one.ticket_id, one.agency) for one in players.agencies.received.values()}:
            return
        await asyncio.sleep(LOOK_EVERY)


async def _forgotten(system: System, players: _Players, calls: Sequence[Call]) -> int:
    """Ask the desk for each call whose end was acknowledged; some at once."""
    ended = [calls[one.call] for one in players.exchange.acknowledged if one.event == ENDED and one.taken]
    gate = asyncio.Semaphore(AT_ONCE)

    async def is_forgotten(call: Call) -> bool:
        async with gate:
            tenant = system.tenants[call.tenant].code
            return not await players.takers.sees_end(players.exchange.call_id(call), tenant)

    return sum(await asyncio.gather(*map(is_forgotten, ended)))


async def _lag(system: System, client: httpx.AsyncClient) -> int:
    """Wait for a while until no service is behind; return by how many events they still are."""
    until, behind = time.monotonic() + SETTLES_WITHIN.total_seconds(), -1
    while behind != 0 and time.monotonic() < until:
        reports = [
            (await client.get(f"{address}/status")).json() for address in system.around.addresses().values()
        ]
        behind = sum(sum(report["lag"].values()) for report in reports)
        await asyncio.sleep(LOOK_EVERY)
    return behind


def longest(flow: Flow) -> timedelta:
    """Return about how long a load takes."""
    return timedelta(seconds=flow.calls / flow.calls_per_second + STORY_OF[-1][1])
