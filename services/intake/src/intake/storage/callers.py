"""Callers: sealed for their one contact; the same number gets the same random name (A14)."""

import json
import time
from uuid import uuid4

from pymongo.errors import DuplicateKeyError

from intake.application.ports import Callers, CallsAway, SealedCaller
from intake.domain.facts import Caller, CallKey
from service_kit.documents import Database
from service_kit.transient import is_transient
from service_kit.vault import Quarantine, Vault
from service_kit.vault.key_chain import Cache
from shared_schemas.sealed import SealedField


class MongoCallers(Callers):
    """Seals through the vault; keyed digests of numbers stay in this database."""

    def __init__(self, database: Database, vault: Vault, quarantine: Quarantine) -> None:
        """Keep the random names here."""
        self._names = database.get_collection("callers")
        self._vault = vault
        self._quarantine = quarantine
        self._known: Cache[str] = Cache(time.monotonic)

    async def seal(self, key: CallKey, caller: Caller) -> SealedCaller:
        """Seal a caller for one call.

        Raises:
            CallsAway: the store or the vault cannot be reached now.
        """
        values = {}
        if caller.number or caller.name:
            values[SealedField.CALLER.value] = json.dumps({"number": caller.number, "name": caller.name})
        if caller.story:
            values[SealedField.STORY.value] = caller.story
        try:
            sealed = await self._vault.seal_many(key.tenant, key.call_id, values)
            ref = await self._name_of(key.tenant, caller.same_number)
        except Exception as error:
            if not is_transient(error):
                raise
            raise CallsAway from error
        return SealedCaller(
            sealed.get(SealedField.CALLER.value), ref, story=sealed.get(SealedField.STORY.value)
        )

    async def _name_of(self, tenant: str, number: str) -> str | None:
        """Return the random name of a number; a withheld one has none."""
        if not number:
            return None
        digest = f"{tenant}/{self._quarantine.keyed_hash(tenant, number)}"
        known, since = self._known.get(digest), time.monotonic()
        if known is None:
            known = await self._found_or_made(tenant, digest)
            self._known.put(digest, known, known_since=since)
        return known

    async def _found_or_made(self, tenant: str, digest: str) -> str:
        found = await self._names.find_one({"_id": digest})
        if found is not None:
            return str(found["ref"])
        ref = uuid4().hex
        try:
            await self._names.insert_one({"_id": digest, "tenant": tenant, "ref": ref})
        except DuplicateKeyError:
            return await self._found_or_made(tenant, digest)
        return ref
