"""The services, put together as their `main` does: their rooms are the product's, the ports are in memory."""

import random
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from agency_notifier import contracts as notifier_contracts
from agency_notifier.application.circuits import Circuits
from agency_notifier.application.follow_response import FollowResponse, Worker
from agency_notifier.application.ports import Outbound
from agency_notifier.application.reply_task import ReplyTask
from agency_notifier.application.send_delivery import SendDelivery
from agency_notifier.application.wake_delivery import WakeDelivery
from agency_notifier.application.write_notice import WriteNotice
from agency_notifier.gateways.address_book import TenantsBook
from agency_notifier.gateways.pool import Bounds, Pool
from agency_notifier.gateways.reply_links import SignedLinks
from agency_notifier.handlers import on_response
from agency_notifier.storage.deliveries import DELIVERIES, MongoDeliveries
from agency_notifier.storage.replies import REPLIES, MongoReplies
from agency_notifier.storage.responses import RESPONSES as HEARD_RESPONSES
from agency_notifier.storage.responses import MongoResponses
from dispatch import contracts as dispatch_contracts
from dispatch.application.act import Act
from dispatch.application.follow import Follow
from dispatch.application.meet_deadline import MeetDeadline as MeetResponseDeadline
from dispatch.gateways import TenantPlans
from dispatch.handlers import follow_events
from dispatch.storage import RESPONSES, StoredListings
from intake.application.current_calls import CurrentCalls
from intake.application.settle_call import SettleCall
from intake.application.take_facts import TakeFacts
from intake.gateways.trunks import ConfiguredTrunks
from intake.handlers.settling import Settling
from intake.storage.calls import MongoCalls
from intake.storage.calls import calls as kept_calls
from service_kit.documents import Database
from service_kit.due import DueWorker, Tick
from service_kit.listener import Handle
from service_kit.relay import Relay
from service_kit.store import Aggregate, AggregateStore, State
from service_kit.tenancy import Tenants
from shared_schemas.vocabulary import ContactChannel
from statistics_service import contracts as statistics_contracts
from statistics_service.application.tell_recap import TellRecap
from statistics_service.handlers import KeepRows
from statistics_service.main import GATHER_SECONDS, TenantProfiles
from statistics_service.storage.generations import Generations
from tests.simulation.memory_spool import SpoolDisk, spool_on
from tests.simulation.process import Life
from tests.simulation.sealing import PlainSeals
from triage import contracts as triage_contracts
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
from triage.handlers import Hear
from triage.main import KeptCatalogues
from triage.storage.desk_calls import DESK_CALLS, MongoDeskCalls
from triage.storage.numbers import MongoNumbers
from triage.storage.tickets import TICKETS, MongoTickets

SILENCE = timedelta(minutes=20)
"""A call of which nothing is heard for this long has ended unseen; hours pass too slowly here."""

LEASE = timedelta(seconds=10)
NARROW = Bounds(dict.fromkeys(ContactChannel, 1), tenant=1, endpoint=1)
"""One try at a time, everywhere."""

LINK_SECRET = b"simulation-simulation-simulation"


@dataclass
class Parts:
    """What a service is assembled from, and what it is made of afterwards: as `service_kit.service.Service`."""

    life: Life
    database: Database
    relay: Relay
    tenants: Tenants
    chance: random.Random
    channels: dict[ContactChannel, Outbound]
    spool: SpoolDisk
    narrow: bool = False
    seals: PlainSeals = field(default_factory=PlainSeals)
    workers: list[DueWorker] = field(default_factory=list)
    prepare: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    lasting: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    hears: tuple[frozenset[str], Handle] | None = None
    gather_seconds: float = 0.0

    def store(self, aggregate: Aggregate[State]) -> AggregateStore[State]:
        """Keep one kind of aggregate."""
        made = AggregateStore(self.database, aggregate, ships=self.relay, clock=self.life.clock)
        self.relay.stores.append(made)
        self.prepare.append(made.prepare)
        return made

    def on_due(self, store: AggregateStore[Any], tick: Tick) -> None:
        """Let aggregates act when their deadline comes."""
        self.workers.append(DueWorker(store, tick, self.life.clock))


@dataclass(frozen=True)
class IntakeDoors:
    """By which exchanges reach intake."""

    take: TakeFacts
    trunks: ConfiguredTrunks


@dataclass(frozen=True)
class TriageDoors:
    """By which call takers reach the desk."""

    calls: MongoDeskCalls
    tickets: MongoTickets
    classify: ClassifyCall
    open: OpenTicket
    join: JoinTicket
    separate: SeparateCall
    change: ChangeTicket
    escalate: EscalateTicket
    reopen: ReopenTicket
    close: CloseTicket


@dataclass(frozen=True)
class DispatchDoors:
    """By which supervisors reach dispatch."""

    listings: StoredListings
    act: Act


@dataclass(frozen=True)
class NotifierDoors:
    """By which agencies reply."""

    reply: ReplyTask


@dataclass(frozen=True)
class StatisticsDoors:
    """By which anybody asks for figures."""

    tell: TellRecap


def intake(parts: Parts) -> IntakeDoors:
    """As `intake.main`."""
    clock = parts.life.clock
    spool = spool_on(parts.spool, parts.life)
    store = parts.store(kept_calls(SILENCE))
    calls = MongoCalls(store, SILENCE, clock)
    parts.on_due(store, calls.lose_sight)
    current = CurrentCalls(silence=SILENCE)
    settling = Settling(spool, SettleCall(calls, parts.seals, current), clock)
    parts.lasting.append(settling.run)
    return IntakeDoors(TakeFacts(spool, current, settling.tell), ConfiguredTrunks(parts.tenants))


def triage(parts: Parts) -> TriageDoors:
    """As `triage.main`."""
    kept = parts.store(DESK_CALLS)
    calls, tickets = MongoDeskCalls(kept), MongoTickets(parts.store(TICKETS))
    catalogues = KeptCatalogues(parts.tenants)
    follow_link = FollowLink(calls, tickets, MongoNumbers(parts.database))
    parts.hears = (triage_contracts.HEARS, Hear(HearCall(calls, catalogues), HearClosing(tickets)))
    parts.on_due(kept, MeetDeadline(calls, follow_link, parts.life.clock))
    return TriageDoors(
        calls=calls,
        tickets=tickets,
        classify=ClassifyCall(calls),
        open=OpenTicket(calls, follow_link, parts.seals, catalogues),
        join=JoinTicket(calls, tickets, follow_link),
        separate=SeparateCall(calls, follow_link),
        change=ChangeTicket(tickets, parts.seals, catalogues),
        escalate=EscalateTicket(tickets, catalogues),
        reopen=ReopenTicket(tickets),
        close=CloseTicket(tickets),
    )


def dispatch(parts: Parts) -> DispatchDoors:
    """As `dispatch.main`."""
    responses = parts.store(RESPONSES)
    plans = TenantPlans(parts.tenants)
    clock = parts.life.clock
    parts.hears = (dispatch_contracts.HEARS, follow_events(Follow(responses, plans, clock)))
    parts.on_due(responses, MeetResponseDeadline(responses, plans, clock))
    return DispatchDoors(StoredListings(responses), Act(responses, plans))


def notifier(parts: Parts) -> NotifierDoors:
    """As `agency_notifier.main`, with a name for each life that the seed gives."""
    kept = parts.store(DELIVERIES)
    deliveries, heard = MongoDeliveries(kept), MongoResponses(parts.store(HEARD_RESPONSES))
    book, clock = TenantsBook(parts.tenants), parts.life.clock
    worker = Worker(f"notifier-{parts.chance.getrandbits(48):x}", LEASE)
    links = SignedLinks(lambda: [LINK_SECRET], lambda: "https://112.example", clock, life=timedelta(hours=24))
    write = WriteNotice(book, parts.seals, links)
    chance = parts.chance.random
    send = SendDelivery(deliveries, heard, book, write, parts.channels, Circuits(), clock, chance, worker)
    pool = Pool(send, book, NARROW if parts.narrow else Bounds())
    follow = FollowResponse(heard, deliveries, book, pool, clock, worker)
    parts.hears = (notifier_contracts.HEARS, on_response(follow))
    parts.on_due(kept, WakeDelivery(deliveries, pool, clock, worker))
    return NotifierDoors(ReplyTask(deliveries, heard, MongoReplies(parts.store(REPLIES)), book))


def statistics(parts: Parts) -> StatisticsDoors:
    """As `statistics_service.main`."""
    generations = Generations(parts.database)
    parts.prepare.append(generations.prepare)
    parts.hears = (statistics_contracts.HEARS, KeepRows(generations, parts.tenants))
    parts.gather_seconds = GATHER_SECONDS
    return StatisticsDoors(TellRecap(generations, TenantProfiles(parts.tenants)))


ASSEMBLE: dict[str, Callable[[Parts], Any]] = {
    "intake": intake,
    "triage": triage,
    "dispatch": dispatch,
    "agency-notifier": notifier,
    "statistics": statistics,
}
