"""What the board knows: the newest state of every call, ticket, response and delivery. Pure.

It is built from the events alone, in any order, with any repeats; sums come from two sides that must agree.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from service_kit.event import Event
from shared_schemas.events import (
    CallState,
    DeliveryState,
    EventData,
    ResponseState,
    TaskState,
    TenantConfigured,
    TicketState,
)
from shared_schemas.vocabulary import CallOutcome, TaskStatus, TicketStatus

INTAKE = "intake"
ONGOING = "ongoing"
"""How a call is counted that has no outcome yet."""

FINAL_TASKS = frozenset(status.value for status in TaskStatus if status.is_final)


@dataclass(frozen=True, slots=True)
class CallLine:
    """What intake says of one call, as far as the board counts it."""

    tenant: str
    outcome: str | None
    answered: bool

    @classmethod
    def of(cls, said: CallState) -> "CallLine":
        """Read a call."""
        outcome = None if said.outcome is None else str(said.outcome)
        answered = outcome == CallOutcome.ANSWERED if outcome else said.answered_at is not None
        return cls(said.tenant, outcome, answered)


@dataclass(frozen=True, slots=True)
class TicketLine:
    """What triage says of one ticket, as far as the board shows it."""

    tenant: str
    number: str
    status: str
    incident_type: str
    priority: str


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One agency's open part in one ticket, with its clock."""

    tenant: str
    number: str
    agency: str
    status: str
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class SumCheck:
    """One equation that must hold: a whole, counted by itself, and its parts."""

    name: str
    whole: int
    parts: tuple[tuple[str, int], ...]

    @property
    def holds(self) -> bool:
        """Whether the parts add up to the whole."""
        return self.whole == sum(count for _, count in self.parts)


@dataclass(slots=True)
class Projection:
    """Takes events, gives counts."""

    tenants: dict[str, TenantConfigured] = field(default_factory=dict)
    responses: dict[str, ResponseState] = field(default_factory=dict)
    tickets: dict[str, TicketLine] = field(default_factory=dict)
    _calls: dict[str, CallLine] = field(default_factory=dict)
    _classes: dict[str, str] = field(default_factory=dict)
    _deliveries: dict[str, str] = field(default_factory=dict)
    _received: set[str] = field(default_factory=set)
    _opened: set[str] = field(default_factory=set)
    _newest: dict[tuple[str, str], int] = field(default_factory=dict)

    def take(self, event: Event[EventData]) -> bool:
        """Note an event; return whether it told something newer than what was known."""
        said = event.envelope
        if said.topic == "call.received":
            self._received.add(said.subject)
        if said.topic == "ticket.opened":
            self._opened.add(said.subject)
        about = (said.source, said.subject)
        if said.sequence <= self._newest.get(about, 0):
            return False
        known = self._keep(said.source, event.data)
        if known:
            self._newest[about] = said.sequence
        return known

    def _keep(self, source: str, data: EventData) -> bool:
        """Keep what the board shows of a body; return whether it shows anything of it."""
        match data:
            case CallState() if source == INTAKE:
                self._calls[data.call_id] = CallLine.of(data)
            case CallState() if data.desk is not None and data.desk.classification is not None:
                self._classes[data.call_id] = str(data.desk.classification)
            case TicketState():
                self.tickets[data.ticket_id] = _ticket_line(data)
            case ResponseState():
                self.responses[data.ticket_id] = data
            case DeliveryState():
                self._deliveries[data.delivery_id] = str(data.status)
            case TenantConfigured():
                self.tenants[data.tenant] = data
            case _:
                return False
        return True

    def abbreviation(self, tenant: str) -> str:
        """Return the short name of a tenant, or its code while its configuration is not known."""
        known = self.tenants.get(tenant)
        return known.configuration.abbreviation if known else tenant

    def outcomes(self) -> Counter[str]:
        """Count calls by outcome; `ongoing` are those that have none yet."""
        return Counter(call.outcome or ONGOING for call in self._calls.values())

    def outcomes_of(self, tenant: str) -> Counter[str]:
        """Count one tenant's calls by outcome."""
        return Counter(call.outcome or ONGOING for call in self._calls.values() if call.tenant == tenant)

    def classes(self) -> Counter[str]:
        """Count calls by the class that the desk gave them."""
        return Counter(self._classes.values())

    def ticket_states(self) -> Counter[str]:
        """Count tickets by state."""
        return Counter(ticket.status for ticket in self.tickets.values())

    def task_states(self) -> Counter[str]:
        """Count agency tasks by state."""
        return Counter(str(task.status) for _, task in self._tasks())

    def delivery_states(self) -> Counter[str]:
        """Count deliveries by state."""
        return Counter(self._deliveries.values())

    def open_tasks(self) -> list[TaskLine]:
        """Return the agency tasks that are not final, the clock that runs out first on top."""
        lines = [
            TaskLine(response.tenant, response.brief.number, task.agency, str(task.status), task.due_at)
            for response, task in self._tasks()
            if str(task.status) not in FINAL_TASKS
        ]
        return sorted(lines, key=lambda line: (line.due_at is None, line.due_at, line.number, line.agency))

    def sums(self) -> tuple[SumCheck, ...]:
        """Return the equations that must hold at any moment at which all events were read."""
        outcomes, states = self.outcomes(), self.ticket_states()
        parts = tuple((outcome.value, outcomes[outcome.value]) for outcome in CallOutcome)
        classes = self.classes()
        unclassified = sum(
            call.answered and call_id not in self._classes for call_id, call in self._calls.items()
        )
        return (
            SumCheck("received", len(self._received), (*parts, (ONGOING, outcomes[ONGOING]))),
            SumCheck(
                "answered",
                sum(call.answered for call in self._calls.values()),
                (("classified", classes.total()), ("unclassified", unclassified)),
            ),
            SumCheck(
                "tickets",
                len(self._opened),
                tuple((status.value, states[status.value]) for status in TicketStatus),
            ),
        )

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is left to do: no call open or unclassified, no ticket, delivery or response open."""
        _, answered, _ = self.sums()
        return (
            not self.outcomes()[ONGOING]
            and not dict(answered.parts)["unclassified"]
            and set(self.ticket_states()) <= {TicketStatus.CLOSED.value}
            and not self.delivery_states()["waiting"]
            and not self.open_tasks()
            and all(check.holds for check in self.sums())
        )

    def _tasks(self) -> Iterator[tuple[ResponseState, TaskState]]:
        for response in self.responses.values():
            for task in response.tasks:
                yield response, task


def _ticket_line(said: TicketState) -> TicketLine:
    return TicketLine(said.tenant, said.number, str(said.status), said.incident_type, str(said.priority))
