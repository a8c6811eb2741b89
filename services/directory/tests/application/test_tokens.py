"""Tokens for those who know their password; failing is slow, and tells nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import jwt
import pytest

from directory.application.tokens import MOST_OF_ONE_SOURCE, Issued, NotKnown, TooSoon
from directory.domain.account import Account
from service_kit.decisions import Saved
from service_kit.identity import Role
from service_kit.transient import Away

if TYPE_CHECKING:
    from services.directory.tests.conftest import World

PASSWORD = "hujan-turun-di-kefa"
HERE, ELSEWHERE = "10.0.0.1", "10.0.0.2"


async def test_the_right_password_gives_a_token_for_ten_minutes(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    issued = await world.issue("meja-1", PASSWORD, HERE)
    assert isinstance(issued, Issued)
    assert issued.lifetime == timedelta(minutes=10)
    claims = jwt.decode(issued.token, options={"verify_signature": False})
    assert (claims["sub"], claims["tenants"], claims["roles"]) == ("meja-1", ["53.03"], ["call_taker"])
    assert claims["exp"] - claims["iat"] == 600
    assert world.trail.actions == ["token.issued"]


async def test_wrong_password_unknown_account_and_disabled_account_look_the_same(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    gone = world.account("meja-2", Role.CALL_TAKER)
    object.__setattr__(gone, "disabled", True)
    answers = [
        await world.issue(*who, HERE) for who in (("meja-1", "x"), ("nobody", "x"), ("meja-2", PASSWORD))
    ]
    assert answers == [NotKnown()] * 3
    assert [kept is None for kept in world.passwords.judged] == [False, True, False]
    assert world.trail.actions == ["token.refused"] * 2


@pytest.mark.parametrize("name", ["meja-1", "nobody"])
async def test_failed_tries_slow_the_next_ones_for_real_and_unreal_accounts_alike(
    world: "World", name: str
) -> None:
    world.account("meja-1", Role.CALL_TAKER)
    answers = [await world.issue(name, "salah", HERE) for _ in range(4)]
    assert answers == [NotKnown(), NotKnown(), NotKnown(), TooSoon(timedelta(seconds=1))]
    assert len(world.passwords.judged) == 3


async def test_the_right_password_works_again_after_the_wait_and_forgets_the_failures(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    for _ in range(50):
        await world.issue("meja-1", "salah", HERE)
        world.passes(seconds=31)
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)
    assert isinstance(await world.issue("meja-1", "salah", HERE), NotKnown)
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)


async def test_a_token_that_cannot_be_recorded_is_not_given(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    world.trail.broken = Away("the store is away")
    with pytest.raises(Away):
        await world.issue("meja-1", PASSWORD, HERE)


def with_a_cheap_hash(world: "World", name: str) -> Saved[Account]:
    """Put an account there whose hash was made before the cost was raised."""
    account = replace(world.account(name, Role.CALL_TAKER), password_hash=f"cheap hash of {PASSWORD}")
    world.accounts.kept[name] = Saved(account, 1)
    return world.accounts.kept[name]


async def test_a_hash_of_another_cost_is_made_again_at_the_next_good_log_in(world: "World") -> None:
    before = with_a_cheap_hash(world, "meja-1")
    assert isinstance(await world.issue("meja-1", "salah", HERE), NotKnown)
    assert world.accounts.kept["meja-1"] == before
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)
    renewed = replace(before.state, password_hash=f"hash of {PASSWORD}")
    assert world.accounts.kept["meja-1"] == Saved(renewed, 2)
    world.passes(seconds=1)
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)
    assert world.accounts.kept["meja-1"].version == 2


async def test_a_password_changed_during_the_log_in_is_not_undone_by_the_new_hash(world: "World") -> None:
    before = with_a_cheap_hash(world, "meja-1")
    changed = Saved(replace(before.state, password_hash="hash of another one"), 2)
    world.accounts.before_change = lambda: world.accounts.kept.update({"meja-1": changed})
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)
    assert world.accounts.kept["meja-1"] == changed


async def test_one_flooded_account_slows_nobody_else(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    for _ in range(9):
        await world.issue("nobody", "salah", HERE)
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)
    assert isinstance(world.accounts.kept["meja-1"], Saved)


async def test_a_flood_of_wrong_passwords_slows_itself_and_not_the_owner(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    for _ in range(600):
        await world.issue("meja-1", "salah", ELSEWHERE)
        world.passes(seconds=0.1)
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)
    assert len(world.passwords.judged) < 12


async def test_a_flood_from_everywhere_is_held_together_and_leaves_the_owners_desk_alone(
    world: "World",
) -> None:
    world.account("meja-1", Role.CALL_TAKER)
    await world.issue("meja-1", PASSWORD, HERE)
    for number in range(600):
        await world.issue("meja-1", "salah", f"10.1.{number // 250}.{number % 250}")
        world.passes(seconds=0.1)
    assert len(world.passwords.judged) <= 1 + 30 + 60
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)


async def test_an_owner_who_shares_the_floods_address_has_a_turn_again_each_second(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    await world.issue("meja-1", PASSWORD, HERE)
    for _ in range(50):
        await world.issue("meja-1", "salah", HERE)
    world.passes(seconds=1)
    assert isinstance(await world.issue("meja-1", PASSWORD, HERE), Issued)


async def test_one_address_that_makes_up_accounts_leaves_others_a_place_in_line(world: "World") -> None:
    world.account("meja-1", Role.CALL_TAKER)
    held, issue = asyncio.Event(), world.issue
    world.passwords.before_verify = held.wait
    flood = [asyncio.create_task(issue(f"nobody-{one}", "salah", ELSEWHERE)) for one in range(100)]
    owner = asyncio.create_task(issue("meja-1", PASSWORD, HERE))
    await asyncio.sleep(0)
    held.set()
    answers = await asyncio.gather(*flood)
    assert answers.count(TooSoon(timedelta(seconds=1))) == 100 - MOST_OF_ONE_SOURCE
    assert isinstance(await owner, Issued)
    assert isinstance(await issue("nobody-1", "salah", ELSEWHERE), NotKnown)
