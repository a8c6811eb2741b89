"""Store or broker away, at start or later: events are acknowledged, listed, and settle when it is back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from intake import contracts
from service_kit.event import Event
from service_kit.settings import ServiceSettings
from tests.integration.cut import Wire, wire_to_broker, wire_to_store
from tests.integration.intake_process import QUEUE, Intake, regency
from tests.integration.small_service import Heard, StartSmall, eventually, tell_tenant

pytestmark = pytest.mark.integration

CALLS = 12


class Place:
    """Intake behind two wires, and what the bus heard of it."""

    def __init__(self, intake: Intake, store: Wire, broker: Wire, heard: Heard) -> None:
        self.intake, self.store, self.broker, self.heard = intake, store, broker, heard

    async def first_calls(self, name: str) -> None:
        """Let calls wait in the queue; every one is acknowledged."""
        answers = await asyncio.gather(
            *(
                self.intake.tell("queued", f"{name}-{one}", queue=QUEUE, number="081200004242")
                for one in range(CALLS)
            )
        )
        assert {answer.status_code for answer in answers} == {202}

    async def last_words(self, name: str) -> None:
        """Let half of the calls be given up; every one is acknowledged."""
        for one in range(0, CALLS, 2):
            assert (await self.intake.tell("abandoned", f"{name}-{one}", queue=QUEUE)).status_code == 202

    async def settles(self, *names: str) -> None:
        """Wait until every call is in the store, whole and once, and nothing waits in the spool."""
        expected = {f"{name}-{one}" for name in names for one in range(CALLS)}

        async def is_settled() -> bool:
            found = await self.intake.calls()
            return (
                set(found) == expected
                and all(call["version"] > 0 for call in found.values())
                and (await self.intake.report())["spool"] == {}
            )

        await eventually(is_settled)
        for call_id, call in (await self.intake.calls()).items():
            given_up = int(call_id.rpartition("-")[2]) % 2 == 0
            assert call["outcome"] == ("abandoned_in_queue" if given_up else None)
            assert call["caller"] == {"sealed": True}

    async def is_told(self, *names: str) -> None:
        """Wait until the bus has told the last state of every call; no event came with two meanings."""
        expected = {f"{name}-{one}" for name in names for one in range(CALLS)}

        def newest(events: list[Event[Any]]) -> dict[str, Any]:
            own = [one for one in events if one.envelope.tenant == self.intake.tenant]
            in_order = sorted(own, key=lambda one: one.envelope.sequence)
            return {one.data.exchange_call_id: one.data for one in in_order}

        def is_whole(events: list[Event[Any]]) -> bool:
            told = newest(events)
            return set(told) == expected and all(
                (data.outcome is not None) == (int(name.rpartition("-")[2]) % 2 == 0)
                for name, data in told.items()
            )

        events = await self.heard.until(is_whole)
        said = {(one.envelope.id, one.data.model_dump_json()) for one in events}
        assert len(said) == len({name for name, _ in said})


@pytest.fixture
async def place(settings: ServiceSettings, start_small: StartSmall) -> AsyncIterator[Place]:
    """Intake, started once so that it knows its regency, then stopped."""
    heard = Heard()
    small = await start_small(heard.take, topics=contracts.SAYS)
    store, mongo_url = await wire_to_store(settings.mongo_url)
    broker, bootstrap = await wire_to_broker(settings.kafka_bootstrap)
    environment = {"MONGO_URL": mongo_url, "KAFKA_BOOTSTRAP": bootstrap}
    intake = Intake(settings, environment=environment)
    await tell_tenant(small.service, regency(intake.tenant))
    await intake.start()

    async def knows_its_regency() -> bool:
        return intake.tenant in (await intake.report())["tenants"]

    await eventually(knows_its_regency)
    yield Place(intake, store, broker, heard)
    await intake.end()
    await store.cut()
    await broker.cut()


Away = Callable[[Place], list[Wire]]
AWAY: list[Away] = [
    lambda place: [place.store],
    lambda place: [place.broker],
    lambda place: [place.store, place.broker],
]


@pytest.mark.parametrize("away", AWAY, ids=["store", "broker", "both"])
async def test_what_comes_while_a_server_is_away_is_acknowledged_listed_and_settled_later(
    place: Place, away: Away
) -> None:
    wires = away(place)
    await place.first_calls("before")
    for wire in wires:
        await wire.cut()
    await place.last_words("before")
    await place.first_calls("during")
    await place.last_words("during")
    assert await place.intake.is_ready()

    async def are_listed() -> bool:
        listed = await place.intake.calls("current")
        return set(listed) == {f"{name}-{one}" for name in ("before", "during") for one in range(1, CALLS, 2)}

    await eventually(are_listed)
    for wire in wires:
        await wire.mend()
    await place.settles("before", "during")
    await place.is_told("before", "during")


@pytest.mark.parametrize("away", AWAY, ids=["store", "broker", "both"])
async def test_an_intake_that_starts_while_a_server_is_away_is_ready_and_takes_calls(
    place: Place, away: Away
) -> None:
    wires = away(place)
    await place.intake.stop()
    for wire in wires:
        await wire.cut()
    await place.intake.start()
    await eventually(place.intake.is_ready)
    await place.first_calls("start")
    await place.last_words("start")
    listed = await place.intake.calls("current")
    assert set(listed) == {f"start-{one}" for one in range(1, CALLS, 2)}
    for wire in wires:
        await wire.mend()
    await place.settles("start")
    await place.is_told("start")
