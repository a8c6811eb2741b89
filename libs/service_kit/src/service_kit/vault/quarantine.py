"""Raw bytes kept for later (spool, dead letters, refused input), sealed for one tenant without any store."""

import hmac

from service_kit.vault.boxes import (
    FINGERPRINT_BYTES,
    NONCE_BYTES,
    Box,
    SealBroken,
    close_box,
    derived_key,
    fingerprint,
    label,
    open_box,
)

_FORMAT = b"Q1"
_PREFIX_BYTES = len(_FORMAT) + FINGERPRINT_BYTES


class Quarantine:
    """Seals raw bytes under a key derived from the operator key and the tenant's code.

    Needs no store, so it works on the worst day. Its keys cannot be erased one by one: what it seals
    leaves by retention, that is by deleting the rows. The first operator key seals, all of them open.
    """

    def __init__(self, operator_key: bytes, *older: bytes) -> None:
        self._current = operator_key
        self._keys = {fingerprint(key): key for key in (operator_key, *older)}

    def seal(self, tenant: str, raw: bytes) -> bytes:
        """Return the bytes sealed for one tenant: format, key fingerprint, nonce, ciphertext."""
        box = close_box(_seal_key(self._current, tenant), raw, label("quarantine", tenant))
        return _FORMAT + fingerprint(self._current) + box.nonce + box.ciphertext

    def open(self, tenant: str, sealed: bytes) -> bytes:
        """Return what was sealed for this tenant. Raises SealBroken."""
        operator_key = self._keys.get(sealed[len(_FORMAT) : _PREFIX_BYTES])
        if not sealed.startswith(_FORMAT) or operator_key is None:
            raise SealBroken(
                "these bytes were not sealed under any operator key in force; is an old line missing?"
            )
        nonce, ciphertext = sealed[_PREFIX_BYTES:][:NONCE_BYTES], sealed[_PREFIX_BYTES + NONCE_BYTES :]
        return open_box(_seal_key(operator_key, tenant), Box(nonce, ciphertext), label("quarantine", tenant))

    def keyed_hash(self, tenant: str, value: str) -> str:
        """Return the same 64 hex digits for the same value of the same tenant, and nothing about the value.

        For "has this number called before", inside intake only: never in an event, log or metric. After
        an operator key is replaced, earlier hashes no longer match.
        """
        key = derived_key(self._current, "keyed hash", tenant)
        return hmac.digest(key, value.encode(), "sha256").hex()


def _seal_key(operator_key: bytes, tenant: str) -> bytes:
    return derived_key(operator_key, "quarantine", tenant)
