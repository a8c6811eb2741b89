"""Sealing without cryptography: what is sealed names its tenant and its subject, and opens for them only."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode

from agency_notifier.application.ports import Content, Contents
from agency_notifier.domain.response import Brief
from intake.application.ports import Callers, SealedCaller
from intake.domain.facts import Caller, CallKey
from shared_schemas.sealed import Sealed, SealedField


class WrongTenant(Exception):
    """One tenant's sealed data were to be opened for another."""


class PlainSeals(Callers, Contents):
    """The vault's doors of every service."""

    async def seal(self, key: CallKey, caller: Caller) -> SealedCaller:
        """Seal a caller for one call."""
        said = json.dumps({"number": caller.number, "name": caller.name})
        sealed = _sealed(key.tenant, key.call_id, said)
        ref = urlsafe_b64encode(f"{key.tenant}/{caller.same_number}".encode()).decode()
        return SealedCaller(sealed, ref if caller.number else None)

    async def seal_many(self, tenant: str, subject: str, values: dict[str, str]) -> dict[str, Sealed]:
        """Seal several fields of one contact."""
        return {field: _sealed(tenant, subject, value) for field, value in values.items()}

    async def open(self, tenant: str, brief: Brief) -> Content:
        """Open what a message says. Raises WrongTenant."""
        opened = {
            field: _opened(tenant, sealed)
            for field, sealed in (
                (SealedField.PLACE, brief.place),
                (SealedField.STORY, brief.story),
                (SealedField.CALLER, brief.caller),
            )
            if sealed is not None
        }
        caller = json.loads(opened.get(SealedField.CALLER, "{}"))
        return Content(
            place=opened.get(SealedField.PLACE),
            story=opened.get(SealedField.STORY),
            caller_number=caller.get("number"),
        )


class PlainSealer:
    """The quarantine's doors, for the spool."""

    def seal(self, tenant: str, raw: bytes) -> bytes:
        """Return the bytes, marked as the tenant's."""
        return tenant.encode() + b"|" + raw

    def open(self, tenant: str, sealed: bytes) -> bytes:
        """Return what was sealed for this tenant. Raises WrongTenant."""
        owner, _, raw = sealed.partition(b"|")
        if owner != tenant.encode():
            raise WrongTenant(f"{owner.decode()}'s bytes for {tenant}")
        return raw


def _sealed(tenant: str, subject: str, value: str) -> Sealed:
    return Sealed(f"{tenant}/{subject}", "-", urlsafe_b64encode(value.encode()).decode())


def _opened(tenant: str, sealed: Sealed) -> str:
    if not sealed.key_id.startswith(f"{tenant}/"):
        raise WrongTenant(f"{sealed.key_id} for {tenant}")
    return urlsafe_b64decode(sealed.ciphertext).decode()
