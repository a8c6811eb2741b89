"""Promise 15: agencies that lead back to each other, counters past 2³¹ and 2⁵³, times past 2038, full queues."""

import json
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import ConsumerRecord

from agency_notifier.application.notice import Notice
from shared_schemas.vocabulary import Priority
from tests.simulation.amplification import bound
from tests.simulation.endpoints import ANSWERS
from tests.simulation.exchange import Exchange, Ring
from tests.simulation.faults import CALM, OUTAGES
from tests.simulation.hour import Plan, simulate
from tests.simulation.narrow import DOORS
from tests.simulation.overhearing import overheard
from tests.simulation.process import UTC_NOON
from tests.simulation.regencies import AGENCIES, MARKS, configured
from tests.simulation.rest import come_to_rest, look_back
from tests.simulation.takers import Taker
from tests.simulation.virtual_clock import VirtualLoop, run_virtually
from tests.simulation.world import World
from triage.application.link_call import Opened, Wish

TENANT = "53.03"
MARK = MARKS[TENANT]
EVERYBODY = tuple(f"{agency}{MARK}" for agency in AGENCIES)
HOURS = 3
SOME = Plan(calls=15, seconds=900.0)
CROWD = Plan(calls=60, seconds=300.0)


class Unheard(World):
    """A world in which nobody says a word; each endpoint answers as it is told."""

    def __init__(self, loop: VirtualLoop, answer: str) -> None:
        super().__init__(loop, "unheard", weather=CALM)
        self.endpoints.always = answer

    def asked(self, notice: Notice) -> None:
        """Nobody does anything."""


def in_an_unheard_world(answer: str, live: Callable[[World], Coroutine[Any, Any, None]]) -> None:
    """Run a story in which nobody answers, and look at everything when it is over."""

    async def run(loop: VirtualLoop) -> None:
        world = Unheard(loop, answer)
        with overheard(loop, world):
            world.open()
            await live(world)
            await come_to_rest(world)
            await look_back(world)
        assert not world.wrong, world.wrong

    run_virtually(run)


async def escalate_to_everybody(world: World) -> None:
    """One call becomes one ticket that asks every agency at once."""
    call = Ring(TENANT, "0001", 1.0, 2.0, 60.0)
    Exchange(world, TENANT).ring(call)
    await world.until(10)
    taker = Taker(world, TENANT, "ani")
    opened = await taker.do("open", call.key.call_id, Wish(incident_type=f"kebakaran{MARK}"))
    assert isinstance(opened, Opened)
    await taker.do("escalate", opened.ticket_id, EVERYBODY, reason="all of them")


def topics_of_the_ticket(records: list[ConsumerRecord]) -> Counter[str]:
    """Count the events that speak of the one ticket; one that is told twice counts twice."""
    about = [record for record in records if json.loads(record.value or b"{}").get("ticket_id")]
    return Counter(record.topic for record in about)


@pytest.mark.parametrize("answer", sorted(ANSWERS))
def test_agencies_that_lead_back_to_each_other_cause_no_more_events_than_the_file_allows(answer: str) -> None:
    content = configured(TENANT, version=1, at=UTC_NOON).configuration

    async def live(world: World) -> None:
        await escalate_to_everybody(world)
        for hour in range(1, HOURS + 1):
            await world.until(hour * 3600)
            allowed = bound(content, EVERYBODY, Priority.P1, hour * 3600)
            told = topics_of_the_ticket(world.bus.records())
            assert allowed.offers < told.total() <= allowed.events, f"after {hour} h: {told}, {allowed}"
            assert len(world.invariants.deliveries) <= allowed.deliveries

    in_an_unheard_world(answer, live)


def test_a_log_that_everybody_hears_again_adds_not_one_event() -> None:
    async def live(world: World) -> None:
        await escalate_to_everybody(world)
        await world.until(1800)
        before, steps = len(world.bus.records()), world.invariants.steps
        for name, server in world.servers.items():
            world.bus.committed[name].clear()
            if server.listener is not None:
                server.listener.hear_again()
        await world.sleep(5)
        assert [server.listener.behind() for server in world.servers.values() if server.listener] == [0] * 4
        assert (len(world.bus.records()), world.invariants.steps) == (before, steps)

    in_an_unheard_world("fine", live)


@pytest.mark.parametrize("age", [2**31 - 3, 2**53 - 3])
def test_sequences_go_on_past_the_numbers_that_others_stop_at(age: int) -> None:
    outcome, story = simulate("1", replace(SOME, weather="storm", age=age))
    assert not outcome.wrong, outcome
    assert any(f"v{age + 5}" in line for line in story.lines())


@pytest.mark.parametrize(
    "begin", [datetime(2038, 1, 19, 3, 10, tzinfo=UTC), datetime(2099, 12, 31, 15, 50, tzinfo=UTC)]
)
def test_calls_go_on_past_2038_and_into_another_century(begin: datetime) -> None:
    outcome, _ = simulate("1", replace(SOME, weather="rain", begin=begin))
    assert not outcome.wrong, outcome


def test_calls_go_on_while_every_bounded_queue_is_full() -> None:
    full: set[str] = set()
    for seed in ("1", "2"):
        outcome, _ = simulate(seed, replace(CROWD, weather="rain", narrow=True))
        assert not outcome.wrong, outcome
        full |= outcome.full
    assert full == {door.name for door in DOORS}


def test_a_full_spool_says_no_to_what_it_cannot_keep_and_takes_every_call_in_the_end() -> None:
    waiting: list[int] = []

    async def live(world: World) -> None:
        pages = world.spool.execute("PRAGMA page_count").fetchone()[0]
        world.spool.execute(f"PRAGMA max_page_count={pages + 8}")
        world.faults.away["intake"] = OUTAGES["its store"]
        exchange = Exchange(world, TENANT)
        for number in range(40):
            exchange.ring(Ring(TENANT, f"{number:04d}", 5.0 + number, None, 20.0))
        await world.until(180)
        waiting.append(len(world.busy))
        world.faults.away.clear()

    in_an_unheard_world("fine", live)
    assert 0 < waiting[0] < 40 * 3, "some events were kept, the others are told again and again"
