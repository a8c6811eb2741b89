"""A call gets a ticket of its own, joins a known one, or leaves it again."""

from dataclasses import dataclass
from functools import partial

from service_kit.decisions import Command, Conflict, KeyReused, NotPossible, Saved, Unknown
from shared_schemas.vocabulary import Priority, TicketStatus
from triage.application.follow_link import FollowLink
from triage.application.ports import Catalogues, DeskCalls, Seals, Tickets
from triage.application.sealing import NOTHING_SAID, SealedWords, Spoken, seal
from triage.domain.catalogue import Catalogue, IncidentType, NotInCatalogue
from triage.domain.desk_call import DeskCall, link_new_ticket, link_to_ticket, separate
from triage.domain.link import Opening
from triage.domain.place import Place

Refused = Conflict[DeskCall] | KeyReused | NotPossible | Unknown


@dataclass(frozen=True, slots=True)
class TicketUnknown:
    """The call is there, but the ticket to join is not: not in this tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a call taker says a new ticket is about."""

    incident_type: str
    priority: Priority | None = None
    district: str = ""
    spoken: Spoken = NOTHING_SAID


@dataclass(frozen=True, slots=True)
class Opened:
    """The ticket that the command opened; `repeated` where it had been opened before."""

    ticket_id: str
    repeated: bool


class OpenTicket:
    """Opens a ticket from a call; the call is answered at once, the ticket follows at once or after a crash."""

    def __init__(
        self, calls: DeskCalls, follow_link: FollowLink, seals: Seals, catalogues: Catalogues
    ) -> None:
        self._calls = calls
        self._follow_link = follow_link
        self._seals = seals
        self._catalogues = catalogues

    async def __call__(
        self, tenant: str, call_id: str, wish: Wish, command: Command
    ) -> Opened | Refused | NotInCatalogue:
        """Open it; the same command again names the same ticket."""
        await self._follow_link(tenant, call_id)
        call, catalogue = await self._calls.look(tenant, call_id), self._catalogues(tenant)
        if call is None or catalogue is None:
            return Unknown()
        kind = catalogue.kind(wish.incident_type)
        if isinstance(kind, NotInCatalogue):
            return kind
        sealed = await seal(self._seals, tenant, call_id, wish.spoken)
        opening = _opening(call, wish, kind, sealed, catalogue, command)
        decide = partial(link_new_ticket, opening=opening, by=command.by, at=command.at, command=command.key)
        saved: Saved[DeskCall] | Refused = await self._calls.change(tenant, call_id, decide, command=command)
        if not isinstance(saved, Saved):
            return saved
        await self._follow_link(tenant, call_id)
        ticket_id = saved.state.opened_by(command.key)
        return Unknown() if ticket_id is None else Opened(ticket_id, saved.repeated)


def _opening(
    call: DeskCall,
    wish: Wish,
    kind: IncidentType,
    sealed: SealedWords,
    catalogue: Catalogue,
    command: Command,
) -> Opening:
    return Opening(
        number_stem=catalogue.number_stem(command.at),
        incident_type=kind.code,
        common_type=kind.common,
        priority=wish.priority or kind.priority,
        lane=kind.lane,
        priority_chosen=wish.priority is not None,
        place=Place(wish.district, sealed.place, sealed.point),
        story=sealed.story or call.facts.story,
        configuration_version=catalogue.version,
    )


class JoinTicket:
    """A call turns out to be more news of a known, unfinished ticket."""

    def __init__(self, calls: DeskCalls, tickets: Tickets, follow_link: FollowLink) -> None:
        self._calls = calls
        self._tickets = tickets
        self._follow_link = follow_link

    async def __call__(
        self, tenant: str, call_id: str, ticket_id: str, command: Command
    ) -> Saved[DeskCall] | Refused | TicketUnknown:
        """Join it. A ticket that closes in this very moment is joined all the same."""
        await self._follow_link(tenant, call_id)
        call, ticket = await self._calls.look(tenant, call_id), await self._tickets.look(tenant, ticket_id)
        if call is None:
            return Unknown()
        if ticket is None:
            return TicketUnknown()
        if ticket.status is TicketStatus.CLOSED and call.ticket_id != ticket_id:
            return NotPossible("ticket_closed", ticket.allowed)
        decide = partial(link_to_ticket, ticket_id=ticket_id, lane=ticket.lane, by=command.by, at=command.at)
        saved: Saved[DeskCall] | Refused = await self._calls.change(tenant, call_id, decide, command=command)
        if isinstance(saved, Saved):
            await self._follow_link(tenant, call_id)
        return saved


class SeparateCall:
    """A call does not belong to its ticket after all."""

    def __init__(self, calls: DeskCalls, follow_link: FollowLink) -> None:
        self._calls = calls
        self._follow_link = follow_link

    async def __call__(self, tenant: str, call_id: str, command: Command) -> Saved[DeskCall] | Refused:
        """Separate them; the ticket stays, also without any call."""
        await self._follow_link(tenant, call_id)
        decide = partial(separate, by=command.by, at=command.at, reason=command.reason)
        saved: Saved[DeskCall] | Refused = await self._calls.change(tenant, call_id, decide, command=command)
        if isinstance(saved, Saved):
            await self._follow_link(tenant, call_id)
        return saved
