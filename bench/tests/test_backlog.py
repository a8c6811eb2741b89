"""What waits in a backlog is what the product would have left there."""

from datetime import UTC, datetime

import pytest

from bench.backlog import Story, of_call
from bench.system import CHECKOUT
from bench.tests.test_tenants import PLACEHOLDERS
from bench.ticket_backlog import of_ticket
from shared_schemas.events import CallState, TicketState
from shared_schemas.tenants import TenantConfiguration
from siaga_cli.run.tenants import read_tenants

NOW = datetime(2026, 11, 24, tzinfo=UTC)
TENANTS = read_tenants(CHECKOUT / "tenants", PLACEHOLDERS)


@pytest.mark.parametrize("of", [of_call, of_ticket])
def test_both_events_are_of_one_subject_and_no_two_stories_are(of: Story) -> None:
    stories = [of(tenant, number, NOW) for tenant in TENANTS for number in range(3)]
    for first, second in stories:
        assert (first.subject, first.key, first.tenant) == (second.subject, second.key, second.tenant)
        assert first.sequence < second.sequence
    assert len({first.key for first, _ in stories}) == 3 * len(TENANTS)


@pytest.mark.parametrize("tenant", TENANTS, ids=lambda one: one.code)
def test_a_ticket_goes_to_two_of_its_tenants_own_agencies(tenant: TenantConfiguration) -> None:
    before, after = (TicketState.model_validate_json(one.body) for one in of_ticket(tenant, 1, NOW))
    assert before.escalations == after.escalations[:1]
    assert len({one.escalation_id for one in after.escalations}) == 2
    asked = [agency for one in after.escalations for agency in one.agencies]
    assert asked == [agency.id for agency in tenant.agencies[:2]]
    assert CallState.model_validate_json(of_call(tenant, 1, NOW)[1].body).stage == "answered"
