"""The calm after the faults: everything comes to its end, and then is looked at as a whole."""

import asyncio

from tests.simulation import ends
from tests.simulation.closing_shift import close_everything
from tests.simulation.world import World

LONGEST_SECONDS = 3 * 3600.0
LOOK_EVERY_SECONDS = 30.0


async def come_to_rest(world: World, *, longest_seconds: float = LONGEST_SECONDS) -> None:
    """Wait until everything is at its end; people finish what waits for people."""
    begun = asyncio.get_running_loop().time()
    while world.busy or world.unrest():
        if asyncio.get_running_loop().time() > begun + longest_seconds:
            world.blame("never ended: " + "; ".join(world.unrest()[:5]))
            return
        await world.sleep(LOOK_EVERY_SECONDS)
        await close_everything(world)


async def look_back(world: World) -> None:
    """Compare all sides when all is over."""
    world.homes.look()
    wrong = [
        *ends.calls_differ(world.disks, set(world.calls)),
        *ends.deliveries_doubled(world.endpoints.received, world.invariants.deliveries),
        *ends.figures_differ(world.bus.records(), await world.figures()),
    ]
    for sentence in wrong:
        world.blame(sentence)
