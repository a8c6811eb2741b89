"""Commands whose connection is cut at a random moment, or whose server is killed, given again with their key."""

import asyncio
import os
import random
import signal
from collections import Counter
from dataclasses import dataclass

from bench.desk import Desk, opening
from bench.effort import Effort
from bench.wire import Answer, Wire

SEED = 112
INSISTS_FOR = 240
AGAIN_AFTER = 0.25


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What became of commands that were cut and repeated.

    Attributes:
        cut: how many were interrupted before their answer; `killed` of them by the end of the server.
        doubled: how many of all commands took effect more than once.
        missing: how many did not take effect at all.
    """

    commands: int
    cut: int
    killed: int
    doubled: int
    missing: int


async def measure_interrupted(desk: Desk, effort: Effort, *, usually: float) -> Interrupted:
    """Open a ticket from each of many calls and escalate it, interrupting every command once.

    Args:
        desk: whose doors.
        effort: how many.
        usually: the seconds that a command usually takes; it is cut before twice that.
    """
    chance = random.Random(SEED)
    calls = await desk.calls(effort.interrupted)
    wires = [desk.wire("triage") for _ in range(4)]
    cut = 0
    for begin in range(0, len(calls), len(wires)):
        some = zip(wires, calls[begin : begin + len(wires)], strict=False)
        moments = [(chance.uniform(0, 2 * usually), chance.uniform(0, 2 * usually)) for _ in wires]
        ends = await asyncio.gather(
            *(_cut_and_repeated(desk, *one, at) for one, at in zip(some, moments, strict=False))
        )
        cut += sum(ends)
    more, killed = await _killed(desk, wires, effort.killed, usually)
    for wire in wires:
        wire.close()
    born, handed = await _effects(desk)
    return Interrupted(
        commands=2 * len(calls) + len(more),
        cut=cut + killed,
        killed=killed,
        doubled=sum((born[call] > 1) + (handed[call] > 1) for call in calls + more),
        missing=sum(not born[call] for call in calls + more) + sum(not handed[call] for call in calls),
    )


async def _cut_and_repeated(desk: Desk, wire: Wire, call: str, at: tuple[float, float]) -> int:
    """Open and escalate, each cut at its moment and then repeated; returns how many were cut."""
    first, key = await _cut(desk, wire, "tickets", opening(call), at[0])
    ticket = (await _again(desk, wire, "tickets", opening(call), key)).said["ticket_id"]
    path, body = f"tickets/{ticket}/escalations", {"agencies": ["damkar"]}
    second, key = await _cut(desk, wire, path, body, at[1])
    await _again(desk, wire, path, body, key)
    return first + second


async def _cut(desk: Desk, wire: Wire, path: str, body: object, after: float) -> tuple[int, str]:
    key = desk.key()
    answered = await wire.cut("POST", desk.path(path), desk.token, body=body, key=key, after=after)
    return int(not answered), key


async def _again(desk: Desk, wire: Wire, path: str, body: object, key: str) -> Answer:
    """Give the same command again, until the server is there."""
    for _ in range(INSISTS_FOR):
        try:
            return await wire.must("POST", desk.path(path), desk.token, body=body, key=key)
        except (OSError, asyncio.IncompleteReadError):
            wire.close()
            await asyncio.sleep(AGAIN_AFTER)
    raise TimeoutError(path)


async def _killed(desk: Desk, wires: list[Wire], times: int, usually: float) -> tuple[list[str], int]:
    """Kill triage while it has commands in hand, and give them again; returns their calls."""
    done, interrupted = list[str](), 0
    for _ in range(times):
        calls = await desk.calls(len(wires))
        keys = [desk.key() for _ in calls]
        asked = [
            asyncio.ensure_future(
                wire.ask("POST", desk.path("tickets"), desk.token, body=opening(call), key=key)
            )
            for wire, call, key in zip(wires, calls, keys, strict=True)
        ]
        await asyncio.wait(asked, timeout=usually)
        os.kill(desk.system.pids()["triage"], signal.SIGKILL)
        ends = await asyncio.gather(*asked, return_exceptions=True)
        interrupted += sum(isinstance(end, BaseException) for end in ends)
        for wire, call, key in zip(wires, calls, keys, strict=True):
            wire.close()
            await _again(desk, wire, "tickets", opening(call), key)
        done += calls
    return done, interrupted


async def _effects(desk: Desk) -> tuple[Counter[str], Counter[str]]:
    """Count from all tickets of the tenant how many each call has, and how often they were handed over."""
    wire, following = desk.wire("triage"), ""
    born, handed = Counter[str](), Counter[str]()
    while True:
        page = (await wire.must("GET", desk.path(f"tickets?limit=500{following}"), desk.token)).said
        for ticket in page["items"]:
            for call in ticket["calls"]:
                born[call] += 1
                handed[call] += len(ticket["escalations"])
        if page["next"] is None:
            wire.close()
            return born, handed
        following = f"&after={page['next']}"
