"""Three times as many calls as the machine holds, for minutes; before and after, a fifth of what it holds."""

import asyncio
import math
import random
import time
from itertools import count

import httpx

from bench.arrivals import Call
from tests.faults.checks.overload import CAPACITY
from tests.faults.history import Fault
from tests.faults.promises.promise import Stage
from tests.faults.setting import TICKET_EVERY, Setting

TIMES_C = 3.0
CALM_SHARE = 0.2
KIND = f"{TIMES_C:g} C"
LOOK_EVERY = 2.0
CALM_LOOKS = 5
FEW = 20
"""So many events and messages are under way at any moment in a calm."""
SEEN_AFTERWARDS = 30.0
INCIDENTS = ("medical", "land_fire", "ambulance_transfer", "structure_fire", "flood", "deceased_transfer")
"""P1, P2 and P3 in turn, as the checkout's tenants judge them."""


def too_many(setting: Setting, tenants: int) -> tuple[Call, ...]:
    """Return the calls of a run; the setting's rate is that of the storm."""
    chance = random.Random(setting.seed)
    calm = setting.calls_per_second / TIMES_C * CALM_SHARE
    ends = setting.storm_ends
    parts = (
        (0.0, setting.quiet, calm),
        (setting.quiet, ends, setting.calls_per_second),
        (ends, ends + setting.calm, calm),
    )
    moments = [
        chance.uniform(begins, until)
        for begins, until, rate in parts
        for _ in range(round((until - begins) * rate))
    ]
    numbers, tickets = count(), count()
    return tuple(
        Call(number, number % tenants, moment, _incident(number, tickets))
        for number, moment in zip(numbers, sorted(moments), strict=False)
    )


def _incident(number: int, tickets: "count[int]") -> str | None:
    return INCIDENTS[next(tickets) % len(INCIDENTS)] if number % TICKET_EVERY == 0 else None


async def too_many_call(stage: Stage) -> None:
    """Note the storm, in which nothing is done but to call."""
    setting, clock = stage.setting, stage.load.clock
    stage.noted[CAPACITY] = setting.calls_per_second / TIMES_C
    await clock.until(setting.quiet)
    began = time.time()
    await clock.until(setting.storm_ends)
    stage.injector.done.append(Fault("callers", KIND, began, time.time()))


async def calm_ends_when_healed(stage: Stage) -> None:
    """Let nobody call any more once nothing has waited for a while, and a little was seen after that."""
    clock, setting, calm = stage.load.clock, stage.setting, 0
    await clock.until(setting.storm_ends)
    while calm < CALM_LOOKS and clock.now() < setting.storm_ends + setting.calm:
        await asyncio.sleep(LOOK_EVERY)
        calm = calm + 1 if await asyncio.to_thread(_waiting, stage) <= FEW else 0
    await asyncio.sleep(SEEN_AFTERWARDS)
    stage.load.enough.set()


def _waiting(stage: Stage) -> float:
    """Count what waits between the services and at their outgoing doors; endless while one of them cannot tell."""
    system = stage.system
    try:
        reports = [system.door.get(f"{one}/status").json() for one in system.addresses.values()]
        paths = [f"/v1/tenants/{tenant.code}/deliveries" for tenant in stage.load.tenants]
        deliveries = sum(len(system.all("agency-notifier", path, status="waiting")) for path in paths)
    except httpx.HTTPError:
        return math.inf
    told = [report[name] for report in reports for name in ("lag", "outbox")]
    return math.inf if None in told else sum(sum(one.values()) for one in told) + deliveries
