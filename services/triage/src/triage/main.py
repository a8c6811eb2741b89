"""Builds triage and runs it."""

from functools import partial

from service_kit.service import Service, main
from service_kit.tenancy import Tenants
from triage import contracts
from triage.api import calls as call_doors
from triage.api import tickets as ticket_doors
from triage.api.calls import CallDesk
from triage.api.tickets import TicketDesk
from triage.application.classify_call import ClassifyCall
from triage.application.follow_link import FollowLink, MeetDeadline
from triage.application.hear_call import HearCall
from triage.application.link_call import JoinTicket, OpenTicket, SeparateCall
from triage.application.work_ticket import (
    ChangeTicket,
    CloseTicket,
    EscalateTicket,
    HearClosing,
    ReopenTicket,
)
from triage.config import TriageSettings
from triage.domain.catalogue import Catalogue
from triage.handlers import Hear
from triage.storage.desk_calls import DESK_CALLS, MongoDeskCalls
from triage.storage.numbers import MongoNumbers
from triage.storage.tickets import TICKETS, MongoTickets


async def assemble(service: Service, _: TriageSettings) -> None:
    """Put the desk together: what it hears, its clock, its doors."""
    kept_calls = service.store(DESK_CALLS)
    calls, tickets = MongoDeskCalls(kept_calls), MongoTickets(service.store(TICKETS))
    catalogues = KeptCatalogues(service.tenants)
    follow_link = FollowLink(calls, tickets, MongoNumbers(service.database))
    service.hear(contracts.HEARS, Hear(HearCall(calls, catalogues), HearClosing(tickets)))
    service.on_due(kept_calls, MeetDeadline(calls, follow_link, service.clock))
    call_desk = CallDesk(
        calls=calls,
        vault=service.vault,
        classify=ClassifyCall(calls),
        join=JoinTicket(calls, tickets, follow_link),
        separate=SeparateCall(calls, follow_link),
    )
    ticket_desk = TicketDesk(
        tickets=tickets,
        calls=calls,
        vault=service.vault,
        open=OpenTicket(calls, follow_link, service.vault, catalogues),
        change=ChangeTicket(tickets, service.vault, catalogues),
        escalate=EscalateTicket(tickets, catalogues),
        reopen=ReopenTicket(tickets),
        close=CloseTicket(tickets),
    )
    service.app.include_router(call_doors.router(call_desk))
    service.app.include_router(ticket_doors.router(ticket_desk))
    service.count("calls", partial(_count, service, calls))
    service.count("tickets", partial(_count, service, tickets))


class KeptCatalogues:
    """Each tenant's catalogue, made once for each version of its configuration."""

    def __init__(self, tenants: Tenants) -> None:
        """Look at these tenants at every question, so that a change holds at once."""
        self._tenants = tenants
        self._made: dict[str, tuple[int, Catalogue]] = {}

    def __call__(self, tenant: str) -> Catalogue | None:
        """Return a tenant's catalogue, or None while it is not known."""
        configured = self._tenants.get(tenant)
        if configured is None:
            return None
        version, made = self._made.get(tenant, (0, None))
        if made is None or version != configured.version:
            made = contracts.catalogue(configured)
            self._made[tenant] = (configured.version, made)
        return made


async def _count(service: Service, kept: MongoDeskCalls | MongoTickets) -> dict[str, dict[str, int]]:
    """Count what is not finished, for each tenant."""
    return {one.tenant: await kept.counts(one.tenant) for one in service.tenants.all()}


def run() -> None:
    """Run triage as a process."""
    main("triage", TriageSettings, assemble)
