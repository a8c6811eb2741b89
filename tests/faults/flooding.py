"""One tenant's flood: a few numbers that call again and again, and in between people who call for the first time."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx

from bench.arrivals import INCIDENTS, TICKET_EVERY, Call, Story
from bench.connections import client_of
from bench.people import Tokens
from service_kit.secrets import Secrets
from tests.faults.history import Fault
from tests.faults.noted import FIRST, FLOOD, LATE, OTHER, REACHED
from tests.faults.setting import Setting

if TYPE_CHECKING:
    from tests.faults.promises.promise import Stage

FLOODED = 0
PARTS_OF_OTHERS = 25
"""5 C for the flooded tenant, 0.2 C for the others."""
NUMBERS = 20
FIRST_CALLS_EVERY = 1.0
GIVES_UP: Story = (("ringing", 0.0), ("queued", 0.3), ("ended", 20.0))
"""Nobody has time for them: who floods hangs up, and so does in the end who calls for the first time."""
LOOK_EVERY = 0.1
LOOKS_FOR = 60.0


def flood(setting: Setting, tenants: int) -> tuple[Call, ...]:
    """Return the flood of one tenant, first calls in it, and the others' calls in turn; the load is the flood's."""
    chance = random.Random(f"{setting.seed} flood")
    moments = sorted(
        [
            *(
                (at, FLOOD)
                for at in _moments(chance, setting.quiet, setting.storm_ends, setting.calls_per_second)
            ),
            *(
                (at, FIRST)
                for at in _moments(chance, setting.quiet, setting.storm_ends, 1 / FIRST_CALLS_EVERY)
            ),
            *(
                (at, OTHER)
                for at in _moments(chance, 0.0, setting.storm_ends + setting.calm, _others(setting))
            ),
        ]
    )
    return tuple(_calls(moments, tenants))


def _others(setting: Setting) -> float:
    return setting.calls_per_second / PARTS_OF_OTHERS


def _moments(chance: random.Random, begins: float, ends: float, each_second: float) -> list[float]:
    return [chance.uniform(begins, ends) for _ in range(max(1, round((ends - begins) * each_second)))]


def _calls(moments: list[tuple[float, str]], tenants: int) -> Iterator[Call]:
    others = 0
    for number, (at, kind) in enumerate(moments):
        if kind != OTHER:
            yield Call(number, FLOODED, at, None, GIVES_UP, _number(kind, number))
            continue
        ticket, rest = divmod(others, TICKET_EVERY)
        incident = None if rest else INCIDENTS[ticket % len(INCIDENTS)]
        yield Call(number, 1 + others % (tenants - 1), at, incident)
        others += 1


def _number(kind: str, number: int) -> str:
    """Return who calls: one of those who flood, or somebody who never called before."""
    return f"0813999900{number % NUMBERS:02d}" if kind == FLOOD else f"0812555{number:06d}"


def kind_of(call: Call) -> str:
    """Return who calls."""
    if call.tenant != FLOODED:
        return OTHER
    return FLOOD if call.caller.startswith("0813999900") else FIRST


async def calls_are_looked_for(stage: "Stage") -> None:
    """Note how long after its first ring each first-time caller, and each other tenant's, was on triage's list."""
    looked = [call for call in stage.load.calls if kind_of(call) != FLOOD]
    seen: list[tuple[str, float, float]] = []
    stage.noted[REACHED] = seen
    tokens = Tokens(Secrets(stage.system.home / "secrets"))
    async with client_of(stage.system.addresses["triage"]) as client:
        await asyncio.gather(*(_look(stage, call, client, tokens, seen) for call in looked))


async def _look(
    stage: "Stage",
    call: Call,
    client: httpx.AsyncClient,
    tokens: Tokens,
    seen: list[tuple[str, float, float]],
) -> None:
    clock, tenant = stage.load.clock, stage.load.tenants[call.tenant].code
    path = f"/v1/tenants/{tenant}/calls/{stage.load.exchange.call_id(call)}"
    headers = {"Authorization": f"Bearer {tokens.taker(tenant)}"}
    await clock.until(call.rings_at)
    while clock.now() < call.rings_at + LOOKS_FOR:
        if (await client.get(path, headers=headers)).is_success:
            seen.append((kind_of(call), clock.wall(call.rings_at), clock.now() - call.rings_at))
            return
        await asyncio.sleep(LOOK_EVERY)
    seen.append((kind_of(call), clock.wall(call.rings_at), LOOKS_FOR))


async def flood_is_noted(stage: "Stage") -> None:
    """Note when the flood was, and at its end how late the load generator itself was with each event."""
    clock, setting = stage.load.clock, stage.setting
    await clock.until(setting.quiet)
    began = time.time()
    await clock.until(setting.storm_ends)
    stage.injector.done.append(Fault(stage.load.tenants[FLOODED].code, FLOOD, began, time.time()))
    stage.noted[LATE] = [
        one.late for one in stage.load.exchange.acknowledged if one.intended >= setting.quiet
    ]
