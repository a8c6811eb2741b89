"""The few cryptographic moves that the vault and the quarantine are made of."""

import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
FINGERPRINT_BYTES = 8


class SealBroken(Exception):
    """What was sealed cannot be opened here: it was changed, or it belongs to another tenant, subject or field."""


class OperatorKeyUnusable(ValueError):
    """The operator key is shorter than 32 bytes of text."""


@dataclass(frozen=True, slots=True)
class Box:
    """A nonce and what AES-256-GCM made with it, tag included."""

    nonce: bytes
    ciphertext: bytes


def new_key() -> bytes:
    """Return a fresh AES-256 key."""
    return AESGCM.generate_key(KEY_BYTES * 8)


def label(*parts: str) -> bytes:
    """Spell a list of words so that no other list is spelled alike."""
    return json.dumps(["siaga112", *parts], separators=(",", ":")).encode()


def derived_key(operator_key: bytes, *use: str) -> bytes:
    """Derive the key for one use from the operator key (HKDF-SHA256, RFC 5869).

    Raises OperatorKeyUnusable when the operator key is too short to carry anything.
    """
    if len(operator_key) < KEY_BYTES:
        raise OperatorKeyUnusable(f"the operator key has at least {KEY_BYTES} characters; make a new one")
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label(*use)).derive(operator_key)


def fingerprint(operator_key: bytes) -> bytes:
    """Return a name for an operator key that gives nothing of it away."""
    return derived_key(operator_key, "fingerprint")[:FINGERPRINT_BYTES]


def close_box(key: bytes, content: bytes, bound_to: bytes) -> Box:
    """Seal content under a key. Nonces are random: one key is good for 2^32 boxes (NIST SP 800-38D §8.3)."""
    nonce = os.urandom(NONCE_BYTES)
    return Box(nonce, AESGCM(key).encrypt(nonce, content, bound_to))


def open_box(key: bytes, box: Box, bound_to: bytes) -> bytes:
    """Return the content, proven unchanged and meant for this place. Raises SealBroken."""
    try:
        return AESGCM(key).decrypt(box.nonce, box.ciphertext, bound_to)
    except (InvalidTag, ValueError) as error:  # ValueError: a nonce of another length
        raise SealBroken("sealed data were changed, or belong to another tenant, subject or field") from error
