"""Nobody hands out more than they have; what is not theirs looks unknown."""

from typing import TYPE_CHECKING

import pytest

from directory.application.accounts import NotYours, PasswordWrong
from directory.application.first_start import FIRST_ACCOUNT, EnsureFirstAccount
from directory.domain.account import AccountRefused, Description
from service_kit.decisions import NotPossible, Saved, Unknown
from service_kit.identity import Kind, Role

if TYPE_CHECKING:
    from services.directory.tests.conftest import World

GOOD = "angin-timur-di-atambua"


def desk(*tenants: str, role: Role = Role.CALL_TAKER, disabled: bool = False) -> Description:
    return Description("Meja", Kind.PERSON, frozenset(tenants), frozenset({role}), disabled=disabled)


async def test_an_administrator_makes_an_account_and_it_is_recorded(world: "World") -> None:
    by = world.admin().principal()
    made = await world.create_account("meja-1", desk("53.03"), GOOD, by=by, command=world.command())
    assert isinstance(made, Saved)
    assert made.state.password_hash == f"hash of {GOOD}"
    assert world.trail.actions == ["account.created"]
    assert GOOD not in repr(world.trail.deeds)


async def test_a_regency_administrator_makes_accounts_at_home_only(world: "World") -> None:
    by = world.account("kominfo-ttu", Role.TENANT_ADMIN).principal()
    made = await world.create_account("meja-1", desk("53.03"), GOOD, by=by, command=world.command())
    assert isinstance(made, Saved)
    for description in (desk("53.71"), desk("53.03", "53.71"), desk("*", role=Role.PLATFORM_ADMIN)):
        with pytest.raises(NotYours):
            await world.create_account("meja-2", description, GOOD, by=by, command=world.command())
    assert "meja-2" not in world.accounts.kept


async def test_a_call_taker_makes_no_accounts(world: "World") -> None:
    by = world.account("meja-9", Role.CALL_TAKER).principal()
    with pytest.raises(NotYours):
        await world.create_account("meja-1", desk("53.03"), GOOD, by=by, command=world.command())


async def test_an_id_is_not_given_twice_and_a_repeat_is_dull(world: "World") -> None:
    by, command = world.admin().principal(), world.command()
    await world.create_account("meja-1", desk("53.03"), GOOD, by=by, command=command)
    again = await world.create_account("meja-1", desk("53.03"), GOOD, by=by, command=command)
    other = await world.create_account("meja-1", desk("53.71"), GOOD, by=by, command=world.command())
    assert isinstance(again, Saved)
    assert again.repeated
    assert other == NotPossible("id_taken")
    assert world.trail.actions == ["account.created"]


async def test_a_foreign_account_looks_unknown(world: "World") -> None:
    by = world.account("kominfo-ttu", Role.TENANT_ADMIN).principal()
    world.account("meja-kpg", Role.CALL_TAKER, tenants=["53.71"])
    for name in ("meja-kpg", "tidak-ada"):
        changed = await world.change_account(name, desk("53.03"), by=by, command=world.command())
        reset = await world.change_account.set_password(name, GOOD, by=by, command=world.command())
        assert changed == reset == Unknown()
    assert world.trail.deeds == []


async def test_nobody_lifts_an_account_above_themselves(world: "World") -> None:
    by = world.account("kominfo-ttu", Role.TENANT_ADMIN).principal()
    world.account("meja-1", Role.CALL_TAKER)
    with pytest.raises(NotYours):
        await world.change_account(
            "meja-1", desk("*", role=Role.PLATFORM_ADMIN), by=by, command=world.command()
        )


async def test_disabling_is_recorded_by_its_name(world: "World") -> None:
    by = world.admin().principal()
    world.account("meja-1", Role.CALL_TAKER)
    changed = await world.change_account(
        "meja-1", desk("53.03", disabled=True), by=by, command=world.command()
    )
    assert isinstance(changed, Saved)
    assert changed.state.disabled
    assert world.trail.actions == ["account.disabled"]


async def test_an_administrator_cannot_disable_the_own_account(world: "World") -> None:
    by = world.admin().principal()
    description = desk("*", role=Role.PLATFORM_ADMIN, disabled=True)
    result = await world.change_account("admin", description, by=by, command=world.command())
    assert isinstance(result, NotPossible)
    assert world.trail.deeds == []


async def test_a_person_changes_the_own_password_knowing_the_present_one(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    with pytest.raises(PasswordWrong):
        await world.change_account.change_own_password("salah", GOOD, command=world.command("meja-1"))
    changed = await world.change_account.change_own_password(
        "hujan-turun-di-kefa", GOOD, command=world.command("meja-1")
    )
    assert isinstance(changed, Saved)
    assert changed.state.password_hash == f"hash of {GOOD}"


async def test_a_weak_password_is_refused_before_anything_happens(world: "World") -> None:
    by = world.admin().principal()
    with pytest.raises(AccountRefused):
        await world.create_account("meja-1", desk("53.03"), "pendek", by=by, command=world.command())
    assert world.trail.deeds == []


async def test_the_first_start_makes_one_administrator_and_the_second_none(world: "World") -> None:
    ensure = EnsureFirstAccount(world.accounts, world.passwords, world.trail)
    assert await ensure("acak", world.command("directory"))
    assert not await ensure("acak", world.command("directory"))
    account = world.accounts.kept[FIRST_ACCOUNT].state
    assert account.principal().roles == {Role.PLATFORM_ADMIN}
    assert account.password_hash == "hash of acak"
