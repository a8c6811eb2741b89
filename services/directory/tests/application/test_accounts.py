"""Administrators hand out their tenants' roles, to others; what is not theirs looks unknown."""

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from directory.application.accounts import NotYours, PasswordWrong
from directory.application.first_start import FIRST_ACCOUNT, EnsureFirstAccount
from directory.application.recorded import NeverSettled
from directory.domain.account import AccountRefused, Description
from service_kit.decisions import Conflict, KeyReused, NotPossible, Saved, Unknown
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
    by = world.account("meja-1", Role.CALL_TAKER).principal()
    with pytest.raises(PasswordWrong):
        await world.change_account.change_own_password("salah", GOOD, by=by, command=world.command("meja-1"))
    command = world.command("meja-1")
    for repeated in (False, True):
        changed = await world.change_account.change_own_password(
            "hujan-turun-di-kefa", GOOD, by=by, command=command
        )
        assert isinstance(changed, Saved)
        assert (changed.state.password_hash, changed.repeated) == (f"hash of {GOOD}", repeated)
    assert world.trail.actions == ["account.password_changed"]


async def test_what_was_never_done_is_not_in_the_trail(world: "World") -> None:
    by = world.admin().principal()
    world.account("meja-1", Role.CALL_TAKER)
    off = desk("53.03", disabled=True)
    stale = world.command(seen=7)
    assert isinstance(await world.change_account("meja-1", off, by=by, command=stale), Conflict)
    assert isinstance(await world.change_account.set_password("meja-1", GOOD, by=by, command=stale), Conflict)
    done, on_again = world.command(), world.command()
    await world.change_account("meja-1", off, by=by, command=done)
    await world.change_account("meja-1", desk("53.03"), by=by, command=on_again)
    repeated = await world.change_account("meja-1", off, by=by, command=done)
    assert isinstance(repeated, Saved)
    assert repeated.repeated
    reused = replace(done, fingerprint="another request")
    assert await world.change_account("meja-1", off, by=by, command=reused) == KeyReused()
    assert world.trail.actions == ["account.disabled", "account.enabled"]


@pytest.mark.parametrize("seen", [None, 1])
async def test_a_change_that_somebody_else_was_faster_than_is_told_as_dropped(
    world: "World", seen: int | None
) -> None:
    by = world.admin().principal()
    account = world.account("meja-1", Role.CALL_TAKER)
    faster = [
        lambda: None,
        lambda: world.accounts.kept.update({"meja-1": Saved(replace(account, name="X"), 2)}),
    ]
    world.accounts.before_change = lambda: faster.pop(0)() if faster else None
    off = desk("53.03", disabled=True)
    result = await world.change_account("meja-1", off, by=by, command=world.command(seen=seen))
    again = ["account.disabled"] if seen is None else []
    assert isinstance(result, Conflict if seen else Saved)
    assert world.trail.actions == ["account.disabled", "account.change_dropped", *again]
    assert world.trail.deeds[1].details == {"change": "account.disabled"}


async def test_an_account_that_is_never_the_same_twice_is_given_up_with_every_try_told(
    world: "World",
) -> None:
    by = world.admin().principal()
    world.account("meja-1", Role.CALL_TAKER)

    def somebody_else() -> None:
        kept = world.accounts.kept["meja-1"]
        name = f"Meja {len(world.trail.deeds)} {kept.version}"
        world.accounts.kept["meja-1"] = Saved(replace(kept.state, name=name), kept.version + 1)

    world.accounts.before_change = somebody_else
    with pytest.raises(NeverSettled, match="meja-1"):
        await world.change_account("meja-1", desk("53.03", disabled=True), by=by, command=world.command())
    assert world.trail.actions == ["account.disabled", "account.change_dropped"] * 5


async def test_nobody_adds_to_their_own_rights_but_hands_them_to_others(world: "World") -> None:
    by = world.account("kominfo-ttu", Role.TENANT_ADMIN).principal()
    supervisor = Description(
        "Kominfo", Kind.PERSON, frozenset({"53.03"}), frozenset({Role.TENANT_ADMIN, Role.SUPERVISOR})
    )
    own = await world.change_account("kominfo-ttu", supervisor, by=by, command=world.command())
    assert own == NotPossible("own_account", ("ask another administrator",))
    assert world.trail.deeds == []
    made = await world.create_account(
        "pengawas", desk("53.03", role=Role.SUPERVISOR), GOOD, by=by, command=world.command()
    )
    assert isinstance(made, Saved)


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
