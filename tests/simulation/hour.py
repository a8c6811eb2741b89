"""One hour with its calls, then a calm in which everything must come to its end."""

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime

from tests.simulation import ends
from tests.simulation.closing_shift import close_everything
from tests.simulation.exchange import Exchange, Ring
from tests.simulation.faults import KINDS
from tests.simulation.overhearing import overheard
from tests.simulation.process import UTC_NOON
from tests.simulation.regencies import MARKS
from tests.simulation.story import Story, clock
from tests.simulation.takers import Taker
from tests.simulation.virtual_clock import VirtualLoop, run_virtually
from tests.simulation.world import World, weather_of

HOUR = 3600.0
LONGEST_CALM = 3 * HOUR
SUMS_EVERY_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How one world is run."""

    calls: int = 60
    seconds: float = HOUR
    begin: datetime = UTC_NOON
    weather: str = ""


HOURLY = Plan()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one seed.

    Attributes:
        wrong: the first thing that did not hold; empty where all did.
        step: after how many looks, `at` which time of the simulated day.
        events: how many records the bus then held; `deaths`: how many lives had ended.
    """

    seed: str
    weather: str
    wrong: str
    step: int
    at: str
    events: int
    deaths: int

    def __str__(self) -> str:
        """Say it in one line."""
        what = self.wrong or "everything holds"
        return f"seed {self.seed} ({self.weather}), step {self.step}, {self.at}: {what}"


def simulate(seed: str, plan: Plan = HOURLY) -> tuple[Outcome, Story]:
    """Run one world to its end, or to the first thing that is wrong."""
    weather = plan.weather or weather_of(seed)

    async def live(loop: VirtualLoop) -> tuple[Outcome, Story]:
        world = World(loop, seed, weather=KINDS[weather], begin=plan.begin)
        with overheard(loop, world):
            await world.unless_wrong(_whole(world, plan))
            return _outcome(world, weather, loop), world.story

    return run_virtually(live)


async def _whole(world: World, plan: Plan) -> None:
    world.open()
    skew = world.faults.weather.skew_seconds
    world.faults.skews.update({name: world.faults.chance.uniform(-skew, skew) for name in world.servers})
    _ring(world, plan)
    trouble = asyncio.create_task(_trouble(world, plan.seconds))
    sums = asyncio.create_task(_look_at_sums(world))
    await world.until(plan.seconds)
    trouble.cancel()
    world.faults.cease()
    world.story.note("weather", "clears up")
    await _calm(world)
    sums.cancel()
    await _last_look(world)


def _ring(world: World, plan: Plan) -> None:
    chance = random.Random(f"{world.seed}/calls")
    exchanges = {tenant: Exchange(world, tenant) for tenant in MARKS}
    for number in range(plan.calls):
        call = _planned(chance, chance.choice(sorted(MARKS)), number, plan.seconds * 0.9)
        exchanges[call.tenant].ring(call)
        if call.answered_after is not None:
            world.start(Taker(world, call.tenant, f"taker/{call.name}").work(call))


def _planned(chance: random.Random, tenant: str, number: int, within: float) -> Ring:
    at = chance.uniform(5, within)
    waits = chance.uniform(3, 40)
    answered = None if chance.random() < 0.15 else waits
    talked = None if chance.random() < 0.05 else waits + chance.uniform(10, 180)
    return Ring(tenant, f"{number:04d}", at, answered, waits if answered is None else talked)


async def _trouble(world: World, seconds: float) -> None:
    """Crash, cut off and turn back whole services at times that the seed draws."""
    weather, chance = world.faults.weather, random.Random(f"{world.seed}/trouble")
    acts = [
        *(("outage",) * _often(chance, weather.outages)),
        *(("replay",) * _often(chance, weather.replays)),
        *(("jump",) * _often(chance, weather.jumps)),
        *(("kill",) * _often(chance, weather.crash * 3000)),
    ]
    times = sorted((chance.uniform(0, seconds), act) for act in acts)
    for at, act in times:
        await world.until(at)
        await _do(world, act, chance.choice(sorted(world.servers)), chance)


def _often(chance: random.Random, mean: float) -> int:
    return round(chance.uniform(0, 2 * mean))


async def _do(world: World, act: str, name: str, chance: random.Random) -> None:
    server = world.servers[name]
    if act == "kill" and server.life is not None:
        server.life.crash("in the middle of everything")
    elif act == "jump":
        skew = world.faults.weather.skew_seconds
        world.faults.skews[name] = chance.uniform(-skew, skew)
        world.story.note(name, "its clock jumps to {:+.1f} s", world.faults.skews[name])
    elif act == "replay":
        for place, committed in world.bus.committed[name].items():
            world.bus.committed[name][place] = chance.randint(0, committed)
        world.story.note(name, "hears again from earlier places")
        if server.listener is not None:
            server.listener.hear_again()
    elif act == "outage":
        world.faults.away.add(name)
        world.story.note(name, "is cut off")
        await world.sleep(chance.uniform(5, 90))
        world.faults.away.discard(name)


async def _look_at_sums(world: World) -> None:
    while True:
        await world.sleep(SUMS_EVERY_SECONDS)
        await world.figures()


async def _calm(world: World) -> None:
    """Wait until everything is at its end; people finish what waits for people."""
    begun = asyncio.get_running_loop().time()
    while world.busy or world.unrest():
        if asyncio.get_running_loop().time() > begun + LONGEST_CALM:
            world.blame("never ended: " + "; ".join(world.unrest()[:5]))
            return
        await world.sleep(20)
        await close_everything(world)


async def _last_look(world: World) -> None:
    world.homes.look()
    wrong = [
        *ends.calls_differ(world.disks, set(world.calls)),
        *ends.deliveries_doubled(world.endpoints.received, world.invariants.deliveries),
        *ends.figures_differ(world.bus.records(), await world.figures()),
    ]
    for sentence in wrong:
        world.blame(sentence)


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
