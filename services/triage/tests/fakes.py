"""One fake per port of the desk, and calls, tickets and tenants made in one line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Refusal, Saved
from service_kit.memory import Step
from service_kit.store import Kept
from service_kit.transient import Away
from service_kit.vault import Purpose, Unopened
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import CallOutcome, CallStage, Lane, Priority
from triage.application.classify_call import ClassifyCall
from triage.application.follow_link import FollowLink, MeetDeadline
from triage.application.hear_call import HearCall
from triage.application.link_call import JoinTicket, OpenTicket, SeparateCall, Wish
from triage.application.work_ticket import (
    ChangeTicket,
    CloseTicket,
    EscalateTicket,
    HearClosing,
    ReopenTicket,
)
from triage.domain.catalogue import Catalogue, IncidentType
from triage.domain.desk_call import CallFacts, DeskCall
from triage.domain.ticket import Ticket

TTU, KUPANG = "53.03", "53.71"
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
NUMBER_STEM = "TTU-20261122"
SITI, BUDI = "siti", "budi"
CALLER = Sealed("call-1/1", "caller", '{"number":"081200000042","name":"Maria"}'[::-1])
FIRE = IncidentType("structure_fire", "structure_fire", Priority.P1, Lane.EMERGENCY, ("damkar", "pln"))
LAMP = IncidentType("street_light", "street_light", Priority.P4, Lane.NON_EMERGENCY, ("dishub",))
QUESTION = IncidentType("question", "information", Priority.P4, Lane.NON_EMERGENCY)

State = TypeVar("State", DeskCall, Ticket)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def catalogue_of(tenant: str) -> Catalogue | None:
    """A tenant's configuration; only TTU and Kupang are known."""
    abbreviations = {TTU: "TTU", KUPANG: "KPG"}
    if tenant not in abbreviations:
        return None
    return Catalogue(
        version=3,
        abbreviation=abbreviations[tenant],
        zone=ZoneInfo("Asia/Makassar"),
        classify_within=timedelta(seconds=120),
        incident_types={kind.code: kind for kind in (FIRE, LAMP, QUESTION)},
        agencies=("damkar", "pln", "dishub", "polres"),
    )


def facts(stage: CallStage = CallStage.ENDED, **known: Any) -> CallFacts:
    """The facts of an answered call that has ended, unless said otherwise."""
    usual: dict[str, Any] = {
        "outcome": CallOutcome.ANSWERED if stage is CallStage.ENDED else None,
        "answered_at": NOON - minutes(2) if stage in (CallStage.ENDED, CallStage.ANSWERED) else None,
        "ended_at": NOON if stage is CallStage.ENDED else None,
        "caller": CALLER,
    }
    return CallFacts(
        stage=stage,
        started_at=NOON - minutes(3),
        trunk="pbx-ttu",
        exchange_call_id="1795418172.0",
        channel="phone",
        **{**usual, **known},
    )


def abandoned() -> CallFacts:
    """The facts of a call that nobody answered."""
    return facts(outcome=CallOutcome.ABANDONED_IN_QUEUE, answered_at=None)


def call(told: CallFacts | None = None, **known: Any) -> DeskCall:
    """An answered call on the desk of TTU."""
    return DeskCall(tenant=TTU, call_id="call-1", facts=told or facts(), **known)


def ticket(**known: Any) -> Ticket:
    """An open ticket about a fire."""
    usual: dict[str, Any] = {
        "tenant": TTU,
        "ticket_id": "ticket-1",
        "number": f"{NUMBER_STEM}-0001",
        "incident_type": FIRE.code,
        "common_type": FIRE.common,
        "priority": FIRE.priority,
        "lane": FIRE.lane,
        "born_of": "call-1",
        "opened_at": NOON,
        "opened_by": SITI,
    }
    return Ticket(**{**usual, **known})


def command(key: str = "key-1", *, by: str = SITI, seen: int | None = None, **known: Any) -> Command:
    """What a call taker's request carries."""
    return Command(key=key, by=by, at=known.pop("at", NOON), seen_version=seen, **known)


@dataclass
class Document(Generic[State]):
    """One aggregate in the fake store."""

    version: int
    state: State
    heard: dict[str, int]
    commands: dict[str, str]
    steps: list[Step]


@dataclass
class FakeStore(Generic[State]):
    """Aggregates in memory, kept as the kit keeps them: once for each command and each event."""

    view_of: Callable[[State], str]
    number_of: Callable[[State], str] = lambda _: ""
    documents: dict[tuple[str, str], Document[State]] = field(default_factory=dict)
    said: list[tuple[str, State]] = field(default_factory=list)
    asked: list[Command | Heard | None] = field(default_factory=list)
    away_after: int = 0
    away_for: int = 0

    async def look(self, tenant: str, id_: str) -> State | None:
        found = self.documents.get((tenant, id_))
        return None if found is None else found.state

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[State | None], Changed[State] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[State] | Conflict[State] | KeyReused | Refusal:
        self._travel()
        self.asked.append(command or heard)
        kept = self.documents.get((tenant, document_id))
        known = None if kept is None else _known(kept, command, heard)
        if known is not None:
            return known
        decided = decide(None if kept is None else kept.state)
        if not isinstance(decided, Changed):
            return decided
        return self._save(tenant, document_id, kept, decided, command, heard)

    def _save(
        self,
        tenant: str,
        document_id: str,
        kept: Document[State] | None,
        decided: Changed[State],
        command: Command | None,
        heard: Heard | None,
    ) -> Saved[State]:
        saved = kept or Document(0, decided.state, {}, {}, [])
        saved.version, saved.state = saved.version + 1, decided.state
        why = (command.reason if command else "") or decided.why
        by = command.by if command else (heard.source if heard else "clock")
        saved.steps.append(Step(saved.version, NOON, decided.what, by, why))
        if command is not None:
            saved.commands[command.key] = command.fingerprint
        if heard is not None:
            saved.heard[heard.about] = heard.sequence
        self.documents[tenant, document_id] = saved
        topics = [*([decided.topic] if decided.topic else []), *decided.also]
        self.said += [(topic, decided.state) for topic in topics]
        return Saved(decided.state, saved.version)

    def _travel(self) -> None:
        """Let `away_after` changes through, then lose the way `away_for` times."""
        if self.away_after > 0:
            self.away_after -= 1
        elif self.away_for > 0:
            self.away_for -= 1
            raise Away("the store cannot be reached")

    def put(self, tenant: str, id_: str, state: State) -> None:
        """Have something there from the start."""
        self.documents[tenant, id_] = Document(1, state, {}, {}, [])

    def only(self) -> State:
        """Return the one aggregate there is."""
        (document,) = self.documents.values()
        return document.state

    @property
    def topics(self) -> list[str]:
        """What was said, in order."""
        return [topic for topic, _ in self.said]

    async def kept(self, tenant: str, id_: str) -> Kept[State] | None:
        for (owner, name), one in self.documents.items():
            if owner == tenant and id_ in (name, self.number_of(one.state)):
                return _kept(owner, name, one)
        return None

    async def page(
        self, tenant: str, view: str | None, *, limit: int, after: str | None
    ) -> tuple[Sequence[Kept[State]], str | None]:
        own = sorted((name, one) for (owner, name), one in self.documents.items() if owner == tenant)
        wanted = [(name, one) for name, one in own if view in (None, self.view_of(one.state))]
        found = [_kept(tenant, name, one) for name, one in wanted if name > (after or "")][:limit]
        return found, found[-1].id if len(found) == limit else None


def _known(
    kept: Document[State], command: Command | None, heard: Heard | None
) -> Saved[State] | Conflict[State] | KeyReused | None:
    if heard is not None and kept.heard.get(heard.about, 0) >= heard.sequence:
        return Saved(kept.state, kept.version, repeated=True)
    if command is None:
        return None
    if command.key in kept.commands:
        same = kept.commands[command.key] == command.fingerprint
        return Saved(kept.state, kept.version, repeated=True) if same else KeyReused()
    if command.seen_version not in (None, kept.version):
        return Conflict(kept.state, kept.version)
    return None


def _kept(tenant: str, id_: str, one: Document[State]) -> Kept[State]:
    return Kept(id_, tenant, one.version, one.state, {"timeline": [*map(asdict, one.steps)]})


@dataclass
class FakeNumbers:
    """Counts up for each tenant and stem."""

    taken: dict[str, int] = field(default_factory=dict)

    async def take(self, tenant: str, stem: str) -> int:
        name = f"{tenant}/{stem}"
        self.taken[name] = self.taken.get(name, 0) + 1
        return self.taken[name]


@dataclass
class FakeVault:
    """Seals by turning words round; knows what was erased and who looked."""

    subjects: list[str] = field(default_factory=list)
    tenants: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    looked: list[tuple[str, str]] = field(default_factory=list)

    async def seal_many(self, tenant: str, subject: str, values: Mapping[str, str]) -> dict[str, Sealed]:
        self.subjects.append(subject)
        self.tenants.add(tenant)
        return {name: Sealed(f"{subject}/1", name, text[::-1]) for name, text in values.items()}

    async def open_many(
        self, tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        assert purpose is Purpose.DISPLAY
        self.looked += [(by, name) for name, _ in items]
        return [
            Unopened.ERASED if one.key_id.rpartition("/")[0] in self.erased else one.ciphertext[::-1]
            for _, one in items
        ]


def _view(one: DeskCall) -> str:
    return one.view.value


def _status(one: Ticket) -> str:
    return one.status.value


def _number(one: Ticket) -> str:
    return one.number


@dataclass
class Desk:
    """A whole desk on fakes."""

    calls: FakeStore[DeskCall] = field(default_factory=lambda: FakeStore(_view))
    tickets: FakeStore[Ticket] = field(default_factory=lambda: FakeStore(_status, _number))
    vault: FakeVault = field(default_factory=FakeVault)
    numbers: FakeNumbers = field(default_factory=FakeNumbers)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.follow = FollowLink(self.calls, self.tickets, self.numbers)
        self.meet_deadline = MeetDeadline(self.calls, self.follow, lambda: self.now)
        self.hear_call = HearCall(self.calls, catalogue_of)
        self.classify = ClassifyCall(self.calls)
        self.open = OpenTicket(self.calls, self.follow, self.vault, catalogue_of)
        self.join = JoinTicket(self.calls, self.tickets, self.follow)
        self.separate = SeparateCall(self.calls, self.follow)
        self.change = ChangeTicket(self.tickets, self.vault, catalogue_of)
        self.escalate = EscalateTicket(self.tickets, catalogue_of)
        self.reopen = ReopenTicket(self.tickets)
        self.close = CloseTicket(self.tickets)
        self.hear_closing = HearClosing(self.tickets)

    def has_call(self, call_id: str = "call-1", told: CallFacts | None = None, *, tenant: str = TTU) -> None:
        """Have a call on the desk."""
        self.calls.put(tenant, call_id, replace(call(told), tenant=tenant, call_id=call_id))

    async def opened(self, call_id: str = "call-1", *, wish: Wish | None = None) -> Ticket:
        """Have a ticket opened from a call on the desk."""
        if (TTU, call_id) not in self.calls.documents:
            self.has_call(call_id)
        await self.open(TTU, call_id, wish or Wish(incident_type=FIRE.code), command(f"open-{call_id}"))
        ticket_id = self.calls.documents[TTU, call_id].state.ticket_id
        assert ticket_id is not None
        return self.tickets.documents[TTU, ticket_id].state
