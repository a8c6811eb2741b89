"""A small regency for dispatch's tests: its plan, tickets and replies, and the store in memory."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

from pymongo.errors import DuplicateKeyError

from dispatch.application.act import Act
from dispatch.application.follow import Follow
from dispatch.application.meet_deadline import MeetDeadline
from dispatch.application.ports import Plans, PlanUnknown
from dispatch.domain.facts import Brief, Escalation, Fact, NotDelivered, Reply, Ticket
from dispatch.domain.plan import Clocks, Ladder, Plan
from dispatch.domain.response import Response, Task
from dispatch.domain.settling import settle
from dispatch.storage import RESPONSES
from service_kit.decisions import Command, Heard
from service_kit.documents import Collection, Database, Document
from service_kit.outgoing import Outgoing
from service_kit.store import AggregateStore
from shared_schemas.events import ResponseState, TicketClosed
from shared_schemas.vocabulary import Priority, ReplyKind

TENANT = "53.03"
TICKET = "11111111-1111-5111-9111-111111111111"
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
"""Noon in Kefamenanu (WITA)."""

ACCEPTANCE = timedelta(seconds=60)
ARRIVAL = timedelta(minutes=15)
COMPLETION = timedelta(hours=4)


def waits(p1: timedelta) -> Mapping[Priority, timedelta]:
    """Return waits that double with each lower priority."""
    return {priority: p1 * 2**step for step, priority in enumerate(Priority)}


PLAN = Plan(
    version=7,
    ladders={
        "damkar": Ladder(("posko", "piket"), ("bpbd", "satpol_pp")),
        "bpbd": Ladder(("posko", "piket"), ("damkar", "pmi")),
        "dinkes": Ladder(("posko",), ("pmi",)),
        "satpol_pp": Ladder(("posko",)),
        "pmi": Ladder(("posko",), ("dinkes",)),
        "pln": Ladder(("posko",)),
    },
    clocks=Clocks(waits(ACCEPTANCE), waits(ARRIVAL), waits(COMPLETION)),
    supervisors=("pengawas", "kepala"),
)


def brief(priority: Priority = Priority.P1) -> Brief:
    """Return what agencies are told of a burning house."""
    return Brief("TTU-20261123-0001", "structure_fire", priority, calls=1)


def ticket(
    *agencies: str,
    round_: int = 1,
    earlier: Sequence[Escalation] = (),
    closed: bool = False,
    priority: Priority = Priority.P1,
) -> Ticket:
    """Return a ticket whose newest escalation asks for these agencies."""
    newest = (Escalation(f"escalation-{round_}", round_, agencies),) if agencies else ()
    return Ticket(TENANT, TICKET, round_, closed, brief(priority), (*earlier, *newest))


def reply(
    task: Task | str, kind: ReplyKind, *, agency: str = "", after: timedelta = timedelta(), reason: str = ""
) -> Reply:
    """Return what an agency says about a task, some time after noon."""
    task_id = task if isinstance(task, str) else task.task_id
    who = agency or (task.agency if isinstance(task, Task) else "")
    said_at = NOON + after
    reply_id = f"{task_id}/{kind}/{after}"
    return Reply(reply_id, TENANT, TICKET, task_id, who, kind, said_at, said_at, reason)


def the(response: Response | None, agency: str) -> Task:
    """Return the newest task of an agency."""
    assert response is not None
    return [task for task in response.tasks if task.agency == agency][-1]


def states(response: Response) -> dict[str, str]:
    """Return each agency's newest state in words."""
    return {task.agency: task.status.value for task in response.tasks}


def silence(response: Response, *, until: timedelta) -> Response:
    """Let deadlines come one after another with nobody saying a word."""
    for _ in range(1000):
        due = response.next_due_at
        if due is None or due > NOON + until:
            return response
        response = settle(response, PLAN, due)
    message = "deadlines never end"
    raise AssertionError(message)


class FixedPlans(Plans):
    """One tenant's plan."""

    def __init__(self) -> None:
        self.plans = {TENANT: PLAN}

    def of(self, tenant: str) -> Plan:
        """Return the plan."""
        if tenant not in self.plans:
            raise PlanUnknown(tenant)
        return self.plans[tenant]


class MemoryCursor:
    """What `find` returns."""

    def __init__(self, documents: list[Document]) -> None:
        self._documents = documents

    def sort(self, name: str, _direction: int) -> "MemoryCursor":
        """Order by one field."""
        return MemoryCursor(sorted(self._documents, key=lambda document: document[name]))

    def limit(self, most: int) -> "MemoryCursor":
        """Keep the first."""
        return MemoryCursor(self._documents[:most])

    def __aiter__(self) -> "MemoryCursor":
        return self

    async def __anext__(self) -> Document:
        if not self._documents:
            raise StopAsyncIteration
        return self._documents.pop(0)


class MemoryCollection:
    """A collection in memory, as far as the kit's store uses one."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}

    async def find_one(self, query: Mapping[str, Any]) -> Document | None:
        """Return a copy of the document that matches."""
        found = self.documents.get(query["_id"])
        return deepcopy(found) if found and _matches(found, query) else None

    def find(self, query: Mapping[str, Any], _fields: object = None) -> MemoryCursor:
        """Return copies of all documents that match."""
        return MemoryCursor([deepcopy(one) for one in self.documents.values() if _matches(one, query)])

    async def insert_one(self, document: Document) -> None:
        """Keep a new document."""
        if document["_id"] in self.documents:
            raise DuplicateKeyError("E11000", 11000)
        self.documents[document["_id"]] = deepcopy(document)

    async def replace_one(self, query: Mapping[str, Any], document: Document) -> SimpleNamespace:
        """Replace a document of that version."""
        found = self.documents.get(query["_id"], {})
        matches = _matches(found, query)
        if matches:
            self.documents[query["_id"]] = deepcopy(document)
        return SimpleNamespace(matched_count=int(matches))


def _matches(document: Document, query: Mapping[str, Any]) -> bool:
    return all(_fits(document.get(name), wanted) for name, wanted in query.items())


def _fits(value: Any, wanted: Any) -> bool:
    if not isinstance(wanted, dict):
        return wanted in value if isinstance(value, list) else bool(value == wanted)
    tests: dict[str, Callable[[Any], bool]] = {
        "$ne": lambda other: bool(value != other),
        "$gt": lambda other: value is not None and bool(value > other),
        "$lte": lambda other: value is not None and bool(value <= other),
        "$in": lambda other: value in other,
    }
    return all(tests[name](other) for name, other in wanted.items())


@dataclass
class World:
    """Dispatch on a store in memory, with a clock that the test sets."""

    now: datetime = NOON
    told: list[Outgoing] = field(default_factory=list)
    plans: FixedPlans = field(default_factory=FixedPlans)
    documents: MemoryCollection = field(default_factory=MemoryCollection)

    def __post_init__(self) -> None:
        database = cast("Database", SimpleNamespace(get_collection=lambda _: self.documents))
        self.store = AggregateStore(database, RESPONSES, ships=self, clock=lambda: self.now)
        self.act = Act(self.store, self.plans)
        self._follow = Follow(self.store, self.plans, lambda: self.now)
        self._tick = MeetDeadline(self.store, self.plans, lambda: self.now)

    def ship(self, _collection: Collection, _document: str, events: Sequence[Outgoing]) -> None:
        """Note what would be sent."""
        self.told.extend(events)

    def has_sent(self, *_: object) -> bool:
        """Nothing is ever acknowledged."""
        return False

    async def hear(self, fact: Fact, sequence: int = 1) -> object:
        """Hear a fact as the bus brings it."""
        return await self._follow(fact, Heard(*_origin(fact), sequence, self.now))

    async def wait(self, span: timedelta) -> None:
        """Let time pass; every deadline on the way is met at its time."""
        until = self.now + span
        while due := await self.store.due(until, 1):
            self.now = max(self.now, self.documents.documents[due[0].id]["next_due_at"])
            await self._tick(due[0].tenant, due[0].id)
        self.now = until

    async def tick(self) -> object:
        """Meet the deadline of the one response, due or not."""
        return await self._tick(TENANT, TICKET)

    async def response(self) -> Response:
        """Return the one response."""
        kept = await self.store.get(TENANT, TICKET)
        assert kept is not None
        return kept.state

    def command(self, key: str, *, reason: str = "", seen: int | None = None) -> Command:
        """Return a dispatcher's command."""
        return Command(key=key, by="ani", at=self.now, reason=reason, seen_version=seen)

    @property
    def topics(self) -> list[str]:
        """The topics of everything told, in order."""
        return [event.topic for event in self.told]

    def last_state(self) -> ResponseState:
        """Return the newest response that was told."""
        told = [event for event in self.told if event.topic.startswith("task.")]
        return ResponseState.model_validate_json(told[-1].body)

    def closings(self) -> list[TicketClosed]:
        """Return every closing that was told."""
        told = [event for event in self.told if event.topic == "ticket.closed"]
        return [TicketClosed.model_validate_json(event.body) for event in told]


def _origin(fact: Fact) -> tuple[str, str]:
    if isinstance(fact, Reply):
        return "agency-notifier", f"reply/{fact.reply_id}"
    if isinstance(fact, NotDelivered):
        return "agency-notifier", f"delivery/{fact.task_id}/{fact.step}"
    kind = "ticket" if isinstance(fact, Ticket) else "closing"
    return "triage", f"{kind}/{fact.ticket_id}"
