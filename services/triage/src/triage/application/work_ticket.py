"""A ticket is corrected, handed to agencies, closed and taken up again."""

from dataclasses import dataclass
from functools import partial

from service_kit.decisions import Command, Conflict, Heard, KeyReused, NotPossible, Saved, Unknown
from shared_schemas.vocabulary import Disposition, Priority
from triage.application.ports import Catalogues, Seals, Tickets
from triage.application.sealing import NOTHING_SAID, Spoken, seal
from triage.domain.catalogue import NotInCatalogue
from triage.domain.ticket import (
    Closing,
    Decision,
    Ticket,
    TicketChange,
    change,
    close_without_agency,
    escalate,
    hear_closing,
    reopen,
)

Worked = Saved[Ticket] | Conflict[Ticket] | KeyReused | NotPossible | Unknown


class ClosedUnheardOf(LookupError):
    """Dispatch closed a ticket that is not here: its event goes to the dead letters for a person to see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a call taker says anew; None leaves a thing as it is."""

    incident_type: str | None = None
    priority: Priority | None = None
    district: str | None = None
    spoken: Spoken = NOTHING_SAID


class ChangeTicket:
    """Corrects type, priority, place or story."""

    def __init__(self, tickets: Tickets, seals: Seals, catalogues: Catalogues) -> None:
        self._tickets = tickets
        self._seals = seals
        self._catalogues = catalogues

    async def __call__(
        self, tenant: str, ticket_id: str, correction: Correction, command: Command
    ) -> Worked | NotInCatalogue:
        """Save the correction."""
        ticket, catalogue = await self._tickets.look(tenant, ticket_id), self._catalogues(tenant)
        if ticket is None or catalogue is None:
            return Unknown()
        code = correction.incident_type
        kind = None if code is None else catalogue.kind(code)
        if isinstance(kind, NotInCatalogue):
            return kind
        sealed = await seal(self._seals, tenant, ticket.contact, correction.spoken)
        wanted = TicketChange(
            kind=kind,
            priority=correction.priority,
            district=correction.district,
            description=sealed.place,
            point=sealed.point,
            story=sealed.story,
            configuration_version=catalogue.version,
        )
        return await self._tickets.change(tenant, ticket_id, partial(change, wanted=wanted), command=command)


class EscalateTicket:
    """Hands a ticket to agencies: those that are named, or those that the catalogue gives for its type."""

    def __init__(self, tickets: Tickets, catalogues: Catalogues) -> None:
        self._tickets = tickets
        self._catalogues = catalogues

    async def __call__(
        self, tenant: str, ticket_id: str, agencies: tuple[str, ...], command: Command
    ) -> Worked | NotInCatalogue:
        """Escalate, the first time or again."""
        catalogue = self._catalogues(tenant)
        if catalogue is None:
            return Unknown()
        named = catalogue.known_agencies(agencies)
        if isinstance(named, NotInCatalogue):
            return named

        def decide(ticket: Ticket | None) -> Decision:
            kind = catalogue.incident_types.get(ticket.incident_type) if ticket else None
            return escalate(
                ticket,
                named or (kind.agencies if kind else ()),
                by=command.by,
                at=command.at,
                reason=command.reason,
                configuration_version=catalogue.version,
            )

        return await self._tickets.change(tenant, ticket_id, decide, command=command)


class ReopenTicket:
    """Takes up a closed ticket again."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def __call__(self, tenant: str, ticket_id: str, command: Command) -> Worked:
        """Re-open it, for the command's reason."""
        return await self._tickets.change(
            tenant, ticket_id, partial(reopen, reason=command.reason), command=command
        )


class CloseTicket:
    """Closes a ticket that needs no agency."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def __call__(
        self, tenant: str, ticket_id: str, disposition: Disposition, command: Command
    ) -> Worked:
        """Close it, for the command's reason."""
        decide = partial(
            close_without_agency,
            disposition=disposition,
            by=command.by,
            at=command.at,
            reason=command.reason,
        )
        return await self._tickets.change(tenant, ticket_id, decide, command=command)


class HearClosing:
    """Dispatch says that the agencies' help has ended."""

    def __init__(self, tickets: Tickets) -> None:
        self._tickets = tickets

    async def __call__(
        self, tenant: str, ticket_id: str, round_: int, closing: Closing, *, heard: Heard
    ) -> None:
        """Close the ticket if the round is its present one.

        Raises:
            ClosedUnheardOf: there is no such ticket.
        """
        decide = partial(hear_closing, round_=round_, closing=closing)
        result = await self._tickets.change(tenant, ticket_id, decide, heard=heard)
        if isinstance(result, Unknown):
            raise ClosedUnheardOf(ticket_id)
