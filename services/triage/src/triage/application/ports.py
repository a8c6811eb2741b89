"""What the use cases need from the world."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Refusal, Saved
from shared_schemas.sealed import Sealed
from triage.domain.catalogue import Catalogue
from triage.domain.desk_call import DeskCall
from triage.domain.ticket import Ticket

Clock = Callable[[], datetime]
Catalogues = Callable[[str], Catalogue | None]
"""Gives a tenant's configuration in force; None: this service has not heard of the tenant."""


class DeskCalls(Protocol):
    """The calls on the desk."""

    async def look(self, tenant: str, call_id: str) -> DeskCall | None:
        """Return the call as it is, or None where this tenant has none of that id."""

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[DeskCall | None], Changed[DeskCall] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[DeskCall] | Conflict[DeskCall] | KeyReused | Refusal:
        """Save what is decided, once for each command and each event."""


class Tickets(Protocol):
    """The tickets."""

    async def look(self, tenant: str, ticket_id: str) -> Ticket | None:
        """Return the ticket as it is, or None where this tenant has none of that id."""

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[Ticket | None], Changed[Ticket] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[Ticket] | Conflict[Ticket] | KeyReused | Refusal:
        """Save what is decided, once for each command and each event."""


class Numbers(Protocol):
    """The numbers of tickets."""

    async def take(self, tenant: str, stem: str) -> int:
        """Return a number that nobody else gets for this stem; there may be gaps."""


class Seals(Protocol):
    """The vault, as far as it seals."""

    async def seal_many(self, tenant: str, subject: str, values: dict[str, str]) -> dict[str, Sealed]:
        """Seal several fields of one contact."""
