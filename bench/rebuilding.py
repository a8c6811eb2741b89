"""Building the figures again from the log: events a second."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from bench.agencies import REPLIES, Agencies, Serving
from bench.desk import Desk
from bench.effort import Effort
from bench.figures import Figure, Section, spread
from bench.people import Tokens
from bench.plot import bars
from bench.system import System
from bench.wire import Refused
from siaga_cli.run.environments import WEBHOOKS
from statistics_service.storage.generations import SETTLED_AFTER_SECONDS

GOAL = 1_500.0
WAITS_SECONDS = 2 * SETTLED_AFTER_SECONDS
"""For other replicas to notice the new generation, before it is filled and after it is shown."""

WITHIN_SECONDS = 300.0
LOOK_EVERY = 0.2
STILL_FOR = 3


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """One rebuild: how many events, in how many seconds from its start to its end, and whether it was equal."""

    events: int
    seconds: float
    equal: bool

    @property
    def per_second(self) -> float:
        """Events a second of the work itself: read, fold, write, compare, switch."""
        return self.events / max(0.001, self.seconds - WAITS_SECONDS)


async def measure_rebuilding(system: System, effort: Effort) -> Section:
    """Let statistics build everything again, several times, from the log of some tickets that came to their end."""
    desk = Desk(system, system.tenants[0].code, Tokens(system.secrets))
    agencies = Agencies(system.around.address("agency-notifier"), desk.tokens)
    async with Serving(agencies, system.around.ports[WEBHOOKS]):
        await _fill(desk, agencies, effort.rebuilt_tickets)
        await _caught_up(desk)
        return rebuilding_section([await _rebuilt(desk) for _ in range(effort.rebuilds)])


async def _fill(desk: Desk, agencies: Agencies, count: int) -> None:
    """Let tickets be escalated, accepted and finished, so that nothing goes on while figures are rebuilt."""
    wire = desk.wire("triage")
    for ticket in await desk.tickets(count):
        await desk.escalate(wire, ticket, ["damkar"])
    wire.close()
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(agencies.replied) + agencies.lost_replies < len(REPLIES) * count:  # noqa: ASYNC110 - told by a list only
            await asyncio.sleep(LOOK_EVERY)
    await agencies.close()
    if agencies.lost_replies:
        raise Refused(f"{agencies.lost_replies} replies of agencies were not taken")


async def _caught_up(desk: Desk) -> None:
    """Wait until statistics has taken everything, and nothing more comes."""
    wire, still = desk.wire("statistics"), 0
    async with asyncio.timeout(WITHIN_SECONDS):
        while still < STILL_FOR:
            lag = (await wire.must("GET", "/status", "")).said["lag"]
            still = still + 1 if not any(lag.values()) else 0
            await asyncio.sleep(1)
    wire.close()


async def _rebuilt(desk: Desk) -> Rebuilt:
    wire, token = desk.wire("statistics"), desk.tokens.operator()
    said: dict[str, Any] = (await wire.must("POST", "/v1/rebuild", token, body={}, key=desk.key())).said
    async with asyncio.timeout(WITHIN_SECONDS):
        while said["status"] == "running":
            await asyncio.sleep(LOOK_EVERY)
            said = (await wire.must("GET", f"/v1/rebuild/{said['id']}", token)).said
    wire.close()
    if said["status"] != "done":
        raise Refused(f"the rebuild failed: {said['failure']}")
    began, ended = (datetime.fromisoformat(said[name]) for name in ("started_at", "ended_at"))
    return Rebuilt(said["read"], (ended - began).total_seconds(), bool(said["equal"]))


def rebuilding_section(rebuilt: list[Rebuilt]) -> Section:
    """Tell how fast, and whether it came out the same."""
    paces, events = [one.per_second for one in rebuilt], rebuilt[-1].events
    pace, whole = median(paces), median(one.seconds for one in rebuilt)
    equal = sum(one.equal for one in rebuilt)
    figures = (
        Figure(
            "rebuilding statistics",
            f"{spread(paces, '.0f')} events/s",
            f"≥ {GOAL:,.0f}/s",
            pace >= GOAL,
            f"{events:,} events in {whole:.1f} s, {WAITS_SECONDS:.0f} s of them waits for other replicas (not counted)",
        ),
        Figure("rebuilt figures equal", f"{equal} of {len(rebuilt)}", "all", equal == len(rebuilt)),
    )
    notes = (
        "The log is read and folded in memory, written once, compared aggregate by aggregate, then shown.",
    )
    each = {f"rebuild {number}": pace for number, pace in enumerate(paces, 1)}
    drawn = bars("Rebuilding statistics", each, unit="events/s")
    return Section("Rebuilding statistics", figures, notes, {"rebuilding": drawn})
