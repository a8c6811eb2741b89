"""Tries run beside everything else, a bounded number at once, and narrow lanes hold no wide ones."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from agency_notifier.domain.delivery import Claim, Delivery, make
from agency_notifier.domain.response import Request
from agency_notifier.gateways.pool import Bounds, Pool
from shared_schemas.vocabulary import ContactChannel

if TYPE_CHECKING:
    from conftest import World

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
WEBHOOK = ContactChannel.WEBHOOK


@dataclass
class Door:
    """Holds every try until it is opened."""

    opened: asyncio.Event = field(default_factory=asyncio.Event)
    inside: list[str] = field(default_factory=list)
    most: int = 0
    fails: bool = False

    async def send(self, _: str, delivery_id: str) -> Delivery | None:
        self.inside.append(delivery_id)
        self.most = max(self.most, len(self.inside))
        try:
            await self.opened.wait()
            if self.fails:
                raise ValueError("broken")
        finally:
            self.inside.remove(delivery_id)
        return None


def a_delivery(number: int, *, agency: str = "damkar", tenant: str = "53.03") -> Delivery:
    request = Request(f"id-{number}", f"task-{number}", 1, agency, "posko", NOON, NOON, stands=True)
    claim = Claim("me", NOON, NOON + timedelta(seconds=10))
    made = make(
        request, tenant=tenant, ticket_id="t", channels=(WEBHOOK,), claim=claim, configuration_version=1
    )
    return replace(made, channel=WEBHOOK)


async def settle() -> None:
    """Let everything run that can."""
    for _ in range(20):
        await asyncio.sleep(0)


MakePool = Callable[..., Pool]


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def make_pool(world: "World", door: Door) -> MakePool:
    def make_one(*, channel: int = 16, tenant: int = 16, endpoint: int = 16) -> Pool:
        bounds = Bounds(dict.fromkeys(ContactChannel, channel), tenant, endpoint)
        return Pool(door.send, world.book, bounds)

    return make_one


@pytest.mark.parametrize("bounds", [{"channel": 3}, {"tenant": 3}, {"endpoint": 3}])
async def test_no_more_run_at_once_than_each_bound_says(
    make_pool: MakePool, door: Door, bounds: dict[str, int]
) -> None:
    pool = make_pool(**bounds)
    for number in range(10):
        pool.take(a_delivery(number))
    await settle()
    assert (len(door.inside), pool.in_hand()) == (3, 10)
    door.opened.set()
    await pool.idle()
    assert (door.most, pool.in_hand()) == (3, 0)


async def test_a_slow_endpoint_does_not_hold_the_channel(make_pool: MakePool, door: Door) -> None:
    pool = make_pool(channel=3, endpoint=2)
    for number in range(10):
        pool.take(a_delivery(number))
    pool.take(a_delivery(99, agency="bpbd"))
    await settle()
    assert door.inside == ["id-0", "id-1", "id-99"]
    door.opened.set()
    await pool.idle()


async def test_taking_the_same_try_twice_is_dull(make_pool: MakePool, door: Door) -> None:
    pool = make_pool()
    pool.take(a_delivery(1))
    pool.take(a_delivery(1))
    await settle()
    assert door.inside == ["id-1"]
    assert pool.holds("id-1")
    door.opened.set()
    await pool.idle()
    assert not pool.holds("id-1")


async def test_a_try_that_breaks_frees_its_place(make_pool: MakePool, door: Door) -> None:
    pool = make_pool(endpoint=1)
    door.fails = True
    door.opened.set()
    for number in range(5):
        pool.take(a_delivery(number))
    await pool.idle()
    assert pool.in_hand() == 0


async def test_closing_ends_what_hangs(
    make_pool: MakePool, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agency_notifier.gateways.pool.FINISH_WITHIN_SECONDS", 0.05)
    pool = make_pool()
    pool.take(a_delivery(1))
    await settle()
    await pool.close()
    assert (door.inside, pool.in_hand()) == ([], 0)
