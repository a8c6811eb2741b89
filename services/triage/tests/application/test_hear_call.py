"""What intake says reaches the desk once, and in the order of its sequence."""

import pytest

from service_kit.decisions import Heard
from services.triage.tests.fakes import NOON, TTU, Desk, command, facts
from shared_schemas.vocabulary import CallStage, Classification
from triage.application.hear_call import TenantUnheardOf


def heard(sequence: int) -> Heard:
    return Heard("intake", "call/call-1", sequence, NOON)


async def hear(desk: Desk, stage: CallStage, sequence: int, *, tenant: str = TTU) -> None:
    await desk.hear_call(tenant, "call-1", facts(stage), recorded_at=NOON, heard=heard(sequence))


async def test_a_call_that_intake_tells_of_lies_on_the_desk_and_nobody_is_told(desk: Desk) -> None:
    await hear(desk, CallStage.RINGING, 1)
    on_desk = desk.calls.only()
    assert (on_desk.tenant, on_desk.call_id) == (TTU, "call-1")
    assert on_desk.facts.stage is CallStage.RINGING
    assert desk.calls.said == []


@pytest.mark.parametrize("late", [1, 2, 3])
async def test_a_late_or_repeated_telling_changes_nothing(desk: Desk, late: int) -> None:
    await hear(desk, CallStage.ENDED, 3)
    before = desk.calls.only()
    await hear(desk, CallStage.RINGING, late)
    assert desk.calls.only() == before


async def test_new_facts_keep_the_class(desk: Desk) -> None:
    await hear(desk, CallStage.ANSWERED, 1)
    await desk.classify(TTU, "call-1", Classification.PRANK, command())
    await hear(desk, CallStage.ENDED, 2)
    assert desk.calls.only().classification is Classification.PRANK
    assert desk.calls.only().facts.stage is CallStage.ENDED


async def test_the_tenants_clock_and_configuration_are_noted(desk: Desk) -> None:
    await hear(desk, CallStage.ENDED, 1)
    assert desk.calls.only().configuration_version == 3
    assert desk.calls.only().classification_due_at is not None


async def test_a_call_of_an_unheard_of_tenant_is_not_taken(desk: Desk) -> None:
    with pytest.raises(TenantUnheardOf, match=r"^99\.99$"):
        await hear(desk, CallStage.RINGING, 1, tenant="99.99")
    assert desk.calls.documents == {}
