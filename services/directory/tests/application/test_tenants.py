"""Applying tenants: recorded before done, remembered before replaced, dull the second time."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from directory.application.tenants import Preview, Refused
from directory.domain.tenant import Unchanged
from service_kit.decisions import Conflict, Saved
from service_kit.transient import Away
from shared_schemas.tenant_findings import Finding, FindingKind

if TYPE_CHECKING:
    from services.directory.tests.conftest import Configured, World


async def test_a_good_configuration_is_in_force_recorded_and_remembered(
    world: "World", configured: "Configured"
) -> None:
    result = await world.apply("53.03", configured(), world.command())
    assert isinstance(result, Saved)
    assert (result.state.version, result.state.slots) == (1, (0, 1))
    assert [(deed.action, deed.tenant, deed.details["version"]) for deed in world.trail.deeds] == [
        ("tenant.applied", "53.03", 1)
    ]
    assert list(world.tenants.remembered) == [("53.03", 1)]


async def test_the_second_tenant_gets_other_slots(world: "World", configured: "Configured") -> None:
    await world.apply("53.03", configured(), world.command())
    await world.apply("53.71", configured("53.71"), world.command())
    assert [one.state.slots for one in await world.tenants.all()] == [(0, 1), (2, 3)]


async def test_the_same_configuration_again_is_no_new_version_and_no_entry(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    assert isinstance(await world.apply("53.03", configured(), world.command()), Unchanged)
    assert len(world.trail.deeds) == 1


async def test_the_same_command_twice_answers_the_same(world: "World", configured: "Configured") -> None:
    command = world.command()
    first = await world.apply("53.03", configured(), command)
    again = await world.apply("53.03", configured(), command)
    assert isinstance(first, Saved)
    assert again == Saved(first.state, first.version, repeated=True)


async def test_a_bad_configuration_is_refused_whole_and_the_good_one_stays(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    bad = configured(time_zone="Asia/Kefa", abbreviation="t", nama="x")
    result = await world.apply("53.03", bad, world.command())
    assert isinstance(result, Refused)
    assert {finding.field for finding in result.findings} == {"time_zone", "abbreviation", "nama"}
    assert world.tenants.kept["53.03"].state.version == 1
    assert len(world.trail.deeds) == 1


@pytest.mark.parametrize("value", [None, [], {}, "text", {"code": "53.03"}])
async def test_what_is_no_configuration_is_refused(world: "World", value: Any) -> None:
    assert isinstance(await world.apply("53.03", value, world.command()), Refused)


async def test_a_configuration_of_another_tenant_is_refused(world: "World", configured: "Configured") -> None:
    result = await world.apply("53.71", configured("53.03"), world.command())
    assert isinstance(result, Refused)
    assert result.findings == (Finding(FindingKind.OTHER_FILE_NAME, "code", values={"code": "53.03"}),)
    assert not world.tenants.kept


async def test_nobody_takes_the_queue_of_another_regency(world: "World", configured: "Configured") -> None:
    await world.apply("53.03", configured(), world.command())
    thief = configured("53.71", trunks=configured("53.03")["trunks"])
    result = await world.apply("53.71", thief, world.command())
    assert isinstance(result, Refused)
    assert [finding.values["tenant"] for finding in result.findings] == ["53.03"]


async def test_whoever_saw_an_older_version_gets_the_newer_one(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    await world.apply("53.03", configured(name="TTU"), world.command(seen=1))
    result = await world.apply("53.03", configured(name="Lain"), world.command(seen=1))
    assert isinstance(result, Conflict)
    assert result.state.configuration["name"] == "TTU"
    assert len(world.trail.deeds) == 2


async def test_who_saw_nothing_wins_the_race_after_looking_again(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    rival = replace(world.tenants.kept["53.03"].state, version=2, configuration=configured(name="Saingan"))

    def overtake() -> None:
        world.tenants.kept["53.03"] = Saved(rival, 2)
        world.tenants.before_change = lambda: None

    world.tenants.before_change = overtake
    result = await world.apply("53.03", configured(name="Akhir"), world.command())
    assert isinstance(result, Saved)
    assert (result.state.version, result.state.configuration["name"]) == (3, "Akhir")
    assert [deed.details["version"] for deed in world.trail.deeds][-1] == 3
    assert ("53.03", 2) in world.tenants.remembered
    assert world.trail.actions[1:] == ["tenant.applied", "tenant.apply_dropped", "tenant.applied"]


async def test_a_repeat_that_comes_after_another_version_is_told_as_dropped(
    world: "World", configured: "Configured"
) -> None:
    command = world.command()
    await world.apply("53.03", configured(), command)
    await world.apply("53.03", configured(name="TTU"), world.command())
    repeated = await world.apply("53.03", configured(), command)
    assert isinstance(repeated, Saved)
    assert repeated.repeated
    assert world.trail.actions[2:] == ["tenant.applied", "tenant.apply_dropped"]


async def test_what_cannot_be_recorded_does_not_happen(world: "World", configured: "Configured") -> None:
    world.trail.broken = Away("the store is away")
    with pytest.raises(Away):
        await world.apply("53.03", configured(), world.command())
    assert not world.tenants.kept


async def test_a_version_lost_from_the_history_is_remembered_before_it_is_replaced(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    world.tenants.remembered.clear()  # the process died between saving and remembering
    await world.apply("53.03", configured(name="TTU"), world.command())
    assert [tenant.version for tenant in await world.read.history("53.03", before=None, limit=9)] == [2, 1]


async def test_the_version_in_force_is_in_the_history_even_before_it_is_remembered(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    world.tenants.remembered.clear()
    for before in (None, 2, 9):
        assert [one.version for one in await world.read.history("53.03", before=before, limit=1)] == [1]
    assert await world.read.history("53.03", before=1, limit=1) == []


async def test_validating_tells_the_changes_and_changes_nothing(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    preview = await world.validate("53.03", configured(name="TTU"))
    assert isinstance(preview, Preview)
    assert [change.path for change in preview.changes] == ["name"]
    assert world.tenants.kept["53.03"].version == 1


async def test_validating_a_tenant_that_is_new_tells_everything_as_a_change(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command())
    preview = await world.validate("53.71", configured("53.71"))
    assert isinstance(preview, Preview)
    assert {"code", "name", "trunks"} <= {change.path.partition("[")[0] for change in preview.changes}


async def test_one_tenant_is_read_by_its_code(world: "World", configured: "Configured") -> None:
    await world.apply("53.03", configured(), world.command())
    await world.apply("53.71", configured("53.71"), world.command())
    found = await world.read.one("53.71")
    assert found is not None
    assert found.state.code == "53.71"
    assert await world.read.one("53.72") is None


async def test_the_history_is_read_a_page_at_a_time(world: "World", configured: "Configured") -> None:
    for name in ("satu", "dua", "tiga", "empat"):
        await world.apply("53.03", configured(name=name), world.command())
    versions = {
        (before, limit): [
            one.version for one in await world.read.history("53.03", before=before, limit=limit)
        ]
        for before, limit in ((None, 3), (4, 2), (2, 9))
    }
    assert versions == {(None, 3): [4, 3, 2], (4, 2): [3, 2], (2, 9): [1]}
