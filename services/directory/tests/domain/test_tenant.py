"""Applying a configuration: the next version, the same slots, and nothing when nothing changed."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from directory.domain.tenant import Application, Tenant, Unchanged, apply, slots_for
from service_kit.decisions import Changed

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def applied(before: Tenant | None, configuration: dict[str, object], *slots: int) -> Tenant:
    wanted = Application("53.03", configuration, "admin", NOON + timedelta(hours=1))
    decided = apply(before, wanted, slots_if_new=slots)
    assert isinstance(decided, Changed)
    assert decided.topic == "tenant.configured"
    return decided.state


def test_the_first_apply_is_version_one_and_gives_the_slots() -> None:
    tenant = applied(None, {"name": "TTU"}, 0, 3)
    assert (tenant.version, tenant.slots) == (1, (0, 3))
    assert [change.path for change in tenant.changes] == ["name"]


def test_a_later_apply_is_the_next_version_and_the_slots_stay() -> None:
    tenant = applied(applied(None, {"name": "TTU"}, 0, 3), {"name": "Timor Tengah Utara"}, 4, 5)
    assert (tenant.version, tenant.slots) == (2, (0, 3))
    assert [change.sentence() for change in tenant.changes] == ['name: "TTU" → "Timor Tengah Utara"']


def test_an_unchanged_configuration_is_dull() -> None:
    tenant = applied(None, {"name": "TTU"}, 0, 3)
    again = Application("53.03", {"name": "TTU"}, "somebody else", NOON)
    assert apply(tenant, again, slots_if_new=(1, 2)) == Unchanged(tenant)


def test_new_tenants_get_the_least_used_partitions() -> None:
    taken: list[tuple[int, ...]] = []
    for _ in range(4):
        taken.append(slots_for(6, 2, taken))
    assert taken == [(0, 1), (2, 3), (4, 5), (0, 1)]


@given(
    partitions=st.integers(1, 48),
    wanted=st.integers(1, 8),
    taken=st.lists(st.lists(st.integers(0, 47), max_size=4), max_size=30),
)
def test_slots_are_distinct_partitions_that_exist(
    partitions: int, wanted: int, taken: list[list[int]]
) -> None:
    slots = slots_for(partitions, wanted, taken)
    assert len(set(slots)) == len(slots) == min(partitions, wanted)
    assert set(slots) <= set(range(partitions))
