"""The list of open tickets, when 100, 1,000 and 10,000 are open."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from bench.desk import Desk
from bench.effort import Effort
from bench.filling import fill, patterns
from bench.wire import Wire

PAGE = 100


@dataclass(frozen=True, slots=True)
class Listing:
    """Seconds of the list's first page, of the same with personal data opened, and of all pages together."""

    open_tickets: int
    page: tuple[float, ...]
    opened: tuple[float, ...]
    whole: float


async def measure_listing(desk: Desk, effort: Effort) -> AsyncIterator[Listing]:
    """Look at the list again and again while more and more tickets are open.

    The first ones are opened through the API (theirs are the newest: the personal data of the first page
    can be opened), the others are copies of one of them in the store.
    """
    wire, real = desk.wire("triage"), await desk.tickets(PAGE)
    url = desk.system.machine.servers.mongo_url
    story = await patterns(url, real[:1], only="tickets")
    there = await _open_now(desk, wire)
    for wanted in effort.open_tickets:
        await fill(url, story, range(there, wanted))
        there = max(there, wanted)
        yield await _looked(desk, wire, effort.looks, await _open_now(desk, wire))
    wire.close()


async def _looked(desk: Desk, wire: Wire, looks: int, open_tickets: int) -> Listing:
    first = desk.path(f"tickets?status=open&limit={PAGE}")
    page = [(await wire.must("GET", first, desk.token)).seconds for _ in range(looks)]
    opened = [(await wire.must("GET", f"{first}&personal=true", desk.token)).seconds for _ in range(looks)]
    _, whole = await _walk(desk, wire)
    return Listing(open_tickets, tuple(page), tuple(opened), whole)


async def _open_now(desk: Desk, wire: Wire) -> int:
    count, _ = await _walk(desk, wire)
    return count


async def _walk(desk: Desk, wire: Wire) -> tuple[int, float]:
    """Read all pages; returns how many tickets there were and the seconds of all requests."""
    count, seconds, after = 0, 0.0, ""
    while True:
        answer = await wire.must("GET", desk.path(f"tickets?status=open&limit=500{after}"), desk.token)
        said = answer.said
        count, seconds = count + len(said["items"]), seconds + answer.seconds
        if said["next"] is None:
            return count, seconds
        after = f"&after={said['next']}"
