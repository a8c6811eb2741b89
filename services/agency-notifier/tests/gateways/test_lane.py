"""In a lane the most urgent go first, and a place is neither lost nor given twice."""

import asyncio

from agency_notifier.gateways.lane import Lane


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Walkers:
    """Who goes through a lane, in the order in which they came in."""

    def __init__(self, lane: Lane) -> None:
        self.lane, self.inside, self._gates = lane, list[str](), dict[str, asyncio.Event]()

    def send(self, name: str, rank: int) -> asyncio.Task[None]:
        self._gates[name] = asyncio.Event()

        async def walk() -> None:
            async with self.lane.turn(rank):
                self.inside.append(name)
                await self._gates[name].wait()

        return asyncio.create_task(walk())

    def let_out(self, name: str) -> None:
        self._gates[name].set()


async def test_the_most_urgent_of_those_who_wait_goes_first_and_of_equals_who_came_first() -> None:
    walkers = Walkers(Lane(1))
    walkers.send("first", 3)
    await settled()
    for name, rank in (("late P3", 3), ("P2", 2), ("P1", 0), ("second P1", 0)):
        walkers.send(name, rank)
    await settled()
    for name in ("first", "P1", "second P1", "P2"):
        walkers.let_out(name)
        await settled()
    assert walkers.inside == ["first", "P1", "second P1", "P2", "late P3"]


async def test_no_more_are_let_in_than_there_is_room_for() -> None:
    walkers = Walkers(Lane(2))
    for number in range(5):
        walkers.send(str(number), 0)
    await settled()
    assert walkers.inside == ["0", "1"]


async def test_who_gives_up_waiting_takes_no_place_with_it() -> None:
    lane = Lane(1)
    walkers = Walkers(lane)
    async with lane.turn(0):
        gives_up = walkers.send("gives up", 0)
        walkers.send("last", 0)
        await settled()
        gives_up.cancel()
        await settled()
    await settled()
    assert walkers.inside == ["last"]


async def test_who_gives_up_in_the_moment_of_its_turn_hands_the_place_on() -> None:
    lane = Lane(1)
    walkers = Walkers(lane)
    async with lane.turn(0):
        gives_up = walkers.send("gives up", 0)
        walkers.send("last", 0)
        await settled()
    gives_up.cancel()  # it was given the place, and has not run since
    await settled()
    assert walkers.inside == ["last"]
