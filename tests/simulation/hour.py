"""One hour with its calls, then a calm in which everything must come to its end."""

import asyncio
import random
from dataclasses import dataclass, replace
from datetime import datetime

from tests.simulation.exchange import Exchange, Ring
from tests.simulation.faults import KINDS
from tests.simulation.narrow import narrowed
from tests.simulation.overhearing import overheard
from tests.simulation.process import UTC_NOON
from tests.simulation.regencies import MARKS
from tests.simulation.rest import come_to_rest, look_back
from tests.simulation.story import Story, clock
from tests.simulation.takers import Taker
from tests.simulation.trouble import make_trouble
from tests.simulation.virtual_clock import VirtualLoop, run_virtually
from tests.simulation.world import Settings, World, weather_of

HOUR = 3600.0
SUMS_EVERY_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How one world is run.

    Attributes:
        weather: its name; empty: the seed's.
        age: how many versions every document has behind it when it is made.
        narrow: every bounded queue holds next to nothing, so that it is full all the time; exchanges mumble, too.
    """

    calls: int = 60
    seconds: float = HOUR
    begin: datetime = UTC_NOON
    weather: str = ""
    age: int = 0
    narrow: bool = False


HOURLY = Plan()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one seed.

    Attributes:
        wrong: the first thing that did not hold; empty where all did.
        step: after how many looks, `at` which time of the simulated day.
        events: how many records the bus then held; `deaths`: how many lives had ended.
        full: which bounded queues were full; looked at only where they were narrow.
    """

    seed: str
    weather: str
    wrong: str
    step: int
    at: str
    events: int
    deaths: int
    full: frozenset[str] = frozenset()

    def __str__(self) -> str:
        """Say it in one line."""
        what = self.wrong or "everything holds"
        return f"seed {self.seed} ({self.weather}), step {self.step}, {self.at}: {what}"


def simulate(seed: str, plan: Plan = HOURLY) -> tuple[Outcome, Story]:
    """Run one world to its end, or to the first thing that is wrong."""
    weather = plan.weather or weather_of(seed)

    async def live(loop: VirtualLoop) -> tuple[Outcome, Story]:
        settings = Settings(plan.begin, plan.age, plan.narrow)
        world = World(loop, seed, weather=KINDS[weather], settings=settings)
        with overheard(loop, world), narrowed(narrow=plan.narrow) as full:
            await world.unless_wrong(_whole(world, plan))
            return replace(_outcome(world, weather, loop), full=frozenset(full)), world.story

    return run_virtually(live)


async def _whole(world: World, plan: Plan) -> None:
    world.open()
    skew = world.faults.weather.skew_seconds
    world.faults.skews.update({name: world.faults.chance.uniform(-skew, skew) for name in world.servers})
    _ring(world, plan)
    trouble = asyncio.create_task(make_trouble(world, plan.seconds))
    sums = asyncio.create_task(_look_at_sums(world))
    await world.until(plan.seconds)
    trouble.cancel()
    world.faults.cease()
    world.story.note("weather", "clears up")
    await come_to_rest(world)
    sums.cancel()
    await look_back(world)


def _ring(world: World, plan: Plan) -> None:
    chance = random.Random(f"{world.seed}/calls")
    exchanges = {tenant: Exchange(world, tenant) for tenant in MARKS}
    for number in range(plan.calls):
        call = _planned(chance, chance.choice(sorted(MARKS)), number, plan.seconds * 0.9)
        exchanges[call.tenant].ring(call)
        if plan.narrow:
            exchanges[call.tenant].mumble(call.at)
        if call.answered_after is not None:
            world.start(Taker(world, call.tenant, f"taker/{call.name}").work(call))


def _planned(chance: random.Random, tenant: str, number: int, within: float) -> Ring:
    at = chance.uniform(5, within)
    waits = chance.uniform(3, 40)
    answered = None if chance.random() < 0.15 else waits
    talked = None if chance.random() < 0.05 else waits + chance.uniform(10, 180)
    return Ring(tenant, f"{number:04d}", at, answered, waits if answered is None else talked)


async def _look_at_sums(world: World) -> None:
    while True:
        await world.sleep(SUMS_EVERY_SECONDS)
        await world.figures()


def _outcome(world: World, weather: str, loop: VirtualLoop) -> Outcome:
    return Outcome(
        seed=world.seed,
        weather=weather,
        wrong=world.wrong,
        step=world.invariants.steps,
        at=clock(loop.time()),
        events=sum(map(len, world.bus.logs.values())),
        deaths=sum(server.deaths for server in world.servers.values()),
    )
