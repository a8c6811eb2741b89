"""Every event lies in a partition of its tenant, and those of one subject all in the same (decision 12)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pytest

from service_kit.event import read_event
from service_kit.replay import ends_of, read_log
from tests.integration.intake_process import fresh_tenant
from tests.integration.small_service import (
    TOPIC,
    WITHIN_SECONDS,
    Small,
    StartSmall,
    configured,
    counted,
    eventually,
    tell_tenant,
)

pytestmark = pytest.mark.integration

NOTES_EACH = 8
VERSIONS = 3


async def a_tenant(small: Small, slots: tuple[int, ...]) -> str:
    """Configure a regency that no other test has, with these slots."""
    tenant = fresh_tenant()
    await tell_tenant(small.service, configured(tenant).model_copy(update={"slots": slots}))
    assert await small.service.tenants.wait_for(tenant, seconds=WITHIN_SECONDS)
    return tenant


async def write_notes(small: Small, tenant: str, name: str) -> None:
    """Change every note of a regency several times; returns when all of it is on the bus."""
    for number in range(NOTES_EACH):
        note = f"{name}-{number}"
        for _ in range(VERSIONS):
            await small.notes.change(tenant, note, counted(note, tenant))

    async def all_is_sent() -> bool:
        return await small.service.relay.waiting() == {"notes": 0}

    await eventually(all_is_sent)


async def places_of(small: Small, tenant: str) -> Mapping[str, Sequence[tuple[int, int]]]:
    """Return sequence and partition of each event of a regency, by subject."""
    bootstrap = small.service.settings.kafka_bootstrap
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    ends = await ends_of(bootstrap, [TOPIC], client="test")
    async for record in read_log(bootstrap, until=ends, client="test"):
        if ("ce_tenantid", tenant.encode()) in record.headers:
            envelope = read_event(record).envelope
            found[envelope.subject].append((envelope.sequence, record.partition))
    return found


async def test_each_event_lies_in_a_slot_of_its_tenant_and_each_subject_in_one_slot(
    start_small: StartSmall,
) -> None:
    small = await start_small()
    first, second = await a_tenant(small, (1, 3, 5)), await a_tenant(small, (2, 4))
    for tenant, name, slots in ((first, "first", {1, 3, 5}), (second, "second", {2, 4})):
        await write_notes(small, tenant, name)
        places = await places_of(small, tenant)
        assert len(places) == NOTES_EACH
        for told in places.values():
            assert {sequence for sequence, _ in told} == set(range(1, VERSIONS + 1))
            assert len({partition for _, partition in told}) == 1
        assert {partition for told in places.values() for _, partition in told} == slots
