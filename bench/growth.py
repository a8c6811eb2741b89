"""What a call's flow and each list take when more and more tickets are in the store (GROWN=1000,10000,100000)."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from operator import attrgetter
from statistics import median
from typing import Any

from bench.beside.receiver import Receiver
from bench.desk import Desk
from bench.effort import Effort
from bench.figures import Figure, Section, milliseconds
from bench.filling import Pattern, fill, patterns
from bench.flow import Flow, measure_flows
from bench.people import Tokens
from bench.percentiles import percentile
from bench.system import System
from siaga_cli.run.environments import MAIL, WEBHOOKS

FLAT = 1.5
"""A median is flat that took no more than this much of the time that it took at the first size."""

CLOSED_WITHIN, LOOK_EVERY, SETTLED_AFTER = 30.0, 0.05, 1.0
STEPS: Mapping[str, Callable[[Flow], float]] = {
    "call: taken by intake": attrgetter("taken"),
    "call: until it lies on the desk": attrgetter("on_desk"),
    "call: ticket opened": attrgetter("opened"),
    "call: escalated": attrgetter("escalated"),
    "call: until the agency is asked": attrgetter("asked"),
    "call: all steps": attrgetter("whole"),
}

WARM = 3
LISTS: Mapping[str, tuple[str, str]] = {
    "tickets, newest 100": ("triage", "tickets?limit=100"),
    "open tickets": ("triage", "tickets?status=open&limit=100"),
    "one ticket by its id": ("triage", "tickets/{ticket}"),
    "one ticket by its number": ("triage", "tickets/{number}"),
    "calls on the desk": ("triage", "calls?view=unclassified&limit=100"),
    "calls at intake, current": ("intake", "calls?view=current&limit=100"),
    "calls at intake, first 100": ("intake", "calls?view=all&limit=100"),
    "responses, open": ("dispatch", "responses?status=open&limit=100"),
    "one response": ("dispatch", "responses/{ticket}"),
    "a ticket's deliveries": ("agency-notifier", "deliveries?ticket_id={ticket}"),
    "deliveries, first 100": ("agency-notifier", "deliveries?limit=100"),
}


@dataclass(frozen=True, slots=True)
class Grown:
    """How long things took with so many tickets in the store; seconds.

    Attributes:
        ticket_bytes: the size of all documents that one finished ticket leaves, without indexes.
        documents: how many were put in to come here, in how many seconds.
    """

    tickets: int
    ticket_bytes: int
    documents: int
    filled_in: float
    lists: Mapping[str, Sequence[float]]
    flows: Sequence[Flow]
    recap: Sequence[float]


async def measure_growth(system: System, effort: Effort) -> Section:
    """Fill the store step by step and look each time."""
    desk = Desk(system, system.tenants[0].code, Tokens(system.secrets))
    pattern, names = await _story(desk)
    found, there = [], 0
    for wanted in _wanted(os.environ) or effort.grown:
        began = time.monotonic()
        documents = await fill(system.machine.servers.mongo_url, pattern, range(there, wanted))
        seconds, there = time.monotonic() - began, wanted
        await measure_flows(desk, WARM)
        found.append(
            Grown(
                tickets=wanted,
                ticket_bytes=sum(map(len, (raw for one in pattern for raw in one.documents))),
                documents=documents,
                filled_in=seconds,
                lists={name: await _looks(desk, *door, names, effort.looks) for name, door in LISTS.items()},
                flows=await measure_flows(desk, effort.flows),
                recap=await _looks(desk, "statistics", f"recaps/{datetime.now(UTC):%Y-%m}", {}, 3),
            )
        )
    return growth_section(found)


def _wanted(environ: Mapping[str, str]) -> tuple[int, ...]:
    """Return the numbers of tickets that GROWN names, ascending; none where it names none."""
    return tuple(sorted(int(one) for one in environ.get("GROWN", "").split(",") if one))


async def _story(desk: Desk) -> tuple[list[Pattern], dict[str, str]]:
    """Carry one call to the end of its ticket; returns all documents that this left, and the ticket's names."""
    ports = desk.system.around.ports
    triage, notifier = desk.wire("triage"), desk.wire("agency-notifier")
    (call,) = await desk.calls(1)
    opened = (await desk.open(triage, call)).said
    ticket = str(opened["ticket_id"])
    async with Receiver(ports[WEBHOOKS], ports[MAIL]) as agencies:
        await desk.escalate(triage, ticket, ["damkar"])
        await agencies.until_asked(ticket, "damkar", within=CLOSED_WITHIN)
        token = desk.tokens.agency(desk.tenant, "damkar")
        task = str(
            (await _until(desk, "dispatch", f"responses/{ticket}", lambda it: it["tasks"]))[0]["task_id"]
        )
        replies = desk.path(f"tickets/{ticket}/tasks/{task}/replies")
        for reply in ("accepted", "done"):
            await notifier.must("POST", replies, token, body={"reply": reply}, key=desk.key())
        await _until(desk, "triage", f"tickets/{ticket}", lambda it: it["status"] == "closed")
        await asyncio.sleep(SETTLED_AFTER)
    for wire in (triage, notifier):
        wire.close()
    found = await patterns(desk.system.machine.servers.mongo_url, (call, ticket))
    return found, {"ticket": ticket, "number": str(opened["number"])}


async def _until(desk: Desk, service: str, path: str, wanted: Callable[[Any], Any]) -> Any:
    """Look until what is shown is as wanted; returns what was wanted of it."""
    wire, token = desk.wire(service), desk.tokens.reader(desk.tenant)
    async with asyncio.timeout(CLOSED_WITHIN):
        while True:
            answer = await wire.ask("GET", desk.path(path), token)
            if answer.status == HTTPStatus.OK and (found := wanted(answer.said)):
                wire.close()
                return found
            await asyncio.sleep(LOOK_EVERY)


async def _looks(desk: Desk, service: str, path: str, names: Mapping[str, str], looks: int) -> list[float]:
    wire, token = desk.wire(service), desk.tokens.reader(desk.tenant)
    asked = desk.path(path.format(**names))
    found = [(await wire.must("GET", asked, token)).seconds for _ in range(looks)]
    wire.close()
    return found


def growth_section(grown: Sequence[Grown]) -> Section:
    """Tell each time at each size, and by how much the last is more than the first."""
    times = {name: [percentile(one.lists[name], 0.5) for one in grown] for name in LISTS}
    times |= {
        name: [median(step(flow) for flow in one.flows) for one in grown] for name, step in STEPS.items()
    }
    recap = [median(one.recap) for one in grown]
    sizes = " · ".join(f"{one.tickets:,}" for one in grown)
    figures = [_figure(name, medians, FLAT) for name, medians in times.items()]
    figures.append(_figure("the month's recap", recap, None))
    notes = (
        f"One finished ticket with one call and one agency leaves {grown[0].ticket_bytes:,} bytes of documents.",
        f"Medians with {sizes} finished tickets in the store; each is flat where the last is ≤ {FLAT} × the first.",
        "A recap reads all rows of its month, so it grows with the month; it is nobody's operational read.",
        *(
            f"{one.tickets:,} tickets: {one.documents:,} documents put in, {one.documents / one.filled_in:,.0f}/s."
            for one in grown
        ),
    )
    return Section("Growth", tuple(figures), notes)


def _figure(name: str, medians: Sequence[float], most: float | None) -> Figure:
    ratio = medians[-1] / medians[0]
    value = f"{' · '.join(map(milliseconds, medians))}; ratio {ratio:.2f}"
    if most is None or len(medians) == 1:
        return Figure(name, value)
    return Figure(name, value, f"≤ {most} ×", ratio <= most)
