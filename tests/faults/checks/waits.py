"""How long everybody waited: callers for intake's answer, agencies for what the desk decided."""

from collections.abc import Iterator
from dataclasses import dataclass

from bench.takers import TAKES_AFTER
from tests.faults.history import History, Json

ACKNOWLEDGED, DECIDED, ASKED, CLOSED = "acknowledged", "decided", "asked", "closed"


@dataclass(frozen=True, slots=True)
class Waited:
    """One act: when it should have begun, and how long it took; endless where it never ended.

    Attributes:
        agency: who was asked; nobody where a call was acknowledged.
        ticket: what it was about; nothing where there was none yet.
    """

    kind: str
    at: float
    seconds: float
    tenant: str = ""
    agency: str = ""
    ticket: str = ""


def acknowledged(history: History) -> Iterator[Waited]:
    """From the moment at which the exchange should have told each event until intake had answered."""
    for told in history.inputs.told:
        waited = told.acknowledged_at - told.intended_at
        yield Waited(ACKNOWLEDGED, told.intended_at, waited, told.tenant)


def decided(history: History) -> Iterator[Waited]:
    """From the moment at which a taker should have acted until the desk told a call's class or ticket."""
    told: dict[str, float] = {}
    for said in history.log:
        if said.source == "triage" and said.topic == "call.updated" and _is_decided(said.body):
            told[said.body["call_id"]] = min(said.at, told.get(said.body["call_id"], said.at))
    taken = {one.call_id for one in history.inputs.classified}
    taken |= {one.call_id for one in history.inputs.escalated}
    for one in history.inputs.told:
        if one.event == "ringing" and one.call_id in taken:
            at = one.intended_at + TAKES_AFTER
            yield Waited(DECIDED, at, max(0.0, told.get(one.call_id, float("inf")) - at), one.tenant)


def _is_decided(body: Json) -> bool:
    return bool((body.get("desk") or {}).get("classification"))


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
            yield Waited(ASKED, one.at, waited, one.tenant, agency, one.ticket_id)


def closed(history: History) -> Iterator[Waited]:
    """From dispatch's word that the help for a ticket has ended until triage has said that it is closed."""
    ended: dict[str, tuple[float, str]] = {}
    for said in sorted(history.log, key=lambda one: one.at):
        if said.topic == "ticket.closed" and said.source == "dispatch":
            ended.setdefault(said.body["ticket_id"], (said.at, said.tenant))
        elif said.source == "triage" and said.body.get("status") == "closed":
            ticket = said.body.get("ticket_id", "")
            began, tenant = ended.pop(ticket, (said.at, ""))
            if tenant:
                yield Waited(CLOSED, began, said.at - began, tenant, ticket=ticket)
    for ticket, (began, tenant) in ended.items():
        yield Waited(CLOSED, began, float("inf"), tenant, ticket=ticket)
