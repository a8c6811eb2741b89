"""The keys of the vault: the operator's wraps a tenant's, the tenant's wraps one for each subject.

Only wrapped keys are stored. A subject is one contact; deleting its one key document erases what it said,
wherever sealed copies lie. Keys in the clear stay in memory for at most 60 s.
"""

import asyncio
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from pymongo.errors import DuplicateKeyError

from service_kit.audit import durable
from service_kit.clock import Clock
from service_kit.documents import Collection, Database, Document
from service_kit.secrets import Secrets
from service_kit.transient import Away
from service_kit.vault.boxes import (
    Box,
    SealBroken,
    close_box,
    derived_key,
    fingerprint,
    label,
    new_key,
    open_box,
)

CACHE_SECONDS = 60.0
CACHED_KEYS = 4096
OPERATOR_KEY = "operator.key"
_TRIES = 5
_SETTLING_SECONDS = 0.05

Monotonic = Callable[[], float]
Kept = TypeVar("Kept")


class OperatorKeyUnknown(Exception):
    """A tenant's key is wrapped by an operator key that is not among the secrets any more."""


class KeyUnsettled(Away):
    """Another process is making the same key just now; the same call works in a moment."""


@dataclass(frozen=True, slots=True)
class SubjectKey:
    """One contact's key. The generation tells it from a key made after an erasure."""

    subject: str
    generation: str
    key: bytes


class Cache(Generic[Kept]):
    """Keeps things for a while: the least used go first when full, and none stays longer than 60 s."""

    def __init__(
        self, monotonic: Monotonic, *, seconds: float = CACHE_SECONDS, capacity: int = CACHED_KEYS
    ) -> None:
        self._monotonic, self._seconds, self._capacity = monotonic, seconds, capacity
        self._kept: OrderedDict[str, tuple[float, Kept]] = OrderedDict()

    def get(self, name: str) -> Kept | None:
        """Return what is kept under a name and still fresh."""
        until, thing = self._kept.get(name, (0.0, None))
        if thing is None or self._monotonic() >= until:
            self._kept.pop(name, None)
            return None
        self._kept.move_to_end(name)
        return thing

    def put(self, name: str, thing: Kept, *, known_since: float) -> None:
        """Keep a thing that was read from the store not before `known_since`."""
        self._kept[name] = (known_since + self._seconds, thing)
        self._kept.move_to_end(name)
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)

    def drop(self, name: str) -> None:
        """Forget a thing at once."""
        self._kept.pop(name, None)


class KeyChain:
    """Finds, makes and erases keys, by single documents and their `_id` alone."""

    def __init__(self, database: Database, secrets: Secrets, *, clock: Clock, monotonic: Monotonic) -> None:
        self._tenant_keys = durable(database["tenant_keys"])
        self._subject_keys = durable(database["subject_keys"])
        self._secrets, self._clock, self._monotonic = secrets, clock, monotonic
        self._tenants: Cache[bytes] = Cache(monotonic)
        self._subjects: Cache[SubjectKey] = Cache(monotonic)

    async def sealing_key(self, tenant: str, subject: str) -> SubjectKey:
        """Return the subject's key, made now if there is none. Raises KeyUnsettled, OperatorKeyUnknown."""
        name = _name(tenant, subject)
        cached = self._subjects.get(name)
        if cached is not None:
            return cached
        since, wrapping = self._monotonic(), await self._tenant_key(tenant)

        def made() -> Document:
            generation = os.urandom(4).hex()
            box = close_box(wrapping, new_key(), _subject_label(tenant, subject, generation))
            return {"_id": name, "tenant": tenant, "subject": subject, "generation": generation} | _stored(
                box
            )

        document = await self._found_or_made(self._subject_keys, name, made)
        return self._unwrapped(document, wrapping, since)

    async def opening_key(self, tenant: str, subject: str, generation: str) -> SubjectKey | None:
        """Return the key of that generation, or None when it was erased. Raises OperatorKeyUnknown."""
        name = _name(tenant, subject)
        key = self._subjects.get(name)
        if key is None or key.generation != generation:
            since = self._monotonic()
            document = await self._present(name)
            key = (
                None if document is None else self._unwrapped(document, await self._tenant_key(tenant), since)
            )
        return key if key is not None and key.generation == generation else None

    async def erase(self, tenant: str, subject: str) -> bool:
        """Delete the subject's key; tell whether there was one."""
        name = _name(tenant, subject)
        self._subjects.drop(name)
        result = await self._subject_keys.delete_one({"_id": name})
        self._subjects.drop(name)
        return result.deleted_count == 1

    async def rewrap(self, tenant: str) -> bool:
        """Wrap the tenant's key by the operator key in force; tell whether that changed anything.

        After this was done for every tenant, the old line of the operator key can go.
        """
        document = await self._tenant_keys.find_one({"_id": tenant})
        current = self._secrets.read(OPERATOR_KEY)
        if document is None or document["wrapped_by"] == fingerprint(current).hex():
            return False
        renewed = document | _wrapped_for(tenant, self._unwrapped_tenant(document), current)
        seen = {"_id": tenant, "wrapped_by": document["wrapped_by"]}
        return (await self._tenant_keys.replace_one(seen, renewed)).modified_count == 1

    async def _tenant_key(self, tenant: str) -> bytes:
        cached = self._tenants.get(tenant)
        if cached is not None:
            return cached
        since = self._monotonic()

        def made() -> Document:
            return {"_id": tenant} | _wrapped_for(tenant, new_key(), self._secrets.read(OPERATOR_KEY))

        key = self._unwrapped_tenant(await self._found_or_made(self._tenant_keys, tenant, made))
        self._tenants.put(tenant, key, known_since=since)
        return key

    async def _found_or_made(
        self, collection: Collection, name: str, made: Callable[[], Document]
    ) -> Document:
        """Return the document; of several processes that make it at once, one succeeds and all get its."""
        for _ in range(_TRIES):
            found = await collection.find_one({"_id": name})
            if found is not None:
                return found
            document = made() | {"made_at": self._clock()}
            try:
                await collection.insert_one(document)
            except DuplicateKeyError:
                await asyncio.sleep(_SETTLING_SECONDS)  # the winner's copy is not with the majority yet
            else:
                return document
        raise KeyUnsettled(f"the key of {name} is being made by another process; try again")

    async def _present(self, name: str) -> Document | None:
        """Look twice before a key counts as erased: a newly elected primary may need a moment."""
        document = await self._subject_keys.find_one({"_id": name})
        if document is None:
            await asyncio.sleep(_SETTLING_SECONDS)
            document = await self._subject_keys.find_one({"_id": name})
        return document

    def _unwrapped(self, document: Document, wrapping: bytes, since: float) -> SubjectKey:
        bound = _subject_label(document["tenant"], document["subject"], document["generation"])
        key = SubjectKey(
            document["subject"], document["generation"], open_box(wrapping, _box(document), bound)
        )
        self._subjects.put(document["_id"], key, known_since=since)
        return key

    def _unwrapped_tenant(self, document: Document) -> bytes:
        tenant = document["_id"]
        for operator_key in self._secrets.read_all(OPERATOR_KEY):
            if fingerprint(operator_key).hex() == document["wrapped_by"]:
                return open_box(
                    derived_key(operator_key, "wrap tenant keys"), _box(document), _tenant_label(tenant)
                )
        raise OperatorKeyUnknown(
            f"the key of tenant {tenant} is wrapped by operator key {document['wrapped_by']}, which is no line "
            f"of {OPERATOR_KEY}; put that line back, then rewrap"
        )


def _wrapped_for(tenant: str, key: bytes, operator_key: bytes) -> Document:
    box = close_box(derived_key(operator_key, "wrap tenant keys"), key, _tenant_label(tenant))
    return {"wrapped_by": fingerprint(operator_key).hex()} | _stored(box)


def _name(tenant: str, subject: str) -> str:
    if not tenant or not subject or "/" in tenant + subject:
        raise ValueError("a tenant and a subject are named, without '/'")
    return f"{tenant}/{subject}"


def _tenant_label(tenant: str) -> bytes:
    return label("tenant key", tenant)


def _subject_label(tenant: str, subject: str, generation: str) -> bytes:
    return label("subject key", tenant, subject, generation)


def _stored(box: Box) -> Document:
    return {"nonce": as_text(box.nonce), "wrapped": as_text(box.ciphertext)}


def _box(document: Document) -> Box:
    return Box(as_bytes(document["nonce"]), as_bytes(document["wrapped"]))


def as_text(raw: bytes) -> str:
    """Write bytes as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def as_bytes(text: str) -> bytes:
    """Read base64url, padded or not. Raises SealBroken."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (NotBase64, ValueError) as error:
        raise SealBroken("sealed data are not base64url text") from error
