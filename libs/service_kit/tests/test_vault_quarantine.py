import pytest
from hypothesis import given
from hypothesis import strategies as st

from service_kit.vault import OperatorKeyUnusable, Quarantine, SealBroken
from service_kit.vault.boxes import derived_key, fingerprint
from service_kit.vault.quarantine import _seal_key

KEY, OLD = b"k" * 43, b"o" * 43
RAW = b"\x00raw \xff 081200000042"


def test_raw_bytes_come_back_for_their_tenant_alone() -> None:
    quarantine = Quarantine(KEY)
    sealed = quarantine.seal("53.03", RAW)
    assert quarantine.open("53.03", sealed) == RAW
    with pytest.raises(SealBroken):
        quarantine.open("53.04", sealed)


def test_sealed_bytes_show_nothing_and_never_look_the_same() -> None:
    first, second = Quarantine(KEY).seal("53.03", RAW), Quarantine(KEY).seal("53.03", RAW)
    assert b"0812" not in first
    assert first != second


def test_every_changed_byte_is_noticed() -> None:
    sealed = Quarantine(KEY).seal("53.03", RAW)
    for place in range(len(sealed)):
        changed = sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :]
        with pytest.raises(SealBroken):
            Quarantine(KEY).open("53.03", changed)


@given(st.binary(max_size=80))
def test_foreign_bytes_are_refused_and_nothing_else(foreign: bytes) -> None:
    with pytest.raises(SealBroken):
        Quarantine(KEY).open("53.03", foreign)
    with pytest.raises(SealBroken):
        Quarantine(KEY).open("53.03", Quarantine(KEY).seal("53.03", b"")[:10] + foreign)


def test_older_operator_keys_still_open() -> None:
    sealed = Quarantine(OLD).seal("53.03", RAW)
    assert Quarantine(KEY, OLD).open("53.03", sealed) == RAW
    with pytest.raises(SealBroken):
        Quarantine(KEY).open("53.03", sealed)


def test_one_number_has_one_hash_in_one_tenant() -> None:
    quarantine = Quarantine(KEY)
    assert quarantine.keyed_hash("53.03", "081200000042") == Quarantine(KEY).keyed_hash(
        "53.03", "081200000042"
    )
    hashes = {
        quarantine.keyed_hash("53.03", "081200000042"),
        quarantine.keyed_hash("53.03", "081200000043"),
        quarantine.keyed_hash("53.04", "081200000042"),
        Quarantine(OLD).keyed_hash("53.03", "081200000042"),
    }
    assert len(hashes) == 4
    assert all(len(each) == 64 for each in hashes)


def test_each_tenant_and_each_use_has_a_key_of_its_own() -> None:
    keys = {
        _seal_key(KEY, "53.03"),
        _seal_key(KEY, "53.04"),
        derived_key(KEY, "keyed hash", "53.03"),
        fingerprint(KEY),
    }
    assert len(keys) == 4


def test_a_short_operator_key_seals_nothing() -> None:
    with pytest.raises(OperatorKeyUnusable):
        Quarantine(b"short")


def test_what_an_earlier_release_sealed_is_opened_and_hashed_alike() -> None:
    key = b"k" * 32
    sealed = "513169830bd5927f3cc6145753aa875fa0fd3be6905a85c6ad238551a364677a9e65439d3380e903565f78d9cf01e33d1f6e0bcb616a402268fd9b57362cfe05"
    assert Quarantine(key).open("53.03", bytes.fromhex(sealed)) == b"kept in an earlier release"
    hashed = "4c5efbd5c337523b9ca46906faa5e7dedbdd310d7f05db269d6215f5178ac156"
    assert Quarantine(key).keyed_hash("53.03", "081200000042") == hashed
    assert fingerprint(key).hex() == "69830bd5927f3cc6"
    assert (
        derived_key(key, "one", "use").hex()
        == "4786f92da9feb3cf5e346cbf4096809363d6d1be8391b69ccdcaf61e0bda7671"
    )


def test_what_cannot_be_opened_or_sealed_says_why() -> None:
    with pytest.raises(SealBroken) as foreign:
        Quarantine(KEY).open("53.03", b"foreign")
    assert str(foreign.value) == (
        "these bytes were not sealed under any operator key in force; is an old line missing?"
    )
    with pytest.raises(SealBroken) as moved:
        Quarantine(KEY).open("53.04", Quarantine(KEY).seal("53.03", RAW))
    assert str(moved.value) == "sealed data were changed, or belong to another tenant, subject or field"
    with pytest.raises(OperatorKeyUnusable) as short:
        derived_key(b"k" * 31, "use")
    assert str(short.value) == "the operator key has at least 32 characters; make a new one"
