"""What happens to whole services by the hour: killed, cut off, turned back, and put to another time."""

import random

from tests.simulation.faults import OUTAGES
from tests.simulation.world import World

STOPPED_MEANWHILE = 0.7
"""The share of outages in the middle of which somebody stops the service, in the hope that it helps."""


async def make_trouble(world: World, seconds: float) -> None:
    """Crash, cut off and turn back whole services at times that the seed draws."""
    weather, chance = world.faults.weather, random.Random(f"{world.seed}/trouble")
    acts = [
        *(("outage",) * _often(chance, weather.outages)),
        *(("replay",) * _often(chance, weather.replays)),
        *(("jump",) * _often(chance, weather.jumps)),
        *(("kill",) * _often(chance, weather.crash * 3000)),
        *(("stop",) * _often(chance, weather.stops)),
        *(("pause",) * _often(chance, weather.pauses)),
    ]
    times = sorted((chance.uniform(0, seconds), act) for act in acts)
    for at, act in times:
        await world.until(at)
        world.hang_on(_do(world, act, chance.choice(sorted(world.servers)), chance))


def _often(chance: random.Random, mean: float) -> int:
    return round(chance.uniform(0, 2 * mean))


async def _do(world: World, act: str, name: str, chance: random.Random) -> None:
    server = world.servers[name]
    if act == "kill" and server.life is not None:
        server.life.crash("in the middle of everything")
    elif act == "stop":
        await server.stop()
    elif act == "pause":
        await server.pause(chance.uniform(5, 60))
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
        what = chance.choice(sorted(OUTAGES))
        world.faults.away[name] = OUTAGES[what]
        world.story.note(name, "is cut off from {}", what)
        await world.sleep(chance.uniform(5, 90))
        if chance.random() < STOPPED_MEANWHILE:
            await server.stop()
        world.faults.away.pop(name, None)
