"""How many events one ticket may cause at most while nobody says a word, counted from its tenant's file."""

import math
from dataclasses import dataclass

from shared_schemas.tenants import TenantConfiguration
from shared_schemas.vocabulary import Priority

LONGEST_PAUSE_SECONDS = 600.0
TELLINGS_OF_A_DELIVERY = 2 + 2 * 5
"""Made, at most five tries on each of two channels, and one end that is no try."""


@dataclass(frozen=True, slots=True)
class Bound:
    """The bound's parts.

    Attributes:
        offers: every contact of every agency named, and of each of its stand-ins, once.
        calls: of the supervisor: one for each cause, then pauses that double up to ten minutes.
    """

    offers: int
    calls: int

    @property
    def deliveries(self) -> int:
        """One message for each offer and each call."""
        return self.offers + self.calls

    @property
    def events(self) -> int:
        """Two of the ticket; of the response its beginning, each offer's end, each call, each message that
        came to nobody; and all tellings of all messages."""
        response = 1 + self.offers + self.calls + self.deliveries
        return 2 + response + self.deliveries * TELLINGS_OF_A_DELIVERY


def bound(tenant: TenantConfiguration, named: tuple[str, ...], priority: Priority, seconds: float) -> Bound:
    """Return how much one escalation may cause within so many seconds."""
    offers = sum(_contacts(tenant, agency) + _stand_ins(tenant, agency) for agency in named)
    first = tenant.clocks.acceptance_seconds.of(priority).total_seconds()
    doubling = max(0, math.ceil(math.log2(LONGEST_PAUSE_SECONDS / first)))
    calls = len(named) * (1 + doubling) + math.ceil(seconds / LONGEST_PAUSE_SECONDS)
    return Bound(offers, calls)


def _contacts(tenant: TenantConfiguration, agency: str) -> int:
    found = tenant.agency(agency)
    return len(found.contacts) if found else 0


def _stand_ins(tenant: TenantConfiguration, agency: str) -> int:
    found = tenant.agency(agency)
    return sum(_contacts(tenant, other) for other in found.substitutes) if found else 0
