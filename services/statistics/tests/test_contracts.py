"""The ear: what each event leaves in the rows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service_kit.event import Event
from shared_schemas.envelope import Envelope
from shared_schemas.events import ResponseState, TenantConfigured
from shared_schemas.tenant_files import read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from statistics_service.contracts import project

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)
TENANTS = Path(__file__).parents[3] / "tenants"
DEMO = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}
BRIEF = {"number": "TTU-20261122-0017", "incident_type": "structure_fire", "priority": "P1"}
TASK = {"task_id": "1", "escalation_id": "e", "round": 1, "agency": "damkar", "status": "accepted"}


@pytest.fixture
def tenant() -> TenantConfigured:
    configuration = read_tenant_file(TENANTS / "53.03.yaml", DEMO)
    assert isinstance(configuration, TenantConfiguration)
    return TenantConfigured(
        tenant="53.03",
        version=1,
        slots=(0,),
        configuration=configuration,
        applied_at=NOON,
        applied_by="test",
    )


def row_of(tenant: TenantConfigured, **told: object) -> Mapping[str, Any]:
    state = {"tenant": "53.03", "recorded_at": NOON, "ticket_id": "t", "round": 1, "status": "active"}
    data = ResponseState.model_validate({**state, "brief": BRIEF, "tasks": [{**TASK, **told}]})
    projected = project(Event(Envelope("dispatch", "response/t", "x", 1, "53.03", 1, NOON), data), tenant)
    assert projected is not None
    (row,) = projected.rows
    return row


def test_an_acceptance_is_kept_by_both_clocks(tenant: TenantConfigured) -> None:
    told = NOON.replace(year=1)
    row = row_of(tenant, accepted_at=told, acceptance_recorded_at=NOON)
    assert (row["accepted_at"], row["acceptance_recorded_at"]) == (told, NOON)


def test_an_older_dispatch_tells_no_server_time_and_is_heard_all_the_same(tenant: TenantConfigured) -> None:
    row = row_of(tenant, accepted_at=NOON)
    assert (row["accepted_at"], row["acceptance_recorded_at"]) == (NOON, None)
