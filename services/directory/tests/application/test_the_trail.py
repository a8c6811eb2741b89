"""What the audit trail says of a deed: who did what, to whom, where and when; each tenant reads its own."""

from typing import TYPE_CHECKING

import pytest

from directory.application.audit import ReadAudit
from directory.application.first_start import EnsureFirstAccount
from directory.application.ports import Deed
from directory.domain.account import Description
from service_kit.identity import Kind, Role

if TYPE_CHECKING:
    from services.directory.tests.conftest import Configured, World

GOOD = "angin-timur-di-atambua"
HERE = "10.0.0.1"


@pytest.mark.parametrize(
    ("tenants", "told_to"),
    [(["53.03"], "53.03"), (["53.03", "53.71"], "*")],
)
async def test_an_account_of_one_tenant_is_told_to_its_auditors_and_one_of_several_to_the_platforms(
    world: "World", tenants: list[str], told_to: str
) -> None:
    by = world.admin().principal()
    roles = frozenset({Role.CALL_TAKER, Role.SUPERVISOR})
    description = Description("Meja", Kind.PERSON, frozenset(tenants), roles)
    await world.create_account("meja-1", description, GOOD, by=by, command=world.command("admin"))
    details: dict[str, str | bool | list[str]] = {
        "kind": "person",
        "tenants": tenants,
        "roles": ["call_taker", "supervisor"],
        "disabled": False,
    }
    assert world.trail.deeds == [Deed("account.created", "admin", told_to, "account/meja-1", details)]
    assert world.trail.times == [world.now]


@pytest.mark.parametrize(
    ("tenants", "told_to"),
    [(["53.03"], "53.03"), (["53.03", "53.71"], "*")],
)
async def test_a_log_in_is_told_where_the_account_is_at_home(
    world: "World", tenants: list[str], told_to: str
) -> None:
    world.account("meja-1", Role.CALL_TAKER, tenants=tenants)
    await world.issue("meja-1", GOOD, HERE)
    assert world.trail.deeds == [Deed("token.refused", "meja-1", told_to, "account/meja-1", {})]
    assert world.trail.times == [world.now]


async def test_the_first_administrator_is_told_as_the_first(world: "World") -> None:
    ensure = EnsureFirstAccount(world.accounts, world.passwords, world.trail)
    await ensure("acak", world.command("directory"))
    assert world.trail.deeds == [Deed("account.created", "directory", "*", "account/admin", {"first": True})]
    assert world.trail.times == [world.now]
    made = world.accounts.kept["admin"].state
    assert (made.name, made.kind, made.created_at) == ("Administrator", Kind.PERSON, world.now)


async def test_a_configuration_is_told_by_its_version_and_what_it_changes(
    world: "World", configured: "Configured"
) -> None:
    await world.apply("53.03", configured(), world.command("admin"))
    world.passes(seconds=1)
    await world.apply("53.03", configured(name="TTU"), world.command("kominfo-ttu"))
    changed: dict[str, int | list[str]] = {"version": 2, "changes": 1, "paths": ["name"]}
    assert world.trail.deeds[1:] == [Deed("tenant.applied", "kominfo-ttu", "53.03", "tenant/53.03", changed)]
    assert world.trail.times[1:] == [world.now]
    applied = world.tenants.kept["53.03"].state
    assert (applied.applied_by, applied.applied_at) == ("kominfo-ttu", world.now)


async def test_who_reads_the_trail_reads_one_tenants_a_page_at_a_time_and_goes_on(world: "World") -> None:
    read = ReadAudit(world.trail)
    for number in range(4):
        tenant = "53.71" if number == 1 else "53.03"
        await world.trail.record(Deed(f"deed-{number}", "admin", tenant, "account/x", {}), world.now)
    first = await read.entries(tenant="53.03", after=None, limit=2)
    rest = await read.entries(tenant="53.03", after=first[-1].place, limit=2)
    assert [one.action for one in (*first, *rest)] == ["deed-0", "deed-2", "deed-3"]
    assert len(await read.entries(tenant=None, after=None, limit=9)) == 4


async def test_a_change_is_told_and_kept_with_its_time(world: "World") -> None:
    by = world.admin().principal()
    world.account("meja-1", Role.CALL_TAKER)
    world.passes(minutes=1)
    description = Description("Meja satu", Kind.PERSON, frozenset({"53.03"}), frozenset({Role.CALL_TAKER}))
    await world.change_account("meja-1", description, by=by, command=world.command("admin"))
    assert world.accounts.kept["meja-1"].state.changed_at == world.now
    world.passes(minutes=1)
    await world.change_account.set_password("meja-1", GOOD, by=by, command=world.command("admin"))
    assert world.accounts.kept["meja-1"].state.changed_at == world.now
    assert [one.by for one in world.trail.deeds] == ["admin", "admin"]
    assert world.trail.times[-1] == world.now
