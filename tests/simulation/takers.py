"""Call takers at the desk: they see a call, say what it was, and open, join and escalate tickets."""

import math
from typing import Any

from service_kit.decisions import KeyReused, Saved, Unknown
from shared_schemas.vocabulary import Classification, Disposition, Priority, TicketStatus
from tests.simulation.exchange import Ring
from tests.simulation.people import Person
from tests.simulation.regencies import AGENCIES, KINDS, MARKS
from triage.application.link_call import Opened, TicketUnknown, Wish
from triage.application.sealing import Spoken
from triage.application.work_ticket import Correction
from triage.domain.catalogue import NotInCatalogue

HELPLESS = (
    Classification.PRANK,
    Classification.GHOST,
    Classification.INFORMATION,
    Classification.WRONG_NUMBER,
)


class Taker(Person):
    """One person at the desk for one call, and for the ticket that comes of it.

    Attributes:
        sees: names only what is on the screen, so that no answer may say that it is not there.
        gives_up: the share of acts after which nobody asks again when no answer comes.
    """

    sees = True
    gives_up = 0.2

    async def work(self, call: Ring) -> None:
        """Do with one answered call what the seed says."""
        await self.town.until(call.at + (call.answered_after or 0) + self.chance.uniform(1, 5))
        while not await self._sees(call):
            await self.pause(1, 6)
        match self.chance.choices(("no help", "forgotten", "join", "open"), (44, 5, 13, 38))[0]:
            case "no help":
                await self._classify(call)
            case "join" if self.town.open_tickets[self.tenant]:
                await self._join(call)
            case "open" | "join":
                await self._open(call)

    async def _sees(self, call: Ring) -> bool:
        found = await self.insist(
            self.town.triage, lambda doors, _: doors.calls.look(self.tenant, call.key.call_id)
        )
        return found is not None and found.facts.is_answered

    async def _classify(self, call: Ring) -> None:
        classes = self.chance.sample(HELPLESS, 2 if self.chance.random() < 0.2 else 1)
        for as_ in classes:
            await self.pause(5, 60)
            await self.do("classify", call.key.call_id, as_, reason="after listening again")

    async def _join(self, call: Ring) -> None:
        ticket_id = self.chance.choice(self.town.open_tickets[self.tenant])
        joined = await self.do("join", call.key.call_id, ticket_id)
        if not isinstance(joined, Saved):
            await self._open(call)
        elif self.chance.random() < 0.3:
            await self.pause(10, 200)
            await self.do("separate", call.key.call_id, reason="another house")
            if self.chance.random() < 0.7:
                await self._open(call)

    async def _open(self, call: Ring) -> None:
        mark = MARKS[self.tenant]
        kind = self.chance.choice(list(KINDS))
        spoken = Spoken(story=f"asap tebal{mark}", place=f"Jalan {call.name}{mark}")
        opened = await self.do("open", call.key.call_id, Wish(incident_type=f"{kind}{mark}", spoken=spoken))
        if not isinstance(opened, Opened):
            return
        self.town.open_tickets[self.tenant].append(opened.ticket_id)
        await self.pause(2, 40)
        if self.chance.random() < 0.2:
            await self._change(opened.ticket_id)
        await self._follow_up(opened.ticket_id)

    async def _change(self, ticket_id: str) -> None:
        await self.do("change", ticket_id, Correction(priority=self.chance.choice(list(Priority))))

    async def _follow_up(self, ticket_id: str) -> None:
        match self.chance.choices(("escalate", "close", "leave"), (80, 15, 5))[0]:
            case "escalate":
                await self._escalate(ticket_id)
                if self.chance.random() < 0.2:
                    await self.pause(3, 40)
                    await self._change(ticket_id)
                if self.chance.random() < 0.2:
                    await self.pause(30, 600)
                    await self._escalate(ticket_id)
            case "close":
                await self.do("close", ticket_id, Disposition.NO_AGENCY_NEEDED, reason="advice was enough")
        if self.chance.random() < 0.15:
            await self.pause(300, 1200)
            await self._take_up_again(ticket_id)

    async def _escalate(self, ticket_id: str) -> None:
        some = self.chance.sample(sorted(AGENCIES), self.chance.choice((0, 0, 0, 1, 2)))
        named = tuple(f"{agency}{MARKS[self.tenant]}" for agency in some)
        await self.do("escalate", ticket_id, named, reason="needed")

    async def _take_up_again(self, ticket_id: str) -> None:
        ticket = await self.insist(
            self.town.triage, lambda doors, _: doors.tickets.look(self.tenant, ticket_id)
        )
        if ticket is not None and ticket.status is TicketStatus.CLOSED:
            await self.do("reopen", ticket_id, reason="it burns again")
            await self.pause(5, 60)
            await self._escalate(ticket_id)

    async def think_again(self, ticket_id: str) -> None:
        """Hand a ticket to others in the very moment in which it ends."""
        await self.pause(0, 1)
        await self._escalate(ticket_id)

    async def do(self, what: str, *about: Any, reason: str = "") -> Any:
        """Do one thing at the desk, once."""
        key = f"{what}/{self.key()}"

        async def ask(doors: Any, clock: Any) -> Any:
            return await getattr(doors, what)(self.tenant, *about, self.command(clock(), key, reason))

        gives_up = self.chance.random() < self.gives_up and not self.town.faults.ceased
        answer = await self.insist(self.town.triage, ask, tries=1 if gives_up else math.inf)
        if self.sees and isinstance(answer, NotInCatalogue | Unknown | TicketUnknown | KeyReused):
            self.town.blame(f"{self.name} wanted to {what} {about} and was told {answer}")
        self.note("{} {}: {}", what, about[0][:8], _word(answer))
        return answer


def _word(answer: Any) -> str:
    why = getattr(answer, "why", "")
    return f"{type(answer).__name__} {why}".strip()
