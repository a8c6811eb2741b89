"""One number has one random name in its tenant, however it is written; the number is kept nowhere."""

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from pymongo.errors import AutoReconnect, DuplicateKeyError

from intake.application.ports import CallsAway
from intake.domain.facts import Caller, CallKey
from intake.storage.callers import MongoCallers
from service_kit.documents import Database
from service_kit.vault import Quarantine, Vault
from shared_schemas.sealed import Sealed

CALL = CallKey("53.03", "pbx-ttu", "1795418172.0")


class Names:
    """As much of a collection as names need."""

    def __init__(self) -> None:
        self.documents: dict[str, dict[str, Any]] = {}
        self.hidden_once: set[str] = set()
        self.is_away = False

    def get_collection(self, name: str) -> "Names":
        assert name == "callers"
        return self

    async def find_one(self, query: Mapping[str, str]) -> dict[str, Any] | None:
        if self.is_away:
            raise AutoReconnect("no store")
        if query["_id"] in self.hidden_once:
            self.hidden_once.discard(query["_id"])
            return None
        return self.documents.get(query["_id"])

    async def insert_one(self, document: dict[str, Any]) -> None:
        if document["_id"] in self.documents:
            raise DuplicateKeyError("there")
        self.documents[document["_id"]] = document


class TurningVault:
    """Seals by turning words round."""

    async def seal_many(self, tenant: str, subject: str, values: Mapping[str, str]) -> dict[str, Sealed]:
        return {name: Sealed(f"{subject}/1", name, text[::-1]) for name, text in values.items()}


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def callers(names: Names) -> MongoCallers:
    return process_on(names)


def process_on(names: Names) -> MongoCallers:
    """Return one process's callers, with a memory of its own."""
    vault = cast("Vault", TurningVault())
    return MongoCallers(cast("Database", names), vault, Quarantine(b"o" * 32))


async def ref(callers: MongoCallers, number: str, tenant: str = "53.03") -> str | None:
    sealed = await callers.seal(CallKey(tenant, "t", "c"), Caller(number))
    return sealed.ref


async def test_two_spellings_of_one_number_have_one_name(callers: MongoCallers) -> None:
    first = await ref(callers, "+62 812-0000-1234")
    assert first is not None
    assert await ref(callers, "081200001234") == first
    assert await ref(callers, "081200001235") != first


async def test_the_same_number_has_another_name_in_another_tenant(callers: MongoCallers) -> None:
    assert await ref(callers, "081200001234") != await ref(callers, "081200001234", "53.71")


async def test_a_withheld_number_has_no_name_and_nothing_is_kept(callers: MongoCallers, names: Names) -> None:
    assert [await ref(callers, number) for number in ("", "anonymous")] == [None, None]
    assert names.documents == {}


async def test_no_number_is_kept_and_no_name_follows_from_it(callers: MongoCallers, names: Names) -> None:
    await ref(callers, "081200001234")
    assert "1200001234" not in json.dumps(names.documents)
    assert await ref(process_on(Names()), "081200001234") != await ref(callers, "081200001234")


async def test_two_processes_that_name_one_number_at_once_agree(callers: MongoCallers, names: Names) -> None:
    first = await ref(callers, "081200001234")
    names.hidden_once = set(names.documents)
    assert await ref(process_on(names), "081200001234") == first
    assert names.hidden_once == set()


async def test_a_number_that_each_event_of_a_call_repeats_is_looked_up_once(
    callers: MongoCallers, names: Names
) -> None:
    first = await ref(callers, "081200001234")
    names.is_away = True
    assert await ref(callers, "081200001234") == first
    with pytest.raises(CallsAway):
        await ref(callers, "081200001235")


async def test_number_name_and_story_are_sealed_for_this_one_call(callers: MongoCallers) -> None:
    sealed = await callers.seal(CALL, Caller("081200001234", "Maria", "rumah terbakar"))
    assert sealed.sealed is not None
    assert sealed.story is not None
    assert sealed.sealed.key_id == sealed.story.key_id == f"{CALL.call_id}/1"
    assert json.loads(sealed.sealed.ciphertext[::-1]) == {"number": "081200001234", "name": "Maria"}
    assert sealed.story.ciphertext[::-1] == "rumah terbakar"


async def test_a_story_without_a_caller_is_sealed_alone(callers: MongoCallers) -> None:
    sealed = await callers.seal(CALL, Caller(story="pohon tumbang"))
    assert (sealed.sealed, sealed.ref) == (None, None)
    assert sealed.story is not None


async def test_while_the_store_is_away_nothing_is_settled(callers: MongoCallers, names: Names) -> None:
    names.is_away = True
    with pytest.raises(CallsAway):
        await callers.seal(CALL, Caller("081200001234"))
