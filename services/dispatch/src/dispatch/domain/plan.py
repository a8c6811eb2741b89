"""A tenant's plan as plain values: who can be asked, in which order, and how long we wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared_schemas.vocabulary import Priority


@dataclass(frozen=True, slots=True)
class Ladder:
    """The order in which an agency is asked, and who is asked in its place.

    Attributes:
        contacts: the agency's contacts, first asked first.
        substitutes: agencies asked next, when every contact is silent or the agency declines.
    """

    contacts: tuple[str, ...]
    substitutes: tuple[str, ...] = ()


NOBODY = Ladder(())
"""The ladder of an agency that the tenant's file does not (or no longer) have."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """How long we wait, by the ticket's priority.

    Attributes:
        acceptance: from an offer until the next contact is asked.
        arrival: from acceptance until arrival is overdue.
        completion: from arrival until the task is overdue.
    """

    acceptance: Mapping[Priority, timedelta]
    arrival: Mapping[Priority, timedelta]
    completion: Mapping[Priority, timedelta]


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a tenant's plan.

    Attributes:
        version: the version of the tenant's configuration.
        ladders: by agency.
        supervisors: contacts that are called when no agency takes a task, in turn.
    """

    version: int
    ladders: Mapping[str, Ladder]
    clocks: Clocks
    supervisors: tuple[str, ...]

    def ladder(self, agency: str) -> Ladder:
        """Return the agency's ladder; an unknown agency has nobody to ask."""
        return self.ladders.get(agency, NOBODY)
