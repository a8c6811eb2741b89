"""Twice, late and in any order is dull: the same rows, byte for byte, and hearing everything again writes none."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from bson import encode
from hypothesis import given, settings
from hypothesis import strategies as st

from service_kit.documents import Database
from service_kit.event import Event
from service_kit.tenancy import Tenants
from services.statistics.tests.storage.conftest import MemoryDatabase
from shared_schemas.envelope import Envelope
from shared_schemas.events import CallState, ResponseState, TenantConfigured, TicketState
from shared_schemas.tenant_files import read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from statistics_service.handlers import KeepRows
from statistics_service.storage.generations import FIRST, Generations
from statistics_service.storage.rows import NAMED

TENANT = "53.03"
NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TENANTS = Path(__file__).parents[3] / "tenants"
DEMO = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}
COMMON: dict[str, Any] = {"tenant": TENANT, "recorded_at": NOON}
BRIEF = {"number": "TTU-20261122-0017", "incident_type": "structure_fire", "priority": "P1"}


def _configured() -> TenantConfigured:
    configuration = read_tenant_file(TENANTS / "53.03.yaml", DEMO)
    assert isinstance(configuration, TenantConfiguration)
    return TenantConfigured(
        tenant=TENANT,
        version=1,
        slots=(0,),
        configuration=configuration,
        applied_at=NOON,
        applied_by="test",
    )


def _call(sequence: int, source: str, **told: Any) -> Event[Any]:
    state = {"call_id": "c1", "trunk": "pbx-ttu", "exchange_call_id": "1", "started_at": NOON}
    data = CallState.model_validate({**COMMON, "stage": "ended", **state, **told})
    return _event(source, "call/c1", sequence, data)


def _ticket(sequence: int, **told: Any) -> Event[Any]:
    kind = {"incident_type": "structure_fire", "common_type": "structure_fire", "lane": "emergency"}
    state = {"ticket_id": "t1", "opened_at": NOON, "opened_by": "siti", "priority": "P1", "round": 1}
    data = TicketState.model_validate({**COMMON, **BRIEF, **kind, **state, "status": "open", **told})
    return _event("triage", "ticket/t1", sequence, data)


def _response(sequence: int, *statuses: str) -> Event[Any]:
    tasks = [
        {
            "task_id": str(number),
            "escalation_id": "e1",
            "round": 1,
            "agency": "damkar",
            "status": status,
            "acceptance_recorded_at": NOON + timedelta(seconds=sequence, microseconds=number),
        }
        for number, status in enumerate(statuses)
    ]
    state = {"ticket_id": "t1", "round": 1, "status": "active", "brief": BRIEF, "tasks": tasks}
    return _event("dispatch", "response/t1", sequence, ResponseState.model_validate({**COMMON, **state}))


def _event(source: str, subject: str, sequence: int, data: Any) -> Event[Any]:
    return Event(Envelope(source, subject, "x", 1, TENANT, sequence, NOON), data)


EVENTS: Sequence[Event[Any]] = (
    _call(1, "intake", stage="ringing"),
    _call(2, "intake", outcome="answered", waiting_seconds=2.5),
    _call(5, "intake", outcome="answered", waiting_seconds=2.5, talking_seconds=61.0),
    _call(2, "triage", desk={"classification": "ghost"}),
    _call(4, "triage", desk={"classification": "emergency", "reclassified": 1, "ticket_id": "t1"}),
    _ticket(1),
    _ticket(3, status="escalated"),
    _ticket(6, status="closed", disposition="helped", closed_at=NOON),
    _response(1, "offered"),
    _response(2, "accepted", "offered"),
    _response(7, "done", "declined"),
)
IN_ORDER = list(range(len(EVENTS)))
orders = st.tuples(st.permutations(IN_ORDER), st.lists(st.sampled_from(IN_ORDER), max_size=20)).flatmap(
    lambda both: st.permutations([*both[0], *both[1]])
)


class World:
    """Statistics on a store in memory, generation and all."""

    def __init__(self) -> None:
        self.database = MemoryDatabase()
        self._generations = Generations(cast("Database", self.database))
        self._tenants = Tenants()

    def hear(self, order: Sequence[int]) -> "World":
        """Hear events in an order."""

        async def run() -> None:
            await self._tenants.take(_configured())
            await self._generations.prepare()
            keep = KeepRows(self._generations, self._tenants)
            for number in order:
                await keep(EVENTS[number])

        asyncio.run(run())
        return self

    def rows(self) -> dict[str, bytes]:
        """Return every aggregate's rows as the store's bytes."""
        kept = self.database.get_collection(f"{NAMED}{FIRST}").documents
        return {name: encode(document) for name, document in kept.items()}


@settings(max_examples=100)
@given(orders)
def test_any_order_and_any_repeat_leave_the_same_bytes(order: list[int]) -> None:
    rows = World().hear(IN_ORDER).rows()
    assert len(rows) == 4
    assert World().hear(order).rows() == rows


@settings(max_examples=100)
@given(orders, orders)
def test_hearing_everything_once_more_changes_no_byte(order: list[int], again: list[int]) -> None:
    world = World().hear(order)
    rows = world.rows()
    assert world.hear(again).rows() == rows
