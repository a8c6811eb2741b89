"""The two events of a ticket as triage tells them: it was handed to one agency, then to another."""

import json
from datetime import datetime

from bench.backlog import said
from bench.desk import PRIORITY
from service_kit.outgoing import Outgoing
from shared_schemas.events import TicketState
from shared_schemas.identifiers import derived_id
from shared_schemas.tenants import TenantConfiguration
from shared_schemas.topics import CONTRACTS_DIR

ESCALATED = "ticket.escalated"
PATTERN = CONTRACTS_DIR / "examples" / ESCALATED / "v1" / "the-fire-goes-to-three-agencies.json"


def of_ticket(tenant: TenantConfiguration, number: int, now: datetime) -> tuple[Outgoing, Outgoing]:
    """A fire as the contracts tell it, at a priority whose ladder does not begin during the measurement."""
    second = _escalated(tenant, number, now)
    first = second.model_copy(update={"escalations": second.escalations[:1]})
    subject, ticket = f"ticket/{second.ticket_id}", second.ticket_id
    return (
        said(first, ESCALATED, "triage", subject, ticket, 2),
        said(second, ESCALATED, "triage", subject, ticket, 3),
    )


def _escalated(tenant: TenantConfiguration, number: int, now: datetime) -> TicketState:
    pattern = json.loads(PATTERN.read_text(encoding="utf-8"))["data"]
    (handed,) = pattern["escalations"]
    ticket = derived_id(tenant.code, "ticket", f"bench-{int(now.timestamp())}.{number}")
    ids = {
        agency.id: derived_id(tenant.code, "escalation", ticket, agency.id) for agency in tenant.agencies[:2]
    }
    own = {
        "tenant": tenant.code,
        "recorded_at": now,
        "configuration_version": 1,
        "ticket_id": ticket,
        "priority": PRIORITY,
        "opened_at": now,
        "escalations": [
            {**handed, "escalation_id": id_, "agencies": [agency], "at": now} for agency, id_ in ids.items()
        ],
    }
    return TicketState.model_validate({**pattern, **own})
