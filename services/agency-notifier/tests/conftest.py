"""A small world: one regency, its agencies, a clock that the test moves, and a fake for every port.

Tests name these types for the type checker alone (`if TYPE_CHECKING: from conftest import World`): the
service's folder has a hyphen, so there is no path to import them by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agency_notifier.application.circuits import Circuits
from agency_notifier.application.follow_response import FollowResponse, Worker
from agency_notifier.application.notice import Notice
from agency_notifier.application.ports import (
    AddressBook,
    Answer,
    Contact,
    Content,
    Contents,
    ContentUnavailable,
    Deliveries,
    LinkBroken,
    Linked,
    LinkExpired,
    Outbound,
    Regency,
    Replies,
    ReplyLinks,
    Responses,
    Sending,
    Traced,
)
from agency_notifier.application.send_delivery import SendDelivery
from agency_notifier.application.wake_delivery import WakeDelivery
from agency_notifier.application.write_notice import WriteNotice
from agency_notifier.domain.delivery import Delivery, Fate
from agency_notifier.domain.reply import AgencyReply
from agency_notifier.domain.response import SUPERVISOR, Brief, Offer, Response, Task
from service_kit.decisions import Changed, Command, Conflict, Decide, Heard, KeyReused, Refusal, Saved
from service_kit.store import Kept
from service_kit.telemetry import trace_id_of, traceparent
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import ContactChannel, ReplyKind

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TENANT, TICKET, TASK = "53.03", "ticket-1", "task-1"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
WEBHOOK, EMAIL = ContactChannel.WEBHOOK, ContactChannel.EMAIL
LEASE = timedelta(seconds=10)

DELIVERED = Answer(Fate.DELIVERED, "200", healthy=True)
BROKEN = Answer(Fate.AGAIN, "500", healthy=False)
GONE = Answer(Fate.GONE, "410", healthy=True)


@dataclass
class FakeClock:
    """A clock that only the test moves."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class FakeBook(AddressBook):
    """One regency: damkar with two contacts, bpbd with one, a supervisor."""

    def __init__(self) -> None:
        both = {WEBHOOK: "https://damkar.example/112", EMAIL: "posko@damkar.example"}
        self.contacts: dict[tuple[str, str], Contact] = {
            ("damkar", "posko"): Contact("Posko siaga", "Pemadam Kebakaran", both),
            ("damkar", "piket"): Contact("Petugas piket", "Pemadam Kebakaran", {EMAIL: "piket@x.example"}),
            ("bpbd", "posko"): Contact("Posko siaga", "BPBD", {WEBHOOK: "https://bpbd.example/112"}),
            (SUPERVISOR, "pengawas"): Contact("Pengawas jaga", "TTU", {EMAIL: "pengawas@x.example"}),
        }

    def regency(self, tenant: str) -> Regency:
        assert tenant == TENANT
        return Regency("Kabupaten Timor Tengah Utara", "TTU", ZoneInfo("Asia/Makassar"), 3)

    def contact(self, tenant: str, agency: str, contact: str) -> Contact | None:
        return self.contacts.get((agency, contact))

    def type_name(self, tenant: str, code: str) -> tuple[str, str]:
        return ("Kebakaran bangunan", "Structure fire") if code == "structure_fire" else (code, code)


class FakeContents(Contents):
    """Opens nothing real; may be away."""

    def __init__(self) -> None:
        self.away = False
        self.opened: list[Brief] = []

    async def open(self, tenant: str, brief: Brief) -> Content:
        if self.away:
            raise ContentUnavailable
        self.opened.append(brief)
        story = "rumah terbakar" if brief.story else None
        return Content(place="dekat pasar baru", story=story, caller_number="081200000042")


class FakeLinks(ReplyLinks):
    """Links whose token is readable."""

    def of(self, delivery: Delivery) -> Mapping[ReplyKind, str]:
        return {kind: f"https://112.example/r/{delivery.delivery_id}~{kind}" for kind in ReplyKind}

    def api_of(self, delivery: Delivery) -> str:
        return "https://112.example/v1/replies"

    def read(self, token: str) -> Linked:
        if token == "old":
            raise LinkExpired
        delivery_id, _, kind = token.partition("~")
        if kind not in list(ReplyKind):
            raise LinkBroken
        return Linked(TENANT, delivery_id, ReplyKind(kind))


class MemoryResponses(Responses):
    """Responses in memory: the newest by sequence stays."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[int, Response]] = {}

    async def get(self, tenant: str, ticket_id: str) -> Response | None:
        found = self.kept.get((tenant, ticket_id))
        return found[1] if found else None

    async def hear(self, response: Response, heard: Heard) -> Response:
        key = (response.tenant, response.ticket_id)
        if key not in self.kept or self.kept[key][0] < heard.sequence:
            self.kept[key] = (heard.sequence, response)
        return self.kept[key][1]


@dataclass
class Told:
    """One saved change: what it was called and the topic that tells it."""

    what: str
    topic: str | None
    state: Delivery


class MemoryDeliveries(Deliveries):
    """Deliveries in memory, with every change that was saved."""

    def __init__(self) -> None:
        self.kept: dict[str, Delivery] = {}
        self.told: list[Told] = []

    async def get(self, tenant: str, delivery_id: str) -> Traced | None:
        found = self.kept.get(delivery_id)
        return Traced(found, TRACE) if found and found.tenant == tenant else None

    async def of_ticket(self, tenant: str, ticket_id: str) -> Sequence[Traced]:
        found = [one for one in self.kept.values() if (one.tenant, one.ticket_id) == (tenant, ticket_id)]
        return [Traced(one, TRACE) for one in found]

    async def change(
        self, tenant: str, delivery_id: str, decide: Decide[Delivery, Refusal]
    ) -> Saved[Delivery] | Conflict[Delivery] | KeyReused | Refusal:
        decided = decide(self.kept.get(delivery_id))
        if not isinstance(decided, Changed):
            return decided
        self.kept[delivery_id] = decided.state
        self.told.append(Told(decided.what, decided.topic, decided.state))
        return Saved(decided.state, len(self.told))

    async def shown(self, tenant: str, delivery_id: str) -> Kept[Delivery] | None:
        found = await self.get(tenant, delivery_id)
        return None if found is None else _kept(found.state)

    async def listed(
        self, tenant: str, *, ticket_id: str | None, status: str | None, after: str | None, limit: int
    ) -> list[Kept[Delivery]]:
        found = sorted(
            (one for one in self.kept.values() if one.tenant == tenant), key=lambda one: one.delivery_id
        )
        fits = [
            one
            for one in found
            if ticket_id in (None, one.ticket_id)
            and status in (None, one.status)
            and one.delivery_id > (after or "")
        ]
        return [_kept(one) for one in fits[:limit]]


def _kept(state: Delivery) -> Kept[Delivery]:
    made = {"version": 1, "at": NOON, "what": "delivery.made", "by": "dispatch"}
    raw: dict[str, Any] = {"place": state.delivery_id, "traceparent": TRACE, "timeline": [made]}
    return Kept(state.delivery_id, state.tenant, 1, state, raw)


class MemoryReplies(Replies):
    """Replies in memory, once for each command."""

    def __init__(self) -> None:
        self.kept: dict[str, AgencyReply] = {}
        self.told: list[str | None] = []
        self.traces: list[str] = []
        self._commands: dict[str, tuple[str, str]] = {}

    async def change(
        self, tenant: str, reply_id: str, decide: Decide[AgencyReply, Refusal], command: Command
    ) -> Saved[AgencyReply] | Conflict[AgencyReply] | KeyReused | Refusal:
        if reply_id in self.kept and self._commands[reply_id][0] == command.key:
            if self._commands[reply_id][1] != command.fingerprint:
                return KeyReused()
            return Saved(self.kept[reply_id], 1, repeated=True)
        decided = decide(self.kept.get(reply_id))
        if not isinstance(decided, Changed):
            return decided
        self.kept[reply_id], self._commands[reply_id] = decided.state, (command.key, command.fingerprint)
        self.told.append(decided.topic)
        self.traces.append(trace_id_of(traceparent()))
        return Saved(decided.state, 1)


class ScriptedChannel(Outbound):
    """Answers as the test said, then as it said last; remembers what it was given."""

    def __init__(self) -> None:
        self.script: list[Answer] = [DELIVERED]
        self.sent: list[tuple[Notice, str]] = []

    def answers(self, *answers: Answer) -> None:
        self.script = list(answers)

    async def send(self, notice: Notice, address: str) -> Answer:
        self.sent.append((notice, address))
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


class HandSending(Sending):
    """Keeps the tries that were handed over until the test makes them."""

    def __init__(self) -> None:
        self.taken: list[Delivery] = []

    def take(self, delivery: Delivery) -> None:
        if not self.holds(delivery.delivery_id):
            self.taken.append(delivery)

    def holds(self, delivery_id: str) -> bool:
        return any(one.delivery_id == delivery_id for one in self.taken)


@dataclass
class World:
    """One notifier process on fakes; `another` is a second process on the same store."""

    clock: FakeClock = field(default_factory=FakeClock)
    book: FakeBook = field(default_factory=FakeBook)
    contents: FakeContents = field(default_factory=FakeContents)
    links: FakeLinks = field(default_factory=FakeLinks)
    responses: MemoryResponses = field(default_factory=MemoryResponses)
    deliveries: MemoryDeliveries = field(default_factory=MemoryDeliveries)
    replies: MemoryReplies = field(default_factory=MemoryReplies)
    webhook: ScriptedChannel = field(default_factory=ScriptedChannel)
    email: ScriptedChannel = field(default_factory=ScriptedChannel)
    name: str = "first"
    sequence: int = 0

    def __post_init__(self) -> None:
        worker = Worker(self.name, LEASE)
        self.sending = HandSending()
        self.follow = FollowResponse(
            self.responses, self.deliveries, self.book, self.sending, self.clock, worker
        )
        self.wake = WakeDelivery(self.deliveries, self.sending, self.clock, worker)
        self.send = SendDelivery(
            self.deliveries,
            self.responses,
            self.book,
            WriteNotice(self.book, self.contents, self.links),
            {WEBHOOK: self.webhook, EMAIL: self.email},
            Circuits(),
            self.clock,
            lambda: 0.5,
            worker,
        )

    def another(self) -> "World":
        """Return a second process on the same store."""
        return replace(self, name="second")

    async def hear(self, response: Response, *, sequence: int | None = None) -> None:
        """Hear a response; the next sequence unless another is given."""
        self.sequence = sequence or self.sequence + 1
        subject = f"response/{response.ticket_id}"
        await self.follow(response, Heard("dispatch", subject, self.sequence, self.clock.now))

    async def make_tries(self) -> None:
        """Make every try that was handed over."""
        taken, self.sending.taken = self.sending.taken, []
        for one in taken:
            await self.send(one.tenant, one.delivery_id)

    async def wake_due(self) -> None:
        """Let every delivery act whose time has come, as the kit's worker would."""
        for one in list(self.deliveries.kept.values()):
            if one.due_at is not None and one.due_at <= self.clock.now:
                await self.wake(one.tenant, one.delivery_id)

    async def run_until_quiet(self, *, within: timedelta = timedelta(minutes=10)) -> None:
        """Move from deadline to deadline, making every try, until nothing is waiting."""
        end = self.clock.now + within
        await self.make_tries()
        while due := [one.due_at for one in self.deliveries.kept.values() if one.due_at]:
            self.clock.now = max(self.clock.now, min(due))
            assert self.clock.now < end, "it goes on for ever"
            await self.wake_due()
            await self.make_tries()

    def only(self) -> Delivery:
        """Return the one delivery that there is."""
        (one,) = self.deliveries.kept.values()
        return one


@pytest.fixture
def world() -> World:
    """A notifier on fakes, at noon."""
    return World()


@pytest.fixture(scope="session")
def new_world() -> Callable[[], World]:
    """Make such a notifier: a property wants one for every example."""
    return World


Respond = Callable[..., Response]


@pytest.fixture
def respond() -> Respond:
    """Make the state of a response; by default damkar was offered one task through its posko."""

    def make(*tasks: Task, calls: Sequence[Offer] = (), **about: Any) -> Response:
        brief = Brief(
            number="TTU-20261122-0017",
            incident_type="structure_fire",
            priority="P1",
            district="53.03.01",
            story=about.pop("story", Sealed("call-1/1", "bm9uY2U", "Y2lwaGVy")),
        )
        return Response(
            tenant=TENANT, ticket_id=TICKET, brief=brief, tasks=tasks, supervisor_calls=tuple(calls), **about
        )

    return make


AskFor = Callable[..., Task]


@pytest.fixture
def task() -> AskFor:
    """Make a task of damkar, offered to the named contacts one minute after the other."""

    def make(*contacts: str, status: str = "offered", agency: str = "damkar", **about: Any) -> Task:
        return Task(
            task_id=about.pop("task_id", TASK),
            agency=agency,
            status=status,
            offers=offers(*(contacts or ("posko",)), **about),
        )

    return make


def offers(*contacts: str, apart: timedelta = timedelta(minutes=1)) -> tuple[Offer, ...]:
    """Return offers with a minute to answer each."""
    minute = timedelta(minutes=1)
    return tuple(
        Offer(step, contact, NOON + (step - 1) * apart, NOON + (step - 1) * apart + minute)
        for step, contact in enumerate(contacts, start=1)
    )


@pytest.fixture
def notice() -> Notice:
    """A message to damkar's posko."""
    return Notice(
        delivery_id="5b0e3c1c-9f0e-5a51-8a55-000000000001",
        tenant=TENANT,
        ticket_id=TICKET,
        task_id=TASK,
        agency="damkar",
        number="TTU-20261122-0017",
        incident_type="structure_fire",
        type_name="Kebakaran bangunan",
        type_name_en="Structure fire",
        priority="P1",
        district="53.03.01",
        regency_name="Kabupaten Timor Tengah Utara",
        abbreviation="TTU",
        agency_name="Pemadam Kebakaran",
        contact_name="Posko siaga",
        zone=ZoneInfo("Asia/Makassar"),
        calls_supervisor=False,
        open_gaps=(),
        respond_by=NOON + timedelta(minutes=1),
        place="dekat pasar baru",
        latitude=-9.45,
        longitude=124.48,
        story="rumah terbakar",
        caller_number="081200000042",
        reply_links={kind: f"https://112.example/r/token-{kind}" for kind in ReplyKind},
        reply_url="https://112.example/v1/replies",
    )
