"""The same world as a machine whose every step Hypothesis chooses, so that a story that fails gets short."""

import asyncio
from contextlib import ExitStack

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agency_notifier.application.notice import Notice
from shared_schemas.vocabulary import Classification, Disposition, ReplyKind
from tests.simulation.agencies import Agency, Supervisor, is_for_supervisor
from tests.simulation.exchange import Exchange, Ring
from tests.simulation.faults import CALM, CRASH_AFTER, CRASH_BEFORE, FINE, LOST, REFUSED
from tests.simulation.overhearing import overheard
from tests.simulation.regencies import AGENCIES, KINDS, MARKS
from tests.simulation.rest import come_to_rest, look_back
from tests.simulation.services import ASSEMBLE
from tests.simulation.takers import Taker
from tests.simulation.virtual_clock import VirtualLoop, closing
from tests.simulation.world import World
from triage.application.link_call import Opened, Wish

A_MOMENT = 1.5
"""Virtual seconds after each act, so that what follows from it may begin."""

LONGEST_REST_SECONDS = 2400.0
"""A story that never ends is told again hundreds of times while it gets shorter."""

services = st.sampled_from(sorted(ASSEMBLE))
tenants = st.sampled_from(sorted(MARKS))
which = st.integers(0, 5)
fates = st.sampled_from((REFUSED, LOST, CRASH_BEFORE, CRASH_AFTER))


def troubles(*near: str) -> st.SearchStrategy["Trouble"]:
    """What goes wrong in an act: one of the next steps of a service near it is refused, lost, or its last."""
    return st.none() | st.tuples(st.sampled_from(near), st.integers(0, 9), fates)


Trouble = tuple[str, int, int] | None
replies = st.sampled_from((*ReplyKind,))
helpless = st.sampled_from((Classification.PRANK, Classification.GHOST, Classification.INFORMATION))


class BlindTaker(Taker):
    """Somebody who acts whether the call is on the screen yet or not, and never asks again."""

    sees = False
    gives_up = 1.0


class SilentWorld(World):
    """A world in which agencies and supervisors read what they get, and wait to be told what to do."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__(loop, "machine", weather=CALM)
        self.notices: list[Notice] = []

    def asked(self, notice: Notice) -> None:
        """Keep a message for whoever shall answer it."""
        self.notices.append(notice)


class BadDay(RuleBasedStateMachine):
    """Calls, tickets, replies, crashes and lost acknowledgements in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.world = SilentWorld(self.loop)
        self.stack = ExitStack()
        self.stack.enter_context(closing(self.loop))
        self.stack.enter_context(overheard(self.loop, self.world))
        self.exchanges: dict[str, Exchange] = {}
        self.calls: list[Ring] = []
        self.tickets: list[tuple[str, str]] = []
        self.loop.run_until_complete(self._open())

    async def _open(self) -> None:
        self.world.open()
        self.exchanges = {tenant: Exchange(self.world, tenant) for tenant in MARKS}
        await asyncio.sleep(A_MOMENT)

    # The telephone ---------------------------------------------------------------------------

    @rule(tenant=tenants, answered=st.booleans(), trouble=troubles("intake"))
    def ring(self, tenant: str, answered: bool, trouble: Trouble) -> None:
        """A call comes, waits, and is answered or given up."""
        self._expect(trouble)
        now = self.loop.time()
        call = Ring(
            tenant, f"{len(self.calls):04d}", now, 2.0 if answered else None, 60.0 if answered else 5.0
        )
        self.calls.append(call)
        self.exchanges[tenant].ring(call)
        self._pass(4)

    # The desk --------------------------------------------------------------------------------

    @precondition(lambda self: self.calls)
    @rule(number=which, kind=st.sampled_from(sorted(KINDS)), trouble=troubles("triage"))
    def open_ticket(self, number: int, kind: str, trouble: Trouble) -> None:
        """A call gets a ticket of its own."""
        self._expect(trouble)
        call = self.calls[number % len(self.calls)]
        taker = self._taker(call.tenant)

        async def work() -> None:
            opened = await taker.do(
                "open", call.key.call_id, Wish(incident_type=f"{kind}{MARKS[call.tenant]}")
            )
            if isinstance(opened, Opened):
                self.tickets.append((call.tenant, opened.ticket_id))

        self.world.start(work())
        self._pass(A_MOMENT)

    @precondition(lambda self: self.calls and self.tickets)
    @rule(number=which, ticket=which, trouble=troubles("triage"))
    def join(self, number: int, ticket: int, trouble: Trouble) -> None:
        """A call is more news of a known ticket; another tenant's ticket is not known."""
        self._expect(trouble)
        call, (_, ticket_id) = self.calls[number % len(self.calls)], self.tickets[ticket % len(self.tickets)]
        self._desk(call.tenant, "join", call.key.call_id, ticket_id)

    @precondition(lambda self: self.calls)
    @rule(number=which, trouble=troubles("triage"))
    def separate(self, number: int, trouble: Trouble) -> None:
        """A call does not belong to its ticket."""
        self._expect(trouble)
        call = self.calls[number % len(self.calls)]
        self._desk(call.tenant, "separate", call.key.call_id)

    @precondition(lambda self: self.calls)
    @rule(number=which, as_=helpless, trouble=troubles("triage"))
    def classify(self, number: int, as_: Classification, trouble: Trouble) -> None:
        """A call needs no help."""
        self._expect(trouble)
        call = self.calls[number % len(self.calls)]
        self._desk(call.tenant, "classify", call.key.call_id, as_)

    @precondition(lambda self: self.tickets)
    @rule(
        ticket=which,
        named=st.lists(st.sampled_from(sorted(AGENCIES)), max_size=2, unique=True),
        trouble=troubles("triage", "dispatch", "agency-notifier"),
    )
    def escalate(self, ticket: int, named: list[str], trouble: Trouble) -> None:
        """A ticket is handed to agencies."""
        self._expect(trouble)
        tenant, ticket_id = self.tickets[ticket % len(self.tickets)]
        self._desk(tenant, "escalate", ticket_id, tuple(f"{agency}{MARKS[tenant]}" for agency in named))

    @precondition(lambda self: self.tickets)
    @rule(ticket=which, trouble=troubles("triage"))
    def close(self, ticket: int, trouble: Trouble) -> None:
        """A ticket needs no agency."""
        self._expect(trouble)
        tenant, ticket_id = self.tickets[ticket % len(self.tickets)]
        self._desk(tenant, "close", ticket_id, Disposition.NO_AGENCY_NEEDED)

    @precondition(lambda self: self.tickets)
    @rule(ticket=which, trouble=troubles("triage"))
    def reopen(self, ticket: int, trouble: Trouble) -> None:
        """A ticket is taken up again."""
        self._expect(trouble)
        tenant, ticket_id = self.tickets[ticket % len(self.tickets)]
        self._desk(tenant, "reopen", ticket_id)

    # Agencies and supervisors ----------------------------------------------------------------

    @precondition(lambda self: self.world.notices)
    @rule(number=which, reply=replies, trouble=troubles("agency-notifier", "dispatch"))
    def reply(self, number: int, reply: ReplyKind, trouble: Trouble) -> None:
        """Whoever got a message says something, in any order."""
        self._expect(trouble)
        notice = self.world.notices[-1 - number % len(self.world.notices)]
        if is_for_supervisor(notice):
            person = Supervisor(self.world, notice.tenant, f"pengawas/{self.loop.time()}")
            self.world.start(person.settle(notice.ticket_id))
        else:
            agency = Agency(self.world, notice.tenant, f"{notice.agency}/{notice.delivery_id[:8]}")
            self.world.start(agency.say(notice, reply))
        self._pass(A_MOMENT)

    # The weather -----------------------------------------------------------------------------

    @rule(service=services)
    def crash(self, service: str) -> None:
        """A service dies."""

        async def die() -> None:
            life = self.world.servers[service].life
            if life is not None:
                life.crash("by itself")

        self.loop.run_until_complete(die())

    @rule(service=services)
    def hear_everything_again(self, service: str) -> None:
        """A group goes back to the beginning of every topic."""
        self.world.bus.committed[service].clear()
        listener = self.world.servers[service].listener
        if listener is not None:
            listener.hear_again()

    @rule(service=services, seconds=st.sampled_from((-300.0, -1.0, 0.0, 1.0, 300.0)))
    def skew(self, service: str, seconds: float) -> None:
        """A clock jumps."""
        self.world.faults.skews[service] = seconds

    @rule(seconds=st.sampled_from((1.0, 10.0, 61.0, 600.0)))
    def advance(self, seconds: float) -> None:
        """Time passes."""
        self._pass(seconds)

    # What must hold --------------------------------------------------------------------------

    @invariant()
    def everything_holds(self) -> None:
        """After every step nothing is wrong."""
        assert not self.world.wrong, self.world.wrong

    def teardown(self) -> None:
        """When all is over everything has its end."""
        try:
            if not self.world.wrong:
                self.world.faults.cease()
                self.loop.run_until_complete(self.world.unless_wrong(self._end()))
            assert not self.world.wrong, self.world.wrong
        finally:
            self.stack.close()

    async def _end(self) -> None:
        await come_to_rest(self.world, longest_seconds=LONGEST_REST_SECONDS)
        await look_back(self.world)

    def _expect(self, trouble: Trouble) -> None:
        if trouble is not None:
            service, steps, fate = trouble
            self.world.faults.planned[service] = [FINE] * steps + [fate]

    def _desk(self, tenant: str, what: str, *about: object) -> None:
        self.world.start(self._taker(tenant).do(what, *about, reason="said so"))
        self._pass(A_MOMENT)

    def _taker(self, tenant: str) -> Taker:
        return BlindTaker(self.world, tenant, f"taker{len(self.world.story)}")

    def _pass(self, seconds: float) -> None:
        self.loop.run_until_complete(self.world.unless_wrong(self.world.sleep(seconds)))
