"""The ear: what each event leaves in the rows."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import CodecOptions, decode, encode

from service_kit.event import Event
from shared_schemas.envelope import Envelope
from shared_schemas.events import ResponseState, TenantConfigured
from shared_schemas.tenant_files import read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from statistics_service.contracts import RESPONSE, ROWS, project
from statistics_service.domain.rows import TaskRow

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


def row_of(tenant: TenantConfigured, **told: object) -> TaskRow:
    """Return the row of a task as it is after having been kept."""
    (row,) = rows_of(tenant, **told)
    kept: Mapping[str, Any] = decode(encode({"row": row}), CodecOptions(tz_aware=True))["row"]
    read: TaskRow = ROWS[RESPONSE].validate_python(kept)
    return read


def rows_of(tenant: TenantConfigured, **told: object) -> tuple[Mapping[str, Any], ...]:
    state = {"tenant": "53.03", "recorded_at": NOON, "ticket_id": "t", "round": 1, "status": "active"}
    data = ResponseState.model_validate({**state, "brief": BRIEF, "tasks": [{**TASK, **told}]})
    projected = project(Event(Envelope("dispatch", "response/t", "x", 1, "53.03", 1, NOON), data), tenant)
    assert projected is not None
    return projected.rows


def test_an_acceptance_is_kept_by_both_clocks(tenant: TenantConfigured) -> None:
    told = NOON.replace(year=1)
    row = row_of(tenant, accepted_at=told, acceptance_recorded_at=NOON)
    assert (row.accepted_at, row.acceptance_recorded_at) == (told, NOON)


def test_a_kept_time_is_the_one_that_was_told_to_the_microsecond(tenant: TenantConfigured) -> None:
    told = NOON.replace(microsecond=123_456)
    assert row_of(tenant, acceptance_recorded_at=told).acceptance_recorded_at == told


def test_an_older_dispatch_tells_no_server_time_and_is_heard_all_the_same(tenant: TenantConfigured) -> None:
    row = row_of(tenant, accepted_at=NOON)
    assert (row.accepted_at, row.acceptance_recorded_at) == (NOON, None)
