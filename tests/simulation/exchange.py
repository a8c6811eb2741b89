"""A telephone exchange: calls ring, wait, are answered or given up, and every event is told until it is taken."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from intake.application.ports import Arrival, Refused
from intake.contracts.exchange_events import told_by, understood
from intake.domain.facts import CallKey, Trunk
from tests.simulation.people import Person
from tests.simulation.regencies import MARKS
from tests.simulation.town import Town

LARGEST = 16_384


@dataclass(frozen=True, slots=True)
class Ring:
    """One call as the seed has planned it.

    Attributes:
        answered_after: seconds until somebody answers; None: nobody does.
        ended_after: seconds until it is over; None: the exchange never tells.
    """

    tenant: str
    name: str
    at: float
    answered_after: float | None
    ended_after: float | None

    @property
    def key(self) -> CallKey:
        """Which call it is for intake."""
        return CallKey(self.tenant, f"pbx{MARKS[self.tenant]}", self.name)


class Exchange(Person):
    """One tenant's exchange."""

    def __init__(self, town: Town, tenant: str) -> None:
        super().__init__(town, tenant, f"pbx{MARKS[tenant]}")
        self._skew = timedelta(seconds=self.chance.uniform(-2, 2))

    def ring(self, call: Ring) -> None:
        """Tell all of a call, each event in its time."""
        self._later(call, call.at, "ringing")
        self._later(call, call.at + 1, "queued")
        if call.answered_after is not None:
            self._later(call, call.at + call.answered_after, "answered")
        if call.ended_after is not None:
            kind = "abandoned" if call.answered_after is None else "ended"
            self._later(call, call.at + call.ended_after, kind)

    def mumble(self, at: float) -> None:
        """Tell something that nobody can read."""
        self.town.start(self._mumble(at))

    async def _mumble(self, at: float) -> None:
        await self.town.until(at)
        source = f"events/{self.name}"
        rubbish = Arrival(source=source, refused=[Refused(source, "not_json", b"{", self.tenant)])
        await self.insist(self.town.intake, lambda doors, _: doors.take(rubbish))

    def _later(self, call: Ring, at: float, kind: str) -> None:
        self.town.start(self._tell(call, at, kind))

    async def _tell(self, call: Ring, at: float, kind: str) -> None:
        await self.town.until(at)
        occurred = self.town.true_time() + self._skew
        raw = json.dumps(self._event(call, kind, occurred)).encode()
        again = self.chance.random() < self.town.faults.weather.doubled
        for _ in range(1 + again):
            fact_id = await self.insist(
                self.town.intake, lambda doors, clock: self._take(call, raw, doors, clock)
            )
            self.town.acknowledged(call, kind, fact_id)

    def _event(self, call: Ring, kind: str, occurred: datetime) -> dict[str, Any]:
        mark = MARKS[self.tenant]
        return {
            "event": kind,
            "call_id": call.name,
            "occurred_at": occurred.isoformat(),
            "queue": f"112{mark}",
            "agent": f"ani{mark}" if kind == "answered" else "",
            "number": f"08{call.name}",
            "name": f"Ibu {call.name}{mark}",
            "ended_by": "caller" if kind == "ended" else None,
        }

    async def _take(self, call: Ring, raw: bytes, doors: Any, clock: Any) -> str:
        """As the doorway for exchanges does, without its signature."""
        trunk = doors.trunks.trunk(call.tenant, call.key.trunk) or Trunk(call.tenant, call.key.trunk)
        read = understood(raw, largest=LARGEST)
        assert read.event.kind is not None
        told = told_by(read.event, read.event.kind, trunk, clock())
        await doors.take(Arrival(source=f"events/{trunk.id}", told=[told]))
        return told.fact.id
