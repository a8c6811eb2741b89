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
