"""One call from a typed report to the agency's webhook, each step timed."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.beside.receiver import Receiver
from bench.desk import NOT_FOUND, ON_DESK_WITHIN, Desk
from siaga_cli.run.environments import MAIL, WEBHOOKS

LOOK_EVERY = 0.003
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Flow:
    """Seconds: intake's yes, then on the desk, the ticket's opening, the escalation, then the agency asked.

    An agency that was asked before the desk had its answer was asked at once: 0.
    """

    taken: float
    on_desk: float
    opened: float
    escalated: float
    asked: float

    @property
    def whole(self) -> float:
        """All steps together, without a person's pauses."""
        return self.taken + self.on_desk + self.opened + self.escalated + self.asked


async def measure_flows(desk: Desk, count: int) -> Sequence[Flow]:
    """Carry so many calls through, one after the other."""
    ports = desk.system.around.ports
    async with Receiver(ports[WEBHOOKS], ports[MAIL]) as agencies:
        return [await flow_of(desk, agencies) for _ in range(count)]


async def flow_of(desk: Desk, agencies: Receiver) -> Flow:
    """Carry one call through, and rest for a moment."""
    intake, triage = desk.wire("intake"), desk.wire("triage")
    call, taken = await desk.report(intake)
    began = time.perf_counter()
    async with asyncio.timeout(ON_DESK_WITHIN):
        while (  # noqa: ASYNC110 - told by the door only
            await triage.ask("GET", desk.path(f"calls/{call}"), desk.token)
        ).status == NOT_FOUND:
            await asyncio.sleep(LOOK_EVERY)
    on_desk = time.perf_counter() - began
    opened = await desk.open(triage, call)
    ticket = str(opened.said["ticket_id"])
    escalated = await desk.escalate(triage, ticket, ["damkar"])
    answered_at = time.time()
    asked_at = await agencies.until_asked(ticket, "damkar", within=ON_DESK_WITHIN)
    for wire in (intake, triage):
        wire.close()
    await asyncio.sleep(PAUSE)
    asked = max(0.0, asked_at - answered_at)
    return Flow(taken.seconds, on_desk, opened.seconds, escalated.seconds, asked)
