"""Personal data are sealed from the first event on, and opened for a purpose that is written down first."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from enum import Enum

from service_kit.audit import AuditTrail, Deed, Head
from service_kit.clock import Clock, utc_now
from service_kit.documents import Database
from service_kit.secrets import Secrets
from service_kit.vault.boxes import Box, SealBroken, close_box, label, open_box
from service_kit.vault.key_chain import KeyChain, Monotonic, SubjectKey, as_bytes, as_text
from service_kit.vault.purpose import Purpose
from shared_schemas.sealed import Sealed


class Erased(Exception):
    """The subject's key was erased: nothing and nobody can read what was sealed under it."""


class Unopened(Enum):
    """Why one of several values could not be opened."""

    ERASED = "erased"
    BROKEN = "broken"


class Vault:
    """Seals personal data of one contact (the subject), opens them with a trace, and erases them.

    Works on a database of its own, with a credential of its own. In other processes an erased key may
    still be in memory for 60 s.
    """

    def __init__(
        self,
        database: Database,
        secrets: Secrets,
        *,
        writer: str,
        clock: Clock = utc_now,
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._keys = KeyChain(database, secrets, clock=clock, monotonic=monotonic)
        self._trail = AuditTrail(database["openings"], writer)
        self._clock = clock

    async def seal(self, tenant: str, subject: str, field: str, value: str) -> Sealed:
        """Seal one value, bound to its tenant, subject and field. Raises KeyUnsettled, OperatorKeyUnknown."""
        return (await self.seal_many(tenant, subject, {field: value}))[field]

    async def seal_many(self, tenant: str, subject: str, values: Mapping[str, str]) -> dict[str, Sealed]:
        """Seal several fields of one subject; the key is fetched once."""
        key = await self._keys.sealing_key(tenant, subject)
        return {field: _sealed(tenant, key, field, value) for field, value in values.items()}

    async def open(self, tenant: str, sealed: Sealed, *, field: str, purpose: Purpose, by: str) -> str:
        """Return one value; that it was opened, by whom and why, is written down before it is returned.

        Raises Erased, SealBroken, OperatorKeyUnknown, TrailOverdue.
        """
        (value,) = await self.open_many(tenant, [(field, sealed)], purpose=purpose, by=by)
        if value is Unopened.ERASED:
            raise Erased(f"personal data of subject {_subject_of(sealed)} were erased")
        if value is Unopened.BROKEN:
            raise SealBroken(f"'{field}' of subject {_subject_of(sealed)} was changed or belongs elsewhere")
        return value

    async def open_many(
        self, tenant: str, items: Sequence[tuple[str, Sealed]], *, purpose: Purpose, by: str
    ) -> list[str | Unopened]:
        """Return the values of (field, sealed) pairs, in their order, for one list on one screen.

        One that cannot be opened does not keep the others back. The trail gets one entry for each subject
        with all of its fields, in one write, before anything is returned.
        """
        keys = await self._opening_keys(tenant, {sealed.key_id for _, sealed in items})
        values = [_opened(tenant, keys[sealed.key_id], field, sealed) for field, sealed in items]
        await self._record(tenant, items, values, purpose, by)
        return values

    async def erase(self, tenant: str, subject: str, *, by: str) -> bool:
        """Erase a subject for good by deleting its key; tell whether there was one. Twice is harmless.

        Written down first: the trail may name an erasure that then failed, never miss one.
        """
        await self._trail.append("personal_data.erased", by, tenant, subject, {}, self._clock())
        return await self._keys.erase(tenant, subject)

    async def rewrap(self, tenant: str, *, by: str) -> bool:
        """Bring a tenant's key under the operator key in force; tell whether that changed anything."""
        changed = await self._keys.rewrap(tenant)
        await self._trail.append(
            "tenant_key.rewrapped", by, tenant, tenant, {"changed": changed}, self._clock()
        )
        return changed

    def head(self) -> Head:
        """Return the end of this process's chain of openings, to be anchored elsewhere."""
        return self._trail.head()

    async def _opening_keys(self, tenant: str, key_ids: set[str]) -> dict[str, SubjectKey | Unopened]:
        names = sorted(key_ids)
        found = await asyncio.gather(*(self._opening_key(tenant, name) for name in names))
        return dict(zip(names, found, strict=True))

    async def _opening_key(self, tenant: str, key_id: str) -> SubjectKey | Unopened:
        subject, _, generation = key_id.rpartition("/")
        if not subject or "/" in subject:
            return Unopened.BROKEN
        try:
            return await self._keys.opening_key(tenant, subject, generation) or Unopened.ERASED
        except SealBroken:
            return Unopened.BROKEN

    async def _record(
        self,
        tenant: str,
        items: Sequence[tuple[str, Sealed]],
        values: Sequence[str | Unopened],
        purpose: Purpose,
        by: str,
    ) -> None:
        fields: dict[str, list[str]] = {}
        for (field, sealed), value in zip(items, values, strict=True):
            if isinstance(value, str):
                fields.setdefault(_subject_of(sealed), []).append(field)
        deeds = [
            Deed("personal_data.opened", by, tenant, subject, {"purpose": purpose.value, "fields": opened})
            for subject, opened in fields.items()
        ]
        if deeds:
            await self._trail.append_many(deeds, self._clock())


def _sealed(tenant: str, key: SubjectKey, field: str, value: str) -> Sealed:
    box = close_box(key.key, value.encode(), _bound_to(tenant, key, field))
    return Sealed(f"{key.subject}/{key.generation}", as_text(box.nonce), as_text(box.ciphertext))


def _opened(tenant: str, key: SubjectKey | Unopened, field: str, sealed: Sealed) -> str | Unopened:
    if isinstance(key, Unopened):
        return key
    try:
        box = Box(as_bytes(sealed.nonce), as_bytes(sealed.ciphertext))
        return open_box(key.key, box, _bound_to(tenant, key, field)).decode()
    except SealBroken:
        return Unopened.BROKEN


def _bound_to(tenant: str, key: SubjectKey, field: str) -> bytes:
    return label("value", tenant, key.subject, key.generation, field)


def _subject_of(sealed: Sealed) -> str:
    return sealed.key_id.rpartition("/")[0]
