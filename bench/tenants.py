"""What an extra tenant costs: the time to put it in force, memory and idle work of every process."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.effort import Effort
from bench.figures import Figure, Section, milliseconds
from bench.percentiles import percentile
from bench.system import System
from bench.wire import Wire
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.run.directory_door import DirectoryDoor

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
IN_FORCE_WITHIN = 60.0
LOOK_EVERY, IDLE_SECONDS, SETTLED_AFTER = 0.1, 8.0, 3.0


@dataclass(frozen=True, slots=True)
class State:
    """What the processes hold and do while nobody calls: megabytes, and the share of a core."""

    megabytes: dict[str, float]
    cores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Extra:
    """So many tenants more: seconds of each one's applying, and of all until every service knew them."""

    count: int
    applied: Sequence[float]
    in_force: float
    before: State
    after: State


async def measure_tenants(system: System, effort: Effort) -> Section:
    """Put many copies of one regency in force and look what that changed."""
    more = copies(system.tenants[0], effort.tenants)
    before, applied, began = await _idle(system), list[float](), time.monotonic()
    async with DirectoryDoor(system.around.address("directory"), system.secrets, "bench") as door:
        for tenant in more:
            asked = time.monotonic()
            await door.apply(tenant)
            applied.append(time.monotonic() - asked)
    await _known_everywhere(system, len(system.tenants) + len(more))
    in_force = time.monotonic() - began
    return tenants_section(Extra(len(more), applied, in_force, before, await _idle(system)))


def copies(tenant: TenantConfiguration, count: int) -> list[TenantConfiguration]:
    """Return regencies like this one, each with a code, an abbreviation and an exchange of its own."""
    return [_copy(tenant, number) for number in range(count)]


def _copy(tenant: TenantConfiguration, number: int) -> TenantConfiguration:
    code = f"{70 + number // 90}.{10 + number % 90}"
    abbreviation = "X" + LETTERS[number // 26 % 26] + LETTERS[number % 26]
    trunks = tuple(one.model_copy(update={"exchange": f"{one.exchange}-{number}"}) for one in tenant.trunks)
    return tenant.model_copy(update={"code": code, "abbreviation": abbreviation, "trunks": trunks})


async def _known_everywhere(system: System, count: int) -> None:
    wires = [Wire(address) for address in system.around.addresses().values()]
    async with asyncio.timeout(IN_FORCE_WITHIN):
        for wire in wires:
            while len((await wire.must("GET", "/status", "")).said["tenants"]) < count:  # noqa: ASYNC110 - told by the door only
                await asyncio.sleep(LOOK_EVERY)
            wire.close()


async def _idle(system: System) -> State:
    await asyncio.sleep(SETTLED_AFTER)
    before, began = system.processor_seconds(), time.monotonic()
    await asyncio.sleep(IDLE_SECONDS)
    seconds = time.monotonic() - began
    cores = {name: (now - before[name]) / seconds for name, now in system.processor_seconds().items()}
    return State(system.resident_megabytes(), cores)


def tenants_section(extra: Extra) -> Section:
    """Tell what one tenant more costs."""
    held = {name: extra.after.megabytes[name] - was for name, was in extra.before.megabytes.items()}
    figures = (
        Figure(
            "putting a tenant in force",
            f"p50 {milliseconds(percentile(extra.applied, 0.5))}, most {milliseconds(max(extra.applied))}",
            reason=f"{extra.count} tenants one after the other, known to every service after {extra.in_force:.1f} s",
        ),
        Figure(
            "memory of one tenant more, all processes",
            f"{sum(held.values()) / extra.count * 1000:.0f} kB",
            reason=", ".join(f"{name} {more / extra.count * 1000:+.0f}" for name, more in held.items()),
        ),
        Figure(
            "idle work of all processes",
            f"{sum(extra.before.cores.values()):.1%} of a core before, {sum(extra.after.cores.values()):.1%} after",
            reason=", ".join(f"{name} {used:.1%}" for name, used in extra.after.cores.items()),
        ),
    )
    notes = ("Tenants are copies of one regency without calls; partitions and topics stay as they are.",)
    return Section("What an extra tenant costs", figures, notes)
