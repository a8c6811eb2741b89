"""What each decision about accounts and tenants leaves behind, whole, and the sentences that refuse."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from directory.domain.account import (
    LONGEST_PASSWORD_BYTES,
    SHORTEST_PASSWORD,
    Account,
    AccountRefused,
    Description,
    change,
    change_password,
    create,
    described,
    refuse_weak_password,
    rehash_password,
)
from directory.domain.tenant import Application, Tenant, apply
from directory.domain.tries import FORGOTTEN_AFTER, Tries
from service_kit.decisions import Changed, NotPossible
from service_kit.identity import Kind, Principal, Role
from shared_schemas.tenant_changes import changes_between

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
DESCRIPTION = Description(
    "Posko Damkar", Kind.AGENCY, frozenset({"53.03"}), frozenset({Role.AGENCY}), "damkar"
)
ACCOUNT = Account(
    id="damkar.posko",
    name="Posko Damkar",
    kind=Kind.AGENCY,
    tenants=("53.03",),
    roles=(Role.AGENCY,),
    agency="damkar",
    password_hash="hash",
    disabled=False,
    created_at=NOON,
    changed_at=NOON,
)


def test_an_account_is_made_as_described() -> None:
    made = described("damkar.posko", DESCRIPTION, password_hash="hash", at=NOON)
    assert made == ACCOUNT
    assert create(None, made) == Changed(ACCOUNT, "account.created", None)
    assert create(ACCOUNT, made) == NotPossible("id_taken")


def test_an_account_proves_all_that_it_is() -> None:
    tenants, roles = frozenset({"53.03"}), frozenset({Role.AGENCY})
    proven = Principal("damkar.posko", "Posko Damkar", Kind.AGENCY, tenants, roles, "damkar")
    assert ACCOUNT.principal() == proven


def test_a_new_description_keeps_the_password_and_the_day_it_was_made() -> None:
    said = change(ACCOUNT, replace(DESCRIPTION, name="Pos Damkar"), by="admin", at=LATER)
    assert said == Changed(replace(ACCOUNT, name="Pos Damkar", changed_at=LATER), "account.changed", None)
    off = change(ACCOUNT, replace(DESCRIPTION, disabled=True), by="admin", at=LATER)
    disabled = replace(ACCOUNT, disabled=True, changed_at=LATER)
    assert off == Changed(disabled, "account.disabled", None)
    on = change(disabled, DESCRIPTION, by="admin", at=LATER)
    assert on == Changed(replace(ACCOUNT, changed_at=LATER), "account.enabled", None)


def test_who_needs_another_administrator_is_told_so() -> None:
    own = change(ACCOUNT, replace(DESCRIPTION, disabled=True), by="damkar.posko", at=LATER)
    assert own == NotPossible("own_account", ("ask another administrator",))


def test_a_new_password_is_a_change_and_a_new_hash_of_the_same_is_none() -> None:
    said = change_password(ACCOUNT, "other", at=LATER)
    changed = replace(ACCOUNT, password_hash="other", changed_at=LATER)
    assert said == Changed(changed, "account.password_changed", None)
    again = rehash_password(ACCOUNT, "hash", "stronger")
    rehashed = replace(ACCOUNT, password_hash="stronger")
    assert again == Changed(rehashed, "account.password_rehashed", None)
    late = NotPossible("password_changed")
    assert rehash_password(ACCOUNT, "older", "stronger") == rehash_password(None, "hash", "x") == late


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("abcdefghijk", "a password has at least 12 characters; a sentence is good"),
        ("abcd" * 300, "a password has at most 1024 bytes; choose a shorter one"),
        ("the meja-3 is mine", "this password is guessed at once; choose one without the account's id"),
        ("abcabcabcabc", "this password is guessed at once; choose one without the account's id"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_do(password: str, said: str) -> None:
    with pytest.raises(AccountRefused) as why:
        refuse_weak_password("meja-3", password)
    assert str(why.value) == said


def test_the_shortest_longest_and_plainest_passwords_that_will_do() -> None:
    assert (SHORTEST_PASSWORD, LONGEST_PASSWORD_BYTES) == (12, 1024)
    for password in ("abcdabcdabcd", "abcdefghijkl", "abcd" * 256):
        refuse_weak_password("meja-3", password)


@pytest.mark.parametrize(
    ("account", "wrong", "said"),
    [
        (
            "Meja",
            {},
            "an account's id is 2 to 64 of a-z 0-9 . _ - and begins with a letter or digit",
        ),
        ("meja-3", {"name": ""}, "an account's name is one line of 1 to 120 characters"),
        ("meja-3", {"name": "x" * 121}, "an account's name is one line of 1 to 120 characters"),
        (
            "meja-3",
            {"tenants": frozenset[str]()},
            "an account's tenants are codes such as 53.03, at least one, or *",
        ),
        ("meja-3", {"roles": frozenset[Role]()}, "an account needs at least one role"),
        (
            "meja-3",
            {"agency": "Damkar!"},
            "an account's agency is its id in the tenant's file, such as damkar",
        ),
    ],
)
def test_a_wrong_description_is_refused_with_what_is_right(
    account: str, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(AccountRefused) as why:
        described(account, replace(DESCRIPTION, **wrong), password_hash="hash", at=NOON)
    assert str(why.value) == said


def test_a_name_may_be_a_hundred_and_twenty_characters_long() -> None:
    longest = replace(DESCRIPTION, name="x" * 120)
    assert described("meja-3", longest, password_hash="hash", at=NOON).name == "x" * 120


def test_a_configuration_in_force_says_whose_it_is_who_applied_it_and_when() -> None:
    wanted = Application("53.03", {"name": "TTU"}, "admin", LATER)
    first = Tenant(
        code="53.03",
        version=1,
        slots=(0, 3),
        configuration={"name": "TTU"},
        changes=tuple(changes_between({}, {"name": "TTU"})),
        applied_at=LATER,
        applied_by="admin",
    )
    assert apply(None, wanted, slots_if_new=[0, 3]) == Changed(first, "tenant.applied", "tenant.configured")


def test_failures_are_forgotten_only_after_their_time() -> None:
    tries = Tries(5, NOON)
    assert tries.one_more(NOON + FORGOTTEN_AFTER) == Tries(6, NOON + FORGOTTEN_AFTER)
    later = NOON + FORGOTTEN_AFTER + timedelta(seconds=1)
    assert tries.one_more(later) == Tries(1, later)
