"""What a tenant's file says to the desk: kinds of trouble, agencies, and how soon a class is due."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from shared_schemas.vocabulary import Lane, Priority


@dataclass(frozen=True, slots=True)
class IncidentType:
    """A kind of trouble, in the tenant's own word and in the common one, with what it proposes."""

    code: str
    common: str
    priority: Priority
    lane: Lane
    agencies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotInCatalogue:
    """A word that the tenant's configuration does not have.

    Attributes:
        field: which field of the request holds it.
        allowed: the words that it has.
    """

    field: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """One version of a tenant's configuration, as far as the desk needs it."""

    version: int
    abbreviation: str
    zone: tzinfo
    classify_within: timedelta
    incident_types: Mapping[str, IncidentType]
    agencies: tuple[str, ...]

    def kind(self, code: str) -> IncidentType | NotInCatalogue:
        """Return the kind of trouble of that code."""
        return self.incident_types.get(code) or NotInCatalogue("incident_type", tuple(self.incident_types))

    def known_agencies(self, named: tuple[str, ...]) -> tuple[str, ...] | NotInCatalogue:
        """Return the named agencies, each once, in their order."""
        if not set(named) <= set(self.agencies):
            return NotInCatalogue("agencies", self.agencies)
        return tuple(dict.fromkeys(named))

    def number_stem(self, at: datetime) -> str:
        """Return what begins a ticket's number: the abbreviation and the tenant's own date (A8)."""
        return f"{self.abbreviation}-{at.astimezone(self.zone):%Y%m%d}"


def ticket_number(stem: str, ordinal: int) -> str:
    """Return the number that people read, such as TTU-20261122-0017; it grows past 9999."""
    return f"{stem}-{ordinal:04d}"
