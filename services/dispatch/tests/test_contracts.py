"""The ear and the mouth: what each event means here, and which words dispatch never hears."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dispatch import contracts
from dispatch.domain.facts import Closing, NotDelivered, Reply, Ticket
from dispatch.gateways import TenantPlans
from service_kit.event import Event
from service_kit.tenancy import Tenants
from services.dispatch.tests.world import NOON, TENANT, TICKET
from shared_schemas.envelope import Envelope
from shared_schemas.events import (
    AgencyReplied,
    DeliveryState,
    Escalation,
    EventData,
    TenantConfigured,
    TicketClosed,
    TicketState,
)
from shared_schemas.tenant_files import read_tenant_file
from shared_schemas.tenants import TenantConfiguration
from shared_schemas.topics import TOPICS
from shared_schemas.vocabulary import Priority

TENANTS = Path(__file__).parents[3] / "tenants"
DEMO = {"SIAGA_DEMO_WEBHOOKS": "http://127.0.0.1:9", "SIAGA_DEMO_MAIL_DOMAIN": "demo.invalid"}


def event(data: EventData, *, source: str = "triage") -> Event[EventData]:
    envelope = Envelope(source, f"x/{TICKET}", "x", 1, TENANT, 1, NOON)
    return Event(envelope, data)


def ticket_state(**changes: Any) -> TicketState:
    state: dict[str, Any] = {
        "tenant": TENANT,
        "recorded_at": NOON,
        "ticket_id": TICKET,
        "number": "TTU-20261123-0001",
        "status": "escalated",
        "round": 1,
        "incident_type": "structure_fire",
        "common_type": "structure_fire",
        "priority": "P2",
        "lane": "emergency",
        "calls": ("a", "b"),
        "escalations": (Escalation(escalation_id="e1", round=1, agencies=("damkar",), at=NOON, by="siti"),),
        "opened_at": NOON,
        "opened_by": "siti",
    }
    return TicketState.model_validate({**state, **changes})


def closed(**changes: Any) -> TicketClosed:
    state = {
        "tenant": TENANT,
        "recorded_at": NOON,
        "ticket_id": TICKET,
        "round": 2,
        "disposition": "cancelled",
        "closed_at": NOON,
        "closed_by": "siti",
    }
    return TicketClosed.model_validate({**state, **changes})


def replied(**changes: Any) -> AgencyReplied:
    state = {
        "tenant": TENANT,
        "recorded_at": NOON,
        "reply_id": "r1",
        "ticket_id": TICKET,
        "task_id": "t1",
        "agency": "damkar",
        "reply": "declined",
        "reason": "jalan putus",
        "by": "damkar",
        "channel": "api",
        "occurred_at": NOON,
    }
    return AgencyReplied.model_validate({**state, **changes})


def delivery(**changes: Any) -> DeliveryState:
    state = {
        "tenant": TENANT,
        "recorded_at": NOON,
        "delivery_id": "d1",
        "ticket_id": TICKET,
        "task_id": "t1",
        "step": 2,
        "agency": "damkar",
        "contact": "posko",
        "status": "failed",
        "channel": "webhook",
    }
    return DeliveryState.model_validate({**state, **changes})


def test_a_ticket_is_heard_with_all_its_escalations() -> None:
    fact = contracts.fact_of(event(ticket_state()))
    assert isinstance(fact, Ticket)
    assert (fact.closed, fact.round, fact.brief.priority, fact.brief.calls) == (False, 1, Priority.P2, 2)
    assert [(one.escalation_id, one.agencies) for one in fact.escalations] == [("e1", ("damkar",))]


def test_a_priority_of_a_newer_program_is_answered_as_the_most_urgent() -> None:
    fact = contracts.fact_of(event(ticket_state(priority="P0")))
    assert isinstance(fact, Ticket)
    assert fact.brief.priority is Priority.P1


def test_a_closed_ticket_and_its_closing_both_mean_closed() -> None:
    fact = contracts.fact_of(event(ticket_state(status="closed")))
    assert isinstance(fact, Ticket)
    assert fact.closed
    assert contracts.fact_of(event(closed())) == Closing(TENANT, TICKET, 2)


def test_dispatchs_own_closing_is_not_heard() -> None:
    assert contracts.fact_of(event(closed(), source="dispatch")) is None


def test_a_reply_is_heard_with_both_its_times() -> None:
    fact = contracts.fact_of(event(replied(occurred_at=NOON - timedelta(minutes=3))))
    assert isinstance(fact, Reply)
    assert (fact.reason, fact.recorded_at - fact.occurred_at) == ("jalan putus", timedelta(minutes=3))


def test_a_reply_that_only_a_newer_program_understands_means_nothing_yet() -> None:
    assert contracts.fact_of(event(replied(reply="handed_over"))) is None


def test_only_a_delivery_that_finally_failed_is_news() -> None:
    assert contracts.fact_of(event(delivery())) == NotDelivered(TENANT, TICKET, "t1", 2)
    for status in ("waiting", "delivered", "withdrawn", "lost_at_sea"):
        assert contracts.fact_of(event(delivery(status=status))) is None


def test_what_is_declared_is_what_the_topics_say() -> None:
    assert {name for name, topic in TOPICS.items() if "dispatch" in topic.producers} == contracts.SAYS
    heard = {name for name, topic in TOPICS.items() if "dispatch" in topic.consumers}
    assert heard - {"tenant.configured"} == contracts.HEARS


@pytest.fixture
def configured() -> TenantConfigured:
    configuration = read_tenant_file(TENANTS / "53.03.yaml", DEMO)
    assert isinstance(configuration, TenantConfiguration)
    return TenantConfigured(
        tenant=TENANT,
        version=3,
        slots=(0,),
        configuration=configuration,
        applied_at=NOON,
        applied_by="test",
    )


async def test_a_regencys_own_file_makes_its_plan(configured: TenantConfigured) -> None:
    tenants = Tenants()
    await tenants.take(configured)
    plan = TenantPlans(tenants).of(TENANT)
    assert plan.ladder("damkar").contacts == ("posko", "piket")
    assert plan.ladder("damkar").substitutes == ("bpbd", "satpol_pp")
    assert plan.clocks.acceptance[Priority.P1] == timedelta(seconds=60)
    assert (plan.supervisors, plan.version) == (("pengawas", "kepala"), 3)


async def test_a_newer_file_is_in_force_at_once(configured: TenantConfigured) -> None:
    tenants = Tenants()
    await tenants.take(configured)
    plans = TenantPlans(tenants)
    plans.of(TENANT)
    await tenants.take(configured.model_copy(update={"version": 4}))
    assert plans.of(TENANT).version == 4
