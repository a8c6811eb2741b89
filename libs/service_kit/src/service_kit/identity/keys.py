"""Keys that make and check tokens: private ones in the directory alone, public ones in a file for all."""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service_kit.identity.grants import Principal
from service_kit.secrets import SECRET_BYTES, Secrets
from service_kit.transient import Away

ALGORITHM: Final = "EdDSA"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - a media type (RFC 9068)
SIGNING_KEYS: Final = "signing/tokens.key"
LIFETIME = timedelta(minutes=15)
"""How long a token is good for, unless said otherwise."""


class SigningKeyUnusable(ValueError):
    """A line of the key file is not 32 bytes of base64url text."""


class KeysUnavailable(Away):
    """No public keys could be read yet, so no token can be judged: try again, do not refuse for ever."""


@dataclass(frozen=True, slots=True)
class _PrivateKey:
    key: Ed25519PrivateKey
    public: dict[str, str]


class Signer:
    """Makes tokens, in the one service that may (the directory).

    Each line of the key file is one private key (32 random bytes): the first signs, all are published.
    The first start makes the first key. Rotation: see `Secrets`; publish the new key before it signs.
    """

    def __init__(self, secrets: Secrets, *, issuer: str, audience: str, key_file: str = SIGNING_KEYS) -> None:
        self._secrets, self._key_file = secrets, key_file
        self._issuer, self._audience = issuer, audience
        secrets.ensure(key_file)

    def token(self, principal: Principal, now: datetime, lifetime: timedelta = LIFETIME) -> str:
        """Return a signed token that says who somebody is, good from `now` for `lifetime`."""
        signing = self._keys()[0]
        issued = int(now.timestamp())
        claims = _claims(principal) | {
            "iss": self._issuer,
            "aud": self._audience,
            "iat": issued,
            "exp": issued + int(lifetime.total_seconds()),
            "jti": str(uuid4()),
        }
        headers = {"kid": signing.public["kid"], "typ": TOKEN_TYPE}
        return jwt.encode(claims, signing.key, algorithm=ALGORITHM, headers=headers)

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """Return the public keys (RFC 7517), the one in force first."""
        return {"keys": [key.public for key in self._keys()]}

    def publish(self, path: Path) -> None:
        """Write the public keys where every service reads them, whole or not at all."""
        draft = path.with_name(f".{path.name}.{os.getpid()}.{uuid4().hex}")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(self.jwks(), file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.chmod(0o644)
        draft.replace(path)

    def _keys(self) -> list[_PrivateKey]:
        return [_private_key(line) for line in self._secrets.read_all(self._key_file)]


class KeySet:
    """The public keys in a JWKS file, as fresh as the file.

    The file is read again when its time changes and when a token names a key that is not in it. Once
    read, the last good keys stay in force while the file is away or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._look: tuple[int, int, int] | None = None
        self._keys: Mapping[str, Ed25519PublicKey] = {}

    def find(self, kid: str) -> Ed25519PublicKey | None:
        """Return the key of that name, or None. Raises KeysUnavailable while no keys were ever read."""
        self._refresh(force=False)
        if kid not in self._keys:
            self._refresh(force=True)
        return self._keys.get(kid)

    def _refresh(self, *, force: bool) -> None:
        try:
            state = self._path.stat()
            look = (state.st_mtime_ns, state.st_size, state.st_ino)
            if force or look != self._look:
                self._keys = _public_keys(self._path.read_bytes())
                self._look = look
        except (OSError, ValueError, KeyError, TypeError) as error:
            if not self._keys:
                raise KeysUnavailable(
                    f"the public keys in {self._path} cannot be read; has the directory started?"
                ) from error


def _claims(principal: Principal) -> dict[str, Any]:
    agency = {} if principal.agency is None else {"agency": principal.agency}
    return agency | {
        "sub": principal.subject,
        "name": principal.name,
        "kind": principal.kind.value,
        "tenants": sorted(principal.tenants),
        "roles": sorted(role.value for role in principal.roles),
    }


def _private_key(line: bytes) -> _PrivateKey:
    try:
        seed = urlsafe_b64decode(line + b"=" * (-len(line) % 4))
    except NotBase64 as error:
        raise SigningKeyUnusable("a signing key is 32 bytes of base64url text on one line") from error
    if len(seed) != SECRET_BYTES:
        raise SigningKeyUnusable("a signing key is 32 bytes of base64url text on one line")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return _PrivateKey(key, _public_jwk(key.public_key()))


def _public_jwk(key: Ed25519PublicKey) -> dict[str, str]:
    """Describe a public key (RFC 8037); its name is its thumbprint (RFC 7638), so equal keys have equal names."""
    essence = {"crv": "Ed25519", "kty": "OKP", "x": _text(key.public_bytes_raw())}
    thumbprint = hashlib.sha256(json.dumps(essence, separators=(",", ":"), sort_keys=True).encode()).digest()
    return essence | {"kid": _text(thumbprint), "alg": ALGORITHM, "use": "sig"}


def _public_keys(document: bytes) -> dict[str, Ed25519PublicKey]:
    """Read a JWKS; keys of other kinds are not ours and are passed over. Raises ValueError when none is left."""
    keys = {
        str(key["kid"]): Ed25519PublicKey.from_public_bytes(
            urlsafe_b64decode(key["x"] + "=" * (-len(key["x"]) % 4))
        )
        for key in json.loads(document)["keys"]
        if key.get("kty") == "OKP" and key.get("crv") == "Ed25519" and key.get("use", "sig") == "sig"
    }
    if not keys:
        raise ValueError("a key set without a usable key")
    return keys


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")
