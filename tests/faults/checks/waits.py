"""How long everybody waited: callers for intake's answer, agencies for what the desk decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.history import History

ACKNOWLEDGED, ASKED, CLOSED = "acknowledged", "asked", "closed"


@dataclass(frozen=True, slots=True)
class Waited:
    """One act: when it should have begun, and how long it took; endless where it never ended.

    Attributes:
        agency: who was asked; nobody where a call was acknowledged.
    """

    kind: str
    at: float
    seconds: float
    tenant: str = ""
    agency: str = ""


def acknowledged(history: History) -> Iterator[Waited]:
    """From the moment at which the exchange should have told each event until intake had answered."""
    for told in history.inputs.told:
        waited = told.acknowledged_at - told.intended_at
        yield Waited(ACKNOWLEDGED, told.intended_at, waited, told.tenant)


def asked(history: History) -> Iterator[Waited]:
    """From each escalation to the first message that each of its agencies received, by whatever way."""
    ticket_of = {one["delivery_id"]: one["ticket_id"] for one in history.states.deliveries}
    first: dict[tuple[str, str], float] = {}
    for request in history.requests:
        ticket = request.ticket_id or ticket_of.get(request.delivery_id, "")
        first[ticket, request.agency] = min(request.at, first.get((ticket, request.agency), request.at))
    for one in history.inputs.escalated:
        for agency in one.agencies:
            came = first.get((one.ticket_id, agency))
            waited = float("inf") if came is None else max(0.0, came - one.at)
            yield Waited(ASKED, one.at, waited, one.tenant, agency)


def closed(history: History) -> Iterator[Waited]:
    """From dispatch's word that the help for a ticket has ended until triage has said that it is closed."""
    ended: dict[str, tuple[float, str]] = {}
    for said in sorted(history.log, key=lambda one: one.at):
        if said.topic == "ticket.closed" and said.source == "dispatch":
            ended.setdefault(said.body["ticket_id"], (said.at, said.tenant))
        elif said.source == "triage" and said.body.get("status") == "closed":
            began, tenant = ended.pop(said.body.get("ticket_id", ""), (said.at, ""))
            if tenant:
                yield Waited(CLOSED, began, said.at - began, tenant)
    for began, tenant in ended.values():
        yield Waited(CLOSED, began, float("inf"), tenant)
