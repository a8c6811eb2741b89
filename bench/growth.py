"""What a call's flow and each list take when more and more tickets are in the store (GROWN=1000,10000,100000 lasts longer)."""

import asyncio
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from math import inf
from operator import attrgetter
from statistics import median
from typing import Any

from bench.beside.receiver import Receiver
from bench.desk import Desk
from bench.effort import Effort
from bench.figures import Figure, Section, milliseconds, spread
from bench.filling import Pattern, fill, patterns
from bench.flow import Flow, measure_flows
from bench.people import Tokens
from bench.percentiles import percentile
from bench.plot import lines
from bench.system import System
from siaga_cli.run.environments import MAIL, WEBHOOKS

FLAT = 1.5
"""What is flat took, by the median of all turns, no more than this much of the time that it took at the first size."""

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
RECAP, RECAPS = "the month's recap", 3
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
        turns: the median seconds of each step, list and recap, turn by turn.
    """

    tickets: int
    ticket_bytes: int
    documents: int
    filled_in: float
    turns: Sequence[Mapping[str, float]]

    def medians(self, name: str) -> list[float]:
        """Return one thing's seconds, turn by turn."""
        return [turn[name] for turn in self.turns]


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
                turns=[await _turn(desk, names, effort) for _ in range(effort.turns)],
            )
        )
    return growth_section(found)


async def _turn(desk: Desk, names: Mapping[str, str], effort: Effort) -> dict[str, float]:
    """Look at everything, and carry calls through; returns the median of each."""
    looks, count = max(1, effort.looks // effort.turns), max(1, effort.flows // effort.turns)
    seen = {name: await _looks(desk, *door, names, looks) for name, door in LISTS.items()}
    seen[RECAP] = await _looks(desk, "statistics", f"recaps/{datetime.now(UTC):%Y-%m}", {}, RECAPS)
    flows = await measure_flows(desk, count)
    seen |= {name: [step(flow) for flow in flows] for name, step in STEPS.items()}
    return {name: percentile(seconds, 0.5) for name, seconds in seen.items()}


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
    sizes = " · ".join(f"{one.tickets:,}" for one in grown)
    figures = [_figure(name, grown, FLAT) for name in (*LISTS, *STEPS)]
    figures.append(_figure(RECAP, grown, None))
    notes = (
        f"One finished ticket with one call and one agency leaves {grown[0].ticket_bytes:,} bytes of documents.",
        f"Medians with {sizes} finished tickets in the store, {len(grown[0].turns)} turns at each size.",
        f"Flat: the last is ≤ {FLAT} × the first, turn by turn, median (least–most).",
        "A recap reads all rows of its month, so it grows with the month; it is nobody's operational read.",
        *(
            f"{one.tickets:,} tickets: {one.documents:,} documents put in, {one.documents / one.filled_in:,.0f}/s."
            for one in grown
        ),
    )
    return Section(f"Growth to {grown[-1].tickets:,} tickets", tuple(figures), notes, _plots(grown))


def _figure(name: str, grown: Sequence[Grown], most: float | None) -> Figure:
    told = " · ".join(milliseconds(median(one.medians(name))) for one in grown)
    if len(grown) == 1:
        return Figure(name, told)
    first, last = grown[0].medians(name), grown[-1].medians(name)
    ratios = [_times(after, before) for before, after in zip(first, last, strict=True)]
    value = f"{told}; ratio {spread(ratios, '.2f')}"
    return Figure(name, value) if most is None else Figure(name, value, f"≤ {most} ×", median(ratios) <= most)


def _times(after: float, before: float) -> float:
    """Return how many times as long it took; who never waited at all may go on doing so."""
    if before:
        return after / before
    return inf if after else 1.0


def _plots(grown: Sequence[Grown]) -> dict[str, str]:
    """Draw the steps of a call and the lists; a longer run has pictures of its own."""
    kinds = {"calls": STEPS, "lists": LISTS}
    return {
        f"growth-{kind}-{grown[-1].tickets}": lines(
            f"Growth: {kind}",
            {name: [(one.tickets, 1000 * median(one.medians(name))) for one in grown] for name in names},
            x="finished tickets in the store",
            y="milliseconds",
        )
        for kind, names in kinds.items()
    }
