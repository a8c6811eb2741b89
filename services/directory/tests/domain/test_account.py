"""What an account may be called and be, and how it changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from directory.domain.account import (
    Account,
    AccountRefused,
    Description,
    change,
    change_password,
    create,
    described,
    refuse_weak_password,
)
from service_kit.decisions import Changed, NotPossible
from service_kit.identity import Kind, PrincipalRefused, Role

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CALL_TAKER = Description("Meja 3", Kind.PERSON, frozenset({"53.03"}), frozenset({Role.CALL_TAKER}))


def account(name: str = "meja-3", description: Description = CALL_TAKER) -> Account:
    return described(name, description, password_hash="x", at=NOON)


def test_an_account_proves_who_it_describes() -> None:
    principal = account().principal()
    assert principal.subject == "meja-3"
    assert principal.tenants == frozenset({"53.03"})
    assert principal.roles == frozenset({Role.CALL_TAKER})


@pytest.mark.parametrize("name", ["", "a", "Meja", "meja 3", "-meja", "a" * 65, "meja/3", "meja\n", "ميجا"])
def test_an_id_is_plain_and_short(name: str) -> None:
    with pytest.raises(AccountRefused, match="id"):
        account(name)


@pytest.mark.parametrize(
    "description",
    [
        replace(CALL_TAKER, name=" "),
        replace(CALL_TAKER, name="a\nb"),
        replace(CALL_TAKER, tenants=frozenset()),
        replace(CALL_TAKER, tenants=frozenset({"5303"})),
        replace(CALL_TAKER, roles=frozenset()),
        replace(CALL_TAKER, kind=Kind.AGENCY, roles=frozenset({Role.AGENCY}), agency="Damkar!"),
    ],
)
def test_a_description_that_says_too_little_or_nonsense_is_refused(description: Description) -> None:
    with pytest.raises(AccountRefused):
        account(description=description)


@pytest.mark.parametrize(
    "description",
    [
        replace(CALL_TAKER, tenants=frozenset({"*"})),
        replace(CALL_TAKER, agency="damkar"),
        replace(CALL_TAKER, roles=frozenset({Role.CALL_TAKER, Role.AGENCY})),
        replace(CALL_TAKER, kind=Kind.AGENCY, roles=frozenset({Role.AGENCY})),
        replace(CALL_TAKER, kind=Kind.BRIDGE),
    ],
)
def test_nobody_is_what_does_not_fit_together(description: Description) -> None:
    with pytest.raises(PrincipalRefused):
        account(description=description)


def test_an_id_is_given_once() -> None:
    assert isinstance(create(None, account()), Changed)
    assert create(account(), account()) == NotPossible("id_taken")


def test_a_change_keeps_the_password_and_the_day_of_making() -> None:
    changed = change(account(), replace(CALL_TAKER, name="Meja 4"), by="admin", at=NOON + timedelta(days=1))
    assert isinstance(changed, Changed)
    assert (changed.what, changed.state.name) == ("account.changed", "Meja 4")
    assert (changed.state.password_hash, changed.state.created_at) == ("x", NOON)


def test_disabling_and_enabling_are_told_by_their_names() -> None:
    off = change(account(), replace(CALL_TAKER, disabled=True), by="admin", at=NOON)
    assert isinstance(off, Changed)
    assert off.what == "account.disabled"
    on = change(off.state, CALL_TAKER, by="admin", at=NOON)
    assert isinstance(on, Changed)
    assert on.what == "account.enabled"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CALL_TAKER, replace(CALL_TAKER, disabled=True)),
        (replace(CALL_TAKER, disabled=True), CALL_TAKER),
        (CALL_TAKER, replace(CALL_TAKER, roles=frozenset({Role.CALL_TAKER, Role.SUPERVISOR}))),
        (CALL_TAKER, replace(CALL_TAKER, roles=frozenset({Role.SUPERVISOR}))),
        (CALL_TAKER, replace(CALL_TAKER, tenants=frozenset({"53.03", "53.71"}))),
    ],
    ids=["disables", "enables", "one role more", "another role", "one tenant more"],
)
def test_nobody_disables_enables_or_lifts_their_own_account(before: Description, after: Description) -> None:
    refused = change(account(description=before), after, by="meja-3", at=NOON)
    assert isinstance(refused, NotPossible)
    assert refused.why == "own_account"
    assert isinstance(change(account(description=before), after, by="admin", at=NOON), Changed)


def test_one_may_rename_ones_own_account_and_give_up_rights() -> None:
    both = replace(CALL_TAKER, roles=frozenset({Role.CALL_TAKER, Role.SUPERVISOR}))
    less = change(account(description=both), replace(CALL_TAKER, name="Meja 4"), by="meja-3", at=NOON)
    assert isinstance(less, Changed)


def test_a_new_password_changes_nothing_else() -> None:
    after = change_password(account(), "y", at=NOON).state
    assert after == replace(account(), password_hash="y")


@pytest.mark.parametrize(
    "password", ["pendek", "a" * 13, "meja-3meja-3meja-3", "ß" * 600, "MEJA-3 hujan turun"]
)
def test_a_password_that_is_quickly_guessed_or_endless_is_refused(password: str) -> None:
    with pytest.raises(AccountRefused):
        refuse_weak_password("meja-3", password)


def test_a_sentence_is_a_good_password() -> None:
    refuse_weak_password("meja-3", "hujan turun di kefa")
