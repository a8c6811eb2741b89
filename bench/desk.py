"""One call taker's hands for the bench: contacts typed in, tickets opened from them, escalated, listed."""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from bench.people import Tokens
from bench.system import System
from bench.wire import Answer, Refused, Wire

STORY = "Rumah terbakar dekat pasar, api membesar, dua orang masih di dalam."
INCIDENT = "structure_fire"
PRIORITY = "P4"
"""Hardly anybody replies to the bench's tickets: at this priority the next contact is asked after an hour, when the run is over."""

ON_DESK_WITHIN = 60.0
LOOK_EVERY = 0.05
NOT_FOUND = 404

Thing = TypeVar("Thing")
Made = TypeVar("Made")


@dataclass(slots=True)
class Desk:
    """The doors of one tenant, with as many connections as there are people at it."""

    system: System
    tenant: str
    tokens: Tokens
    run: str = field(default_factory=lambda: str(time.time_ns()))
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def token(self) -> str:
        """A call taker's token."""
        return self.tokens.taker(self.tenant)

    def wire(self, service: str) -> Wire:
        """Return a new connection."""
        return Wire(self.system.around.address(service))

    def path(self, rest: str) -> str:
        """Return a path of this tenant."""
        return f"/v1/tenants/{self.tenant}/{rest}"

    def key(self) -> str:
        """Return an idempotency key that was never used."""
        return f"{self.run}-{next(self._numbers)}"

    async def report(self, wire: Wire) -> tuple[str, Answer]:
        """Type in one contact; returns its call and intake's answer."""
        body = {"number": "081200000000", "story": STORY}
        answer = await wire.must("POST", self.path("calls"), self.token, body=body, key=self.key())
        return str(answer.said["call_id"]), answer

    async def calls(self, count: int) -> list[str]:
        """Type in contacts and return them when all lie on the desk."""
        made = await shared(self.wire, "intake", range(count), lambda wire, _: self.report(wire), people=8)
        found = [call for call, _ in made]
        await shared(self.wire, "triage", found, self._on_desk, people=2)
        return found

    async def _on_desk(self, wire: Wire, call: str) -> None:
        until = time.monotonic() + ON_DESK_WITHIN
        while (await wire.ask("GET", self.path(f"calls/{call}"), self.token)).status == NOT_FOUND:
            if time.monotonic() > until:
                raise Refused(f"call {call} did not come to the desk")
            await asyncio.sleep(LOOK_EVERY)

    async def open(self, wire: Wire, call: str) -> Answer:
        """Open a ticket from a call."""
        return await wire.must("POST", self.path("tickets"), self.token, body=opening(call), key=self.key())

    async def tickets(self, count: int) -> list[str]:
        """Open tickets, each from a call of its own."""
        answers = await shared(self.wire, "triage", await self.calls(count), self.open, people=4)
        return [str(answer.said["ticket_id"]) for answer in answers]

    async def escalate(self, wire: Wire, ticket: str, agencies: Sequence[str]) -> Answer:
        """Hand a ticket to agencies by name."""
        path, body = self.path(f"tickets/{ticket}/escalations"), {"agencies": list(agencies)}
        return await wire.must("POST", path, self.token, body=body, key=self.key())


def opening(call: str) -> dict[str, object]:
    """Return what a call taker says of a new ticket."""
    said = {"call_id": call, "incident_type": INCIDENT, "priority": PRIORITY}
    return {**said, "story": STORY, "place": "Pasar Baru"}


async def shared(
    wire: Callable[[str], Wire],
    service: str,
    things: Sequence[Thing],
    act: Callable[[Wire, Thing], Awaitable[Made]],
    *,
    people: int,
) -> list[Made]:
    """Let so many people, each with a connection, do one thing after the other until all are done."""
    left, made = iter(enumerate(things)), dict[int, Made]()

    async def work() -> None:
        own = wire(service)
        for place, thing in left:
            made[place] = await act(own, thing)
        own.close()

    await asyncio.gather(*(work() for _ in range(people)))
    return [made[place] for place in range(len(things))]
