"""Call takers of the bench: give each answered call a class, or open a ticket and escalate it."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

import httpx

from bench.arrivals import ANSWERED, ENDED, Call
from bench.connections import client_of
from bench.insisting import insist
from bench.people import Tokens
from bench.timing import Clock

TAKES_AFTER = 4.0
"""Seconds after the first ring at which a taker acts; the call was answered a second before."""

LOOK_EVERY, LOOK_AT_LEAST_EVERY = 0.2, 2.0
"""Seconds: the longer a call does not come to the desk, the more calmly its taker looks, alone or with few others."""

LOOKS_A_SECOND = 20.0
"""So often all takers together look again for a call that was not there: 200 of them who wait for a desk that is
minutes behind took more from it than the calls did, and a centre's screen is told of a call, it does not ask."""

SEATS = 200
"""So many takers there are: who calls while all of them are busy waits, as at any centre."""

GIVES_UP_AFTER = 60.0
CLASS = "information"
"""What a call is that becomes no ticket."""

STORY = "Rumah terbakar dekat pasar, api membesar, dua orang masih di dalam."


class NotTaken(Exception):
    """A call could not be brought to its ticket; the sentence says at which step."""


@dataclass(frozen=True, slots=True)
class Escalated:
    """One ticket was handed over: when the desk decided it (server clock), and to whom."""

    ticket_id: str
    at: float
    agencies: tuple[str, ...]
    escalation_id: str = ""
    call_id: str = ""
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Classified:
    """One call was given a class."""

    tenant: str
    call_id: str
    classification: str


class Takers:
    """So many takers that none waits for another while the machine keeps up with them.

    With patience a command is given again, under the same key, for so many seconds while triage is away.
    """

    def __init__(self, triage: str, tokens: Tokens, clock: Clock, *, patience: float = 0.0) -> None:
        self._tokens, self._clock, self._patience = tokens, clock, patience
        self._client = client_of(triage)
        self._seats = asyncio.Semaphore(SEATS)
        self._next_look = 0.0
        self.escalated: list[Escalated] = []
        self.classified: list[Classified] = []
        self.not_taken: list[str] = []

    async def close(self) -> None:
        """Go home."""
        await self._client.aclose()

    async def take(self, call: Call, call_id: str, tenant: str) -> None:
        """Work on one call at its moment; what cannot be done is counted, not raised."""
        await self._clock.until(call.rings_at + TAKES_AFTER)
        desk = _Desk(self._client, tenant, self._tokens.taker(tenant), call_id, self._patience)
        async with self._seats:
            await self._work(desk, call)

    async def _work(self, desk: "_Desk", call: Call) -> None:
        tenant, call_id = desk.tenant, desk.call_id
        try:
            await self._until_answered(desk)
            if call.incident_type is None:
                await desk.ask("PUT", f"calls/{call_id}/classification", {"classification": CLASS})
                self.classified.append(Classified(tenant, call_id, CLASS))
            else:
                self.escalated.append(await _escalate(desk, call.incident_type))
        except (NotTaken, httpx.HTTPError) as error:
            self.not_taken.append(f"{type(error).__name__}: {error}{self._named(call_id)}")

    async def sees_end(self, call_id: str, tenant: str) -> bool:
        """Whether the desk shows a call as ended; who gets no answer does not see it."""
        desk = _Desk(self._client, tenant, self._tokens.taker(tenant), call_id, self._patience)
        try:
            return await desk.stage() == ENDED
        except httpx.HTTPError:
            return False

    def _named(self, call_id: str) -> str:
        """Return which call it was, where each one counts."""
        return f" (call {call_id})" if self._patience else ""

    async def _until_answered(self, desk: "_Desk") -> None:
        until, pause = self._clock.now() + GIVES_UP_AFTER + self._patience, LOOK_EVERY
        while not await desk.has_answered_call():
            if self._clock.now() > until:
                raise NotTaken("the call did not come to the desk")
            await asyncio.sleep(pause)
            await self._turn_to_look()
            pause = min(1.2 * pause, LOOK_AT_LEAST_EVERY)

    async def _turn_to_look(self) -> None:
        """Wait for one's turn among all who look again, in the order in which they came."""
        at = max(self._clock.now(), self._next_look)
        self._next_look = at + 1 / LOOKS_A_SECOND
        await self._clock.until(at)


@dataclass(frozen=True, slots=True)
class _Desk:
    client: httpx.AsyncClient
    tenant: str
    token: str
    call_id: str
    patience: float

    async def has_answered_call(self) -> bool:
        """Whether the desk knows the call, and as answered."""
        return await self.stage() in {ANSWERED, ENDED}

    async def stage(self) -> str:
        """Return how far the call is by the desk's knowledge; nothing where it knows none."""
        answer = await self._request("GET", f"calls/{self.call_id}", None)
        return str(answer.json()["stage"]) if answer.status_code == HTTPStatus.OK else ""

    async def ask(self, method: str, path: str, body: object) -> dict[str, Any]:
        """Give a command that must be taken."""
        answer = await self._request(method, path, body)
        if answer.is_error:
            raise NotTaken(f"{method} {path.partition('/')[0]}: {answer.status_code}")
        said: dict[str, Any] = answer.json()
        return said

    async def _request(self, method: str, path: str, body: object) -> httpx.Response:
        step = path.rpartition("/")[2]
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is not None:
            headers["Idempotency-Key"] = f"{self.call_id}-{step}"

        async def once() -> httpx.Response:
            return await self.client.request(
                method, f"/v1/tenants/{self.tenant}/{path}", json=body, headers=headers
            )

        return await insist(once, seconds=self.patience)


async def _escalate(desk: _Desk, incident_type: str) -> Escalated:
    body = {"call_id": desk.call_id, "incident_type": incident_type, "story": STORY, "place": "Pasar Baru"}
    ticket = await desk.ask("POST", "tickets", body)
    told = await desk.ask("POST", f"tickets/{ticket['ticket_id']}/escalations", {})
    handed = told["escalations"][-1]
    at = datetime.fromisoformat(handed["at"]).timestamp()
    agencies, escalation = tuple(handed["agencies"]), handed["escalation_id"]
    return Escalated(ticket["ticket_id"], at, agencies, escalation, desk.call_id, desk.tenant)
