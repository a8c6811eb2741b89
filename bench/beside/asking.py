"""From an escalation that was accepted to the agency's webhook: alone, and while others' servers hang."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from bench.beside.receiver import Receiver
from bench.desk import Desk
from bench.effort import Effort
from bench.wire import Wire
from siaga_cli.run.environments import MAIL, WEBHOOKS

ASKED, HANGING = "damkar", ("polres", "dishub")
EVERY_SECONDS = 0.25
WITHIN_SECONDS = 60.0
BURST = 6
"""So many tickets go to each hanging agency first: enough that its circuit opens and its mail is tried."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Seconds from each escalation's acceptance to the request at the agency.

    Attributes:
        accepted: seconds that the escalation itself took, while others hang.
        hung_requests: how many requests were left hanging meanwhile; likewise `hung_mails`.
    """

    alone: tuple[float, ...]
    beside_hanging: tuple[float, ...]
    accepted: tuple[float, ...]
    hung_requests: int
    hung_mails: int


async def measure_asking(desk: Desk, effort: Effort) -> Asking:
    """Escalate at a steady pace to an agency that answers, without and with two that never do."""
    ports, count = desk.system.around.ports, effort.escalated
    tickets = await desk.tickets(2 * count + BURST)
    wire = desk.wire("triage")
    async with Receiver(ports[WEBHOOKS], ports[MAIL]) as healthy:
        alone = [await _asked(desk, wire, ticket, healthy) for ticket in tickets[:count]]
    async with Receiver(ports[WEBHOOKS], ports[MAIL], hangs=HANGING) as sick:
        for ticket in tickets[2 * count :]:
            await desk.escalate(wire, ticket, HANGING)
        beside = [await _asked(desk, wire, ticket, sick) for ticket in tickets[count : 2 * count]]
    wire.close()
    return Asking(
        alone=tuple(one for one, _ in alone),
        beside_hanging=tuple(one for one, _ in beside),
        accepted=tuple(took for _, took in beside),
        hung_requests=sick.hung_requests,
        hung_mails=sick.hung_mails,
    )


async def _asked(desk: Desk, wire: Wire, ticket: str, receiver: Receiver) -> tuple[float, float]:
    """Escalate one ticket; returns how long its agency waited for it, and the person for the answer."""
    answer = await desk.escalate(wire, ticket, [ASKED])
    accepted_at = datetime.fromisoformat(answer.said["escalations"][-1]["at"]).timestamp()
    asked_at = await receiver.until_asked(ticket, ASKED, within=WITHIN_SECONDS)
    await asyncio.sleep(EVERY_SECONDS)
    return asked_at - accepted_at, answer.seconds
