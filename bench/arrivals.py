"""When calls come, and what the exchange then says of each: decided before the first one rings."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

SEED = 112
Story = tuple[tuple[str, float], ...]
STORY_OF: Story = (("ringing", 0.0), ("queued", 0.3), ("answered", 3.0), ("ended", 12.0))
"""What is said of each call, and how many seconds after its first ring."""
ANSWERED, ENDED = "answered", "ended"

TICKET_EVERY = 2
INCIDENTS = ("structure_fire", "medical", "traffic_accident", "flood")


class Flow(Protocol):
    """How many calls come, how fast, and which of them become tickets."""

    @property
    def calls(self) -> int:
        """Return how many calls come."""

    @property
    def calls_per_second(self) -> float:
        """Return the mean of the random arrivals."""

    @property
    def ticket_every(self) -> int:
        """Return of how many calls one becomes a ticket."""


@dataclass(frozen=True, slots=True)
class Steady:
    """Calls at a steady mean, every second one of them a ticket."""

    calls: int
    calls_per_second: float
    ticket_every: int = TICKET_EVERY

    @classmethod
    def lasting(cls, seconds: float, calls_per_second: float) -> "Steady":
        """Return the flow that lasts so long."""
        return cls(max(1, round(seconds * calls_per_second)), calls_per_second)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: which tenant's (counted from 0), when it rings, and what it becomes.

    Attributes:
        caller: the number that calls; a number of its own where none is given.
    """

    number: int
    tenant: int
    rings_at: float
    incident_type: str | None
    story: Story = STORY_OF
    caller: str = ""

    @property
    def says(self) -> Iterator[tuple[str, float]]:
        """The exchange's events and their seconds on the load's clock."""
        return ((event, self.rings_at + after) for event, after in self.story)

    @property
    def is_taken(self) -> bool:
        """Whether somebody answers it."""
        return any(event == ANSWERED for event, _ in self.story)


def arrivals(flow: Flow, tenants: int, *, seed: int = SEED) -> tuple[Call, ...]:
    """Return calls at random moments (Poisson arrivals of a known number), the tenants in turn."""
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0, flow.calls / flow.calls_per_second) for _ in range(flow.calls))
    return tuple(
        Call(number, number % tenants, moment, _incident(number, flow.ticket_every))
        for number, moment in enumerate(moments)
    )


def _incident(number: int, ticket_every: int) -> str | None:
    ticket, rest = divmod(number, ticket_every)
    return None if rest else INCIDENTS[ticket % len(INCIDENTS)]
