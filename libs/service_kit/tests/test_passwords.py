import pytest
from argon2 import PasswordHasher

from service_kit.passwords import Passwords, PasswordTooLong

CHEAP = Passwords(memory_kibibytes=8, passes=1)


def test_the_right_password_is_known_again_and_a_wrong_one_is_not() -> None:
    kept = CHEAP.hash("kefamenanu pagi hari")
    assert CHEAP.verify("kefamenanu pagi hari", kept)
    assert not CHEAP.verify("kefamenanu pagi harI", kept)


def test_hashes_are_argon2id_and_salted() -> None:
    first, second = CHEAP.hash("rahasia"), CHEAP.hash("rahasia")
    assert first.startswith("$argon2id$")
    assert first != second


def test_an_unknown_account_costs_the_same_work_and_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    passwords = Passwords(memory_kibibytes=8, passes=1)
    worked_on: list[str] = []
    really = PasswordHasher.verify

    def counting(self: PasswordHasher, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - the library's word
        worked_on.append(str(hash).split("$")[3])
        return really(self, hash, password)

    monkeypatch.setattr(PasswordHasher, "verify", counting)
    assert not passwords.verify("rahasia", None)
    assert not passwords.verify("salah", passwords.hash("rahasia"))
    assert worked_on == ["m=8,t=1,p=1"] * 2


def test_a_damaged_hash_is_a_no() -> None:
    assert not CHEAP.verify("rahasia", "not a hash")
    assert not CHEAP.verify("rahasia", "")
    assert CHEAP.needs_rehash("not a hash")


def test_a_hash_of_another_cost_still_verifies_and_asks_to_be_made_again() -> None:
    kept = CHEAP.hash("rahasia")
    dearer = Passwords(memory_kibibytes=16, passes=1)
    assert dearer.verify("rahasia", kept)
    assert dearer.needs_rehash(kept)
    assert not CHEAP.needs_rehash(kept)


def test_one_password_typed_on_two_keyboards_is_one_password() -> None:
    assert CHEAP.verify("cafe\u0301", CHEAP.hash("caf\u00e9"))


def test_an_endless_password_is_refused_and_never_verifies() -> None:
    with pytest.raises(PasswordTooLong):
        CHEAP.hash("x" * 1025)
    assert not CHEAP.verify("x" * 1_000_000, CHEAP.hash("x" * 1024))
    assert CHEAP.verify("x" * 1024, CHEAP.hash("x" * 1024))


def test_the_default_cost_is_the_recommended_one() -> None:
    assert "m=19456,t=2,p=1" in Passwords().hash("rahasia")
