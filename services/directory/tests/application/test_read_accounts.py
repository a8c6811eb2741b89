"""Who sees which accounts: their own, and those that are theirs to manage."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from directory.application.present import PresentRights
from service_kit.decisions import Saved, Unknown
from service_kit.identity import Role
from service_kit.identity.grants import Principal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.domain.account import Account
    from services.directory.tests.conftest import World


@pytest.fixture
def regency(world: "World") -> Principal:
    """Two regencies, an administrator of the platform, and the administrator of the first regency."""
    world.admin()
    world.account("meja-1", Role.CALL_TAKER)
    world.account("meja-2", Role.CALL_TAKER)
    world.account("meja-kpg", Role.CALL_TAKER, tenants=["53.71"])
    world.account("wilayah", Role.CALL_TAKER, tenants=["53.03", "53.71"])
    return world.account("kominfo-ttu", Role.TENANT_ADMIN).principal()


def names(found: "Sequence[Saved[Account]]") -> list[str]:
    return [one.state.id for one in found]


async def test_one_account_is_shown_to_itself_and_to_who_may_manage_it(
    world: "World", regency: Principal
) -> None:
    assert await world.read_accounts.one("meja-1", by=regency) == world.accounts.kept["meja-1"]
    assert await world.read_accounts.one("meja-kpg", by=regency) == Unknown()
    assert await world.read_accounts.one("tidak-ada", by=regency) == Unknown()
    taker = world.accounts.kept["meja-1"].state.principal()
    assert await world.read_accounts.one("meja-1", by=taker) == world.accounts.kept["meja-1"]
    assert await world.read_accounts.one("meja-2", by=taker) == Unknown()


async def test_a_list_has_only_what_is_the_askers_to_manage(world: "World", regency: Principal) -> None:
    found = await world.read_accounts.of("53.03", by=regency, after=None, limit=9)
    assert names(found) == ["kominfo-ttu", "meja-1", "meja-2"]
    assert names(await world.read_accounts.of("53.71", by=regency, after=None, limit=9)) == []
    assert names(await world.read_accounts.of(None, by=regency, after=None, limit=9)) == []


@pytest.mark.usefixtures("regency")
async def test_the_platforms_administrator_sees_all_or_one_tenants(world: "World") -> None:
    admin = world.accounts.kept["admin"].state.principal()
    everybody = ["admin", "kominfo-ttu", "meja-1", "meja-2", "meja-kpg", "wilayah"]
    assert names(await world.read_accounts.of(None, by=admin, after=None, limit=9)) == everybody
    assert names(await world.read_accounts.of("53.71", by=admin, after=None, limit=9)) == [
        "meja-kpg",
        "wilayah",
    ]
    assert names(await world.read_accounts.of(None, by=admin, after="meja-1", limit=2)) == [
        "meja-2",
        "meja-kpg",
    ]


@pytest.mark.usefixtures("regency")
async def test_who_manages_no_accounts_lists_none(world: "World") -> None:
    taker = world.accounts.kept["meja-1"].state.principal()
    assert names(await world.read_accounts.of("53.03", by=taker, after=None, limit=9)) == []


async def test_a_token_proves_what_its_account_is_today(world: "World") -> None:
    present = PresentRights(world.accounts)
    told = world.account("meja-1", Role.CALL_TAKER).principal()
    assert await present(told) == told
    promoted = world.account("meja-1", Role.SUPERVISOR).principal()
    assert await present(told) == promoted
    world.accounts.kept["meja-1"] = Saved(replace(world.accounts.kept["meja-1"].state, disabled=True), 2)
    assert await present(told) is None
    named_by_the_operator = replace(told, subject="operator")
    assert await present(named_by_the_operator) == named_by_the_operator
