"""What is looked at while the broker or the store is away: who waits and how, and how long catching up takes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bench.arrivals import Call
from bench.people import Tokens
from service_kit.secrets import Secrets
from siaga_cli.run.environments import SERVICES
from tests.faults.checks.outage import CATCHING_UP, CPU, CURRENT, limit_of
from tests.faults.history import NORMAL_AGAIN_WITHIN, Json
from tests.faults.promises.promise import Stage

LOOK_EVERY, LIST_EVERY = 1.0, 5.0
SETTLED_AFTER = 5.0
"""Seconds after which who noticed that somebody is away has done what it does at first."""

USUAL_AT_LEAST = 10
"""So many events may be on their way at any moment."""

CALM_LOOKS = 3
GIVES_UP_AFTER = 900.0
ENDS_AFTER = 12.0
"""Seconds from a call's first ring to its end."""

LEEWAY = 1.0


async def catching_up(stage: Stage) -> None:
    """Note how many events wait, second by second, from the outage's end until as few do as before it."""
    async with _door() as door:
        usual = max([one async for one in _before(stage, door)], default=0)
        await stage.load.clock.until(stage.setting.storm_ends)
        while not _over(stage):  # noqa: ASYNC110 - the injector says it by what it has done
            await asyncio.sleep(LOOK_EVERY / 10)
        began = max(fault.ended for fault in stage.injector.done)
        told: dict[str, Any] = {"usual": max(usual, USUAL_AT_LEAST), "samples": []}
        stage.noted[CATCHING_UP] = told
        async for sample in _after(stage, door, began, told["usual"]):
            told["samples"].append(sample)
    stage.noted[NORMAL_AGAIN_WITHIN] = limit_of(told)


async def _before(stage: Stage, door: httpx.AsyncClient) -> AsyncIterator[int]:
    while stage.load.clock.now() < stage.setting.quiet - 2 * LOOK_EVERY:
        if (waits := await _waiting(stage, door)) is not None:
            yield waits
        await asyncio.sleep(LOOK_EVERY)


async def _after(
    stage: Stage, door: httpx.AsyncClient, began: float, usual: int
) -> AsyncIterator[tuple[float, int | None]]:
    """Give the seconds since the end and what waits then, None where not everybody can tell."""
    calm = 0
    while calm < CALM_LOOKS and time.time() < began + GIVES_UP_AFTER:
        waits = await _waiting(stage, door)
        yield time.time() - began, waits
        calm = calm + 1 if waits is not None and waits <= usual else 0
        await asyncio.sleep(LOOK_EVERY)


def _over(stage: Stage) -> bool:
    """Whether the last of the outage's faults is done."""
    done = [fault.ended for fault in stage.injector.done]
    return bool(done) and max(done) >= stage.load.clock.wall(stage.setting.storm_ends)


async def _waiting(stage: Stage, door: httpx.AsyncClient) -> int | None:
    """Return how many events wait to be heard, to be sent or to be settled; None where somebody cannot tell."""
    reports = await asyncio.gather(
        *(_report(door, address) for address in stage.system.addresses.values()), return_exceptions=True
    )
    counts = [count for report in reports for count in _counts(report)]
    return None if None in counts else sum(count for count in counts if count)


async def _report(door: httpx.AsyncClient, address: str) -> Json:
    report: Json = (await door.get(f"{address}/status")).raise_for_status().json()
    return report


def _counts(report: Json | BaseException) -> Iterator[int | None]:
    if isinstance(report, BaseException) or report["lag"] is None or report["outbox"] is None:
        yield None
        return
    for what in (report["lag"], report["outbox"], report.get("spool") or {}):
        yield from what.values()


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
