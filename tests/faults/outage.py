"""What is looked at while the broker or the store is away: who waits and how, and how long catching up takes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx

from bench.arrivals import Call
from bench.people import Tokens
from service_kit.secrets import Secrets
from siaga_cli.run.environments import SERVICES
from tests.faults.asking import siaga_status
from tests.faults.checks.outage import BACK, CPU, CURRENT, SAID
from tests.faults.promises.promise import Stage

LOOK_EVERY, LIST_EVERY = 1.0, 5.0
SETTLED_AFTER = 5.0
"""Seconds after which who noticed that somebody is away has done what it does at first."""

GIVES_UP_AFTER = 300.0
ENDS_AFTER = 12.0
"""Seconds from a call's first ring to its end."""

LEEWAY = 1.0


async def everybody_is_back(stage: Stage) -> None:
    """Note when, after the outage, every service could tell again what waits at it; nothing where they never could."""
    await stage.injector.over.wait()
    with suppress(TimeoutError):
        async with _door() as door, asyncio.timeout(GIVES_UP_AFTER):
            while not await _can_tell(stage, door):  # noqa: ASYNC110 - services are asked, they do not tell
                await asyncio.sleep(LOOK_EVERY)
            stage.noted[BACK] = time.time()


async def _can_tell(stage: Stage, door: httpx.AsyncClient) -> bool:
    """Whether broker and store answer every service."""
    try:
        reports = [(await door.get(f"{one}/status")).json() for one in stage.system.addresses.values()]
    except httpx.HTTPError:
        return False
    return all(report["ready"] and report["outbox"] is not None for report in reports)


async def status_is_looked_at(stage: Stage) -> None:
    """Note while somebody hangs what a person is told who asks how things are."""
    await stage.load.clock.until(stage.setting.quiet + stage.setting.length / 4)
    _, stage.noted[SAID] = await asyncio.to_thread(siaga_status, stage.system.home)


async def cpu_is_watched(stage: Stage) -> None:
    """Note what part of a core each service took while the outage lasted."""
    setting, clock = stage.setting, stage.load.clock
    await clock.until(setting.quiet + min(SETTLED_AFTER, setting.length / 4))
    began, before = time.monotonic(), _cpu(stage)
    await clock.until(setting.storm_ends - LEEWAY)
    lasted, after = time.monotonic() - began, _cpu(stage)
    stage.noted[CPU] = {name: (after[name] - before[name]) / lasted for name in before if name in after}


def _cpu(stage: Stage) -> dict[str, float]:
    """Return the seconds of a core that each service has taken so far."""
    found = {name: stage.injector.process_of(name) for name in SERVICES}
    times = {name: process.cpu_times() for name, process in found.items() if process}
    return {name: one.user + one.system for name, one in times.items()}


async def current_calls_are_listed(stage: Stage) -> None:
    """Ask intake again and again for the calls of the moment; note whom it left out, and how long it took."""
    setting, clock = stage.setting, stage.load.clock
    noted: dict[str, Any] = {"looks": 0, "calls": 0, "missing": [], "slowest": 0.0}
    stage.noted[CURRENT] = noted
    tokens = Tokens(Secrets(stage.system.home / "secrets"))
    await clock.until(setting.quiet + 2 * LEEWAY)
    async with _door() as door:
        while clock.now() < setting.storm_ends - LIST_EVERY:
            for number, tenant in enumerate(stage.load.tenants):
                await _look(stage, door, number, tokens.taker(tenant.code), noted)
            await asyncio.sleep(LIST_EVERY)


async def _look(
    stage: Stage, door: httpx.AsyncClient, number: int, token: str, noted: dict[str, Any]
) -> None:
    load, tenant = stage.load, stage.load.tenants[number].code
    began = load.clock.now()
    expected = {load.exchange.call_id(call): call for call in _ringing(stage, number, began)}
    url = f"{stage.system.addresses['intake']}/v1/tenants/{tenant}/calls?view=current&limit=500"
    answer = await door.get(url, headers={"Authorization": f"Bearer {token}"})
    ended = load.clock.now()
    listed = {one["call_id"] for one in answer.json()["items"]} if answer.is_success else set()
    still = {name for name, call in expected.items() if call.rings_at + ENDS_AFTER > ended + LEEWAY}
    noted["looks"] += 1
    noted["calls"] += len(still)
    noted["missing"] += [f"{name} ({answer.status_code})" for name in sorted(still - listed)]
    noted["slowest"] = max(noted["slowest"], ended - began)


def _ringing(stage: Stage, number: int, now: float) -> Iterator[Call]:
    """Give a tenant's calls that intake has acknowledged and that have not ended."""
    acknowledged = {
        one.call
        for one in stage.load.exchange.acknowledged
        if one.event == "ringing" and one.intended + one.seconds < now
    }
    for index, call in enumerate(stage.load.calls):
        if index in acknowledged and call.tenant == number and call.rings_at + ENDS_AFTER > now:
            yield call


@asynccontextmanager
async def _door() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=30, trust_env=False) as door:
        yield door
