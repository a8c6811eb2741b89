import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError

from service_kit.audit import verify
from service_kit.documents import Database
from service_kit.secrets import Secrets
from service_kit.vault import (
    Erased,
    KeyUnsettled,
    OperatorKeyUnknown,
    Purpose,
    SealBroken,
    Unopened,
    Vault,
    key_chain,
)
from service_kit.vault.key_chain import SubjectKey
from service_kit.vault.vault import _bound_to
from shared_schemas.sealed import Sealed

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TTU, BELU = "53.03", "53.04"
CALL, OTHER_CALL = "0b6f1a52-call", "77aa-call"
NUMBER, STORY = "081200000042", "rumah terbakar dekat pasar baru"


class Ticks:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    secrets = Secrets(tmp_path / "secrets")
    secrets.ensure("operator.key")
    return secrets


def a_vault(database: Database, secrets: Secrets, ticks: Ticks, writer: str = "triage-1") -> Vault:
    return Vault(database, secrets, writer=writer, clock=lambda: NOW, monotonic=ticks)


@pytest.fixture
def vault(memory_database: Database, secrets: Secrets, ticks: Ticks) -> Vault:
    return a_vault(memory_database, secrets, ticks)


def stored(database: Database, collection: str) -> dict[str, dict[str, Any]]:
    documents: dict[str, dict[str, Any]] = database[collection].documents  # type: ignore[assignment] # the fake's
    return documents


async def shown(vault: Vault, sealed: Sealed, field: str = "number", tenant: str = TTU) -> str:
    return await vault.open(tenant, sealed, field=field, purpose=Purpose.DISPLAY, by="siti")


async def test_what_is_sealed_is_opened_again(vault: Vault) -> None:
    for value in (NUMBER, "", "Hélène 🚒", "x" * 10_000):
        assert await shown(vault, await vault.seal(TTU, CALL, "number", value)) == value


async def test_sealed_text_and_the_whole_store_hold_nothing_in_the_clear(
    vault: Vault, memory_database: Database, secrets: Secrets
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    await shown(vault, sealed)
    everything = str(sealed) + json.dumps(
        [stored(memory_database, name) for name in ("tenant_keys", "subject_keys", "openings")], default=str
    )
    assert NUMBER not in everything
    assert secrets.read("operator.key").decode() not in everything


async def test_the_same_value_never_looks_the_same_twice(vault: Vault) -> None:
    first, second = (
        await vault.seal(TTU, CALL, "number", NUMBER),
        await vault.seal(TTU, CALL, "number", NUMBER),
    )
    assert first.key_id == second.key_id
    assert first.ciphertext != second.ciphertext


async def test_several_fields_are_sealed_with_one_key_fetch(vault: Vault, calls: list[str]) -> None:
    await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    calls.clear()
    sealed = await vault.seal_many(TTU, CALL, {"number": NUMBER, "story": STORY})
    assert calls == ["find_one", "insert_one"]
    assert await shown(vault, sealed["story"], "story") == STORY


async def test_another_process_opens_what_this_one_sealed(
    vault: Vault, memory_database: Database, secrets: Secrets, ticks: Ticks
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    assert await shown(a_vault(memory_database, secrets, ticks, "notifier-1"), sealed) == NUMBER


async def test_a_value_is_good_for_its_field_alone(vault: Vault) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    with pytest.raises(SealBroken):
        await shown(vault, sealed, "story")


async def test_a_value_of_one_regency_is_unknown_in_another(vault: Vault) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    with pytest.raises(Erased):
        await shown(vault, sealed, tenant=BELU)
    await vault.seal(BELU, CALL, "number", NUMBER)
    with pytest.raises(Erased):
        await shown(vault, sealed, tenant=BELU)


async def test_a_value_moved_to_another_subject_is_broken(vault: Vault) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    other = await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    with pytest.raises(SealBroken):
        await shown(vault, replace(sealed, key_id=other.key_id))


@pytest.mark.parametrize(
    "damage",
    [
        {"ciphertext": "AAAA"},
        {"ciphertext": ""},
        {"ciphertext": "é"},
        {"ciphertext": "A"},
        {"nonce": ""},
        {"nonce": "AAAA"},
        {"nonce": "A" * 400},
        {"key_id": ""},
        {"key_id": "no-generation"},
        {"key_id": "a/b/c"},
    ],
)
async def test_damaged_sealed_data_are_said_to_be_broken(vault: Vault, damage: dict[str, str]) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    with pytest.raises(SealBroken):
        await shown(vault, replace(sealed, **damage))


async def test_a_key_document_put_in_anothers_place_opens_nothing(
    vault: Vault, memory_database: Database, secrets: Secrets, ticks: Ticks
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    keys = stored(memory_database, "subject_keys")
    keys[f"{TTU}/{CALL}"]["wrapped"] = keys[f"{TTU}/{OTHER_CALL}"]["wrapped"]
    keys[f"{TTU}/{CALL}"]["nonce"] = keys[f"{TTU}/{OTHER_CALL}"]["nonce"]
    with pytest.raises(SealBroken):
        await shown(a_vault(memory_database, secrets, ticks, "other"), sealed)


async def test_nothing_is_sealed_under_a_key_that_was_put_in_anothers_place(
    vault: Vault, memory_database: Database, secrets: Secrets, ticks: Ticks
) -> None:
    await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    keys = stored(memory_database, "subject_keys")
    keys[f"{TTU}/{CALL}"] = keys[f"{TTU}/{OTHER_CALL}"] | {"_id": f"{TTU}/{CALL}", "subject": CALL}
    with pytest.raises(SealBroken):
        await a_vault(memory_database, secrets, ticks, "other").seal(TTU, CALL, "number", NUMBER)


def test_a_seal_is_bound_to_tenant_subject_generation_and_field() -> None:
    key = SubjectKey(CALL, "g1", b"")
    places = {
        _bound_to(TTU, key, "number"),
        _bound_to(BELU, key, "number"),
        _bound_to(TTU, replace(key, subject=OTHER_CALL), "number"),
        _bound_to(TTU, replace(key, generation="g2"), "number"),
        _bound_to(TTU, key, "story"),
    }
    assert len(places) == 5


async def test_an_erased_subject_cannot_be_read_any_more(vault: Vault) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    kept = await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    assert await vault.erase(TTU, CALL, by="budi") is True
    with pytest.raises(Erased):
        await shown(vault, sealed)
    assert await shown(vault, kept) == NUMBER
    assert await vault.erase(TTU, CALL, by="budi") is False


async def test_another_process_forgets_an_erased_key_within_a_minute(
    vault: Vault, memory_database: Database, secrets: Secrets, ticks: Ticks
) -> None:
    other = a_vault(memory_database, secrets, ticks, "notifier-1")
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    assert await shown(other, sealed) == NUMBER
    await vault.erase(TTU, CALL, by="budi")
    ticks.seconds += 60
    with pytest.raises(Erased):
        await shown(other, sealed)


async def test_a_key_made_after_an_erasure_does_not_bring_the_old_words_back(vault: Vault) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    await vault.erase(TTU, CALL, by="budi")
    new = await vault.seal(TTU, CALL, "number", NUMBER)
    assert await shown(vault, new) == NUMBER
    with pytest.raises(Erased):
        await shown(vault, sealed)


async def test_an_opening_is_written_down_with_who_what_and_why(
    vault: Vault, memory_database: Database
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    await vault.open(TTU, sealed, field="number", purpose=Purpose.NOTIFY, by="agency-notifier")
    (entry,) = stored(memory_database, "openings").values()
    assert (entry["action"], entry["by"], entry["tenant"], entry["subject"]) == (
        "personal_data.opened",
        "agency-notifier",
        TTU,
        CALL,
    )
    assert entry["details"] == {"purpose": "notify", "fields": ["number"]}
    assert vault.head().hash == entry["hash"]


async def test_what_cannot_be_written_down_is_not_shown(vault: Vault, faults: list[Exception]) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    faults.append(AutoReconnect("the store is away"))
    with pytest.raises(AutoReconnect):
        await shown(vault, sealed)


async def test_an_erasure_is_written_down_before_it_happens(
    vault: Vault, memory_database: Database, faults: list[Exception]
) -> None:
    await vault.seal(TTU, CALL, "number", NUMBER)
    faults.append(AutoReconnect("the store is away"))
    with pytest.raises(AutoReconnect):
        await vault.erase(TTU, CALL, by="budi")
    assert f"{TTU}/{CALL}" in stored(memory_database, "subject_keys")
    await vault.erase(TTU, CALL, by="budi")
    assert {entry["action"] for entry in stored(memory_database, "openings").values()} == {
        "personal_data.erased"
    }


async def test_a_list_is_opened_with_one_write_and_one_entry_for_each_subject(
    vault: Vault, memory_database: Database, calls: list[str]
) -> None:
    first = await vault.seal_many(TTU, CALL, {"number": NUMBER, "story": STORY})
    second = await vault.seal(TTU, OTHER_CALL, "number", "081200000043")
    calls.clear()
    items = [("number", first["number"]), ("number", second), ("story", first["story"])]
    assert await vault.open_many(TTU, items, purpose=Purpose.DISPLAY, by="siti") == [
        NUMBER,
        "081200000043",
        STORY,
    ]
    assert calls == ["insert_many"]
    opened = [
        (entry["subject"], entry["details"]["fields"])
        for entry in stored(memory_database, "openings").values()
    ]
    assert opened == [(CALL, ["number", "story"]), (OTHER_CALL, ["number"])]


async def test_one_value_that_cannot_be_opened_keeps_no_other_back(vault: Vault) -> None:
    good = await vault.seal(TTU, CALL, "number", NUMBER)
    gone = await vault.seal(TTU, OTHER_CALL, "number", NUMBER)
    await vault.erase(TTU, OTHER_CALL, by="budi")
    items = [("number", gone), ("number", good), ("story", good)]
    opened = await vault.open_many(TTU, items, purpose=Purpose.DISPLAY, by="siti")
    assert opened == [Unopened.ERASED, NUMBER, Unopened.BROKEN]


async def test_nothing_opened_is_nothing_written(vault: Vault, memory_database: Database) -> None:
    assert await vault.open_many(TTU, [], purpose=Purpose.DISPLAY, by="siti") == []
    assert stored(memory_database, "openings") == {}


async def test_the_trail_of_openings_and_erasures_holds(vault: Vault, memory_database: Database) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    await asyncio.gather(*(shown(vault, sealed) for _ in range(20)))
    await vault.erase(TTU, CALL, by="budi")
    assert await verify(memory_database["openings"], [vault.head()]) == []


async def test_processes_that_seal_at_once_agree_on_one_key(
    memory_database: Database,
    secrets: Secrets,
    ticks: Ticks,
    calls: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_chain, "_SETTLING_SECONDS", 0)
    vaults = [a_vault(memory_database, secrets, ticks, f"triage-{number}") for number in range(5)]
    sealed = await asyncio.gather(*(vault.seal(TTU, CALL, "number", NUMBER) for vault in vaults))
    assert calls.count("insert_one") > 2  # several tried to make the same key
    assert len({one.key_id for one in sealed}) == 1
    assert len(stored(memory_database, "subject_keys")) == 1
    assert [await shown(vaults[0], one) for one in sealed] == [NUMBER] * 5


async def test_a_race_that_does_not_settle_asks_to_try_again(
    vault: Vault, memory_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_chain, "_SETTLING_SECONDS", 0)

    async def taken(_document: Any) -> None:
        raise DuplicateKeyError("E11000", 11000)

    monkeypatch.setattr(memory_database["subject_keys"], "insert_one", taken)
    with pytest.raises(KeyUnsettled):
        await vault.seal(TTU, CALL, "number", NUMBER)


async def test_keys_in_memory_are_bounded_in_number_and_time(
    vault: Vault, ticks: Ticks, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    calls.clear()
    await vault.seal(TTU, CALL, "number", NUMBER)
    assert calls == []
    ticks.seconds += 59.9
    await vault.seal(TTU, CALL, "number", NUMBER)
    assert calls == []
    ticks.seconds += 0.2
    await shown(vault, sealed)
    assert calls.count("find_one") == 2  # the subject's key and the tenant's


def test_the_least_used_key_leaves_a_full_cache_first(ticks: Ticks) -> None:
    cache = key_chain.Cache[str](ticks, capacity=2)
    for name in ("a", "b"):
        cache.put(name, name.upper(), known_since=ticks())
    assert cache.get("a") == "A"
    cache.put("c", "C", known_since=ticks())
    assert [cache.get(name) for name in ("a", "b", "c")] == ["A", None, "C"]


def _rotate(secrets: Secrets, directory: Path) -> bytes:
    old = secrets.read("operator.key")
    new = Secrets(directory / "spare").ensure("operator.key")
    (directory / "secrets" / "operator.key").write_bytes(new + b"\n" + old + b"\n")
    return new


async def test_the_operator_key_is_rotated_without_touching_a_sealed_value(
    vault: Vault, memory_database: Database, secrets: Secrets, ticks: Ticks, tmp_path: Path
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    new = _rotate(secrets, tmp_path)
    assert await vault.rewrap(TTU, by="budi") is True
    assert await vault.rewrap(TTU, by="budi") is False
    (tmp_path / "secrets" / "operator.key").write_bytes(new)
    assert await shown(a_vault(memory_database, secrets, ticks, "later"), sealed) == NUMBER


async def test_an_operator_key_removed_too_early_is_said_with_the_way_back(
    vault: Vault, memory_database: Database, secrets: Secrets, ticks: Ticks, tmp_path: Path
) -> None:
    sealed = await vault.seal(TTU, CALL, "number", NUMBER)
    new = _rotate(secrets, tmp_path)
    (tmp_path / "secrets" / "operator.key").write_bytes(new)
    with pytest.raises(OperatorKeyUnknown, match="put that line back"):
        await shown(a_vault(memory_database, secrets, ticks, "later"), sealed)


@pytest.mark.parametrize(("tenant", "subject"), [("", CALL), (TTU, ""), ("53/03", CALL), (TTU, "call/1")])
async def test_names_that_could_be_mistaken_for_others_are_refused(
    vault: Vault, tenant: str, subject: str
) -> None:
    with pytest.raises(ValueError, match="without '/'"):
        await vault.seal(tenant, subject, "number", NUMBER)
