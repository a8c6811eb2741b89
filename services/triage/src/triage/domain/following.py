"""How a ticket follows what the desk decided about a call: once, in any order, also much later."""

from dataclasses import dataclass, replace

from service_kit.decisions import Changed
from triage.domain.link import Link, LinkKind
from triage.domain.ticket import OPENED, UPDATED, LinkedCall, Ticket


@dataclass(frozen=True, slots=True)
class AlreadyFollowed:
    """The ticket had followed this link, or a newer one of the same call."""


@dataclass(frozen=True, slots=True)
class NothingToFollow:
    """The link joins or leaves a ticket that does not exist."""


def follow(
    ticket: Ticket | None, link: Link, *, tenant: str, call_id: str, number: str
) -> Changed[Ticket] | AlreadyFollowed | NothingToFollow:
    """Open the ticket, or let a call join or leave it.

    Args:
        ticket: the ticket as it is, or None.
        link: what the desk decided.
        tenant: the regency.
        call_id: the call that the link belongs to.
        number: what people read; used only where a ticket is opened.
    """
    if ticket is None:
        return _opened(link, tenant, call_id, number)
    if _followed(ticket, call_id) >= link.ordinal:
        return AlreadyFollowed()
    belongs = link.kind is not LinkKind.SEPARATED
    caller = link.caller if belongs else None
    call = LinkedCall(call_id=call_id, ordinal=link.ordinal, belongs=belongs, caller=caller)
    others = tuple(one for one in ticket.linked if one.call_id != call_id)
    linked = (*others, call) if belongs else _in_place(ticket.linked, call)
    what = "call.joined" if belongs else "call.separated"
    return Changed(replace(ticket, linked=linked), what, UPDATED, why=link.reason)


def _opened(link: Link, tenant: str, call_id: str, number: str) -> Changed[Ticket] | NothingToFollow:
    if link.opening is None:
        return NothingToFollow()
    opening = link.opening
    ticket = Ticket(
        tenant=tenant,
        ticket_id=link.ticket_id,
        number=number,
        incident_type=opening.incident_type,
        common_type=opening.common_type,
        priority=opening.priority,
        lane=opening.lane,
        born_of=call_id,
        opened_at=link.at,
        opened_by=link.by,
        priority_chosen=opening.priority_chosen,
        place=opening.place,
        story=opening.story,
        linked=(LinkedCall(call_id=call_id, ordinal=link.ordinal, caller=link.caller),),
        configuration_version=opening.configuration_version,
    )
    return Changed(ticket, "ticket.opened", OPENED)


def _followed(ticket: Ticket, call_id: str) -> int:
    return next((one.ordinal for one in ticket.linked if one.call_id == call_id), 0)


def _in_place(linked: tuple[LinkedCall, ...], call: LinkedCall) -> tuple[LinkedCall, ...]:
    if all(one.call_id != call.call_id for one in linked):
        return (*linked, call)
    return tuple(call if one.call_id == call.call_id else one for one in linked)
