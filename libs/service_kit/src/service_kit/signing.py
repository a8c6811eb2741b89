"""Signatures that machines and links carry: Standard Webhooks, and links good for one purpose.

The `standardwebhooks` package reads the machine's clock, wants the body to be UTF-8 text, and lets four
kinds of error escape on malformed input. A body here is bytes and may be anything, the time is given,
and a refusal is one kind of error; so the few lines of the scheme are written out, and the tests hold
them against that package in both directions.
"""

import hashlib
import hmac
import json
import re
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

TOLERANCE = timedelta(minutes=5)
"""How far a sender's clock may be off (Standard Webhooks)."""

_PREFIX = b"whsec_"
_SHORTEST_KEY_BYTES = 24
_MOST_SIGNATURES = 16
# No full stop in an id: `a.1` + `2` and `a` + `1.2` would be signed alike (the specification asks for this).
_ID = re.compile(r"[!-\-/-~]{1,256}", re.ASCII)
_SECONDS = re.compile(r"[0-9]{1,11}", re.ASCII)

SignatureFault = Literal["missing_header", "malformed_header", "too_old", "too_new", "no_match"]
LinkFault = Literal["malformed", "not_ours", "expired"]


class SigningSecretUnusable(ValueError):
    """One's own secret is no base64 text of at least 24 bytes; nothing a sender could repair."""


class SignatureRefused(Exception):
    """A message is not proven to come from the holder of the secret, or is not fresh."""

    def __init__(self, reason: SignatureFault) -> None:
        super().__init__(f"signature refused: {reason}")
        self.reason = reason


class LinkRefused(Exception):
    """A link is not ours, not for this purpose, or no longer valid."""

    def __init__(self, reason: LinkFault) -> None:
        super().__init__(f"link refused: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Verified:
    """What a good signature proves beside the body: which message, sent when (UTC).

    The same `id` coming again is the same message: the receiver remembers ids for twice the tolerance.
    """

    id: str
    timestamp: datetime


def sign(secret: bytes, id: str, timestamp: datetime, body: bytes) -> dict[str, str]:  # noqa: A002 - the word of the standard
    """Return the three headers to send with a body. An id is 1 to 256 visible ASCII characters, no full stop.

    Raises ValueError for such an id, SigningSecretUnusable for a bad secret.
    """
    if not _ID.fullmatch(id):
        raise ValueError("a webhook id is 1 to 256 visible ASCII characters without a full stop")
    seconds = str(int(timestamp.timestamp()))
    signature = b64encode(_mac(_key(secret), id, seconds, body)).decode("ascii")
    return {"webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}


def verify(
    secrets: Sequence[bytes],
    headers: Mapping[str, str],
    body: bytes,
    now: datetime,
    tolerance: timedelta = TOLERANCE,
) -> Verified:
    """Return what the signature proves; any of the secrets and any of the signatures may match.

    Raises SignatureRefused, whatever a stranger sends; SigningSecretUnusable for a bad secret of ours.
    """
    given = {name.lower(): value for name, value in headers.items()}
    message_id, seconds = _given(given, "webhook-id", _ID), _given(given, "webhook-timestamp", _SECONDS)
    sent = _fresh(int(seconds), now, tolerance)
    offered = _offered(given.get("webhook-signature", ""))
    expected = [_mac(_key(secret), message_id, seconds, body) for secret in secrets]
    if not any(hmac.compare_digest(ours, theirs) for ours in expected for theirs in offered):
        raise SignatureRefused("no_match")
    return Verified(message_id, sent)


def shareable(secret: bytes) -> str:
    """Return a secret as Standard Webhooks libraries expect it: `whsec_` and plain base64."""
    return (_PREFIX + b64encode(_key(secret))).decode("ascii")


class LinkSigner:
    """Makes and reads links that are good for one purpose until a given time.

    What a link says can be read by whoever holds it: put ids into it, never personal data. Opening it
    may not change anything (chat programs fetch links ahead): the purpose is fulfilled by a POST.
    """

    def __init__(self, secret: bytes, *older: bytes) -> None:
        self._secrets = (secret, *older)
        if any(len(each) < _SHORTEST_KEY_BYTES for each in self._secrets):
            raise SigningSecretUnusable(
                f"a link secret has at least {_SHORTEST_KEY_BYTES} bytes; make a longer one"
            )

    def token(self, purpose: str, claims: Mapping[str, str], expires: datetime) -> str:
        """Return URL-safe text that proves the claims for this purpose until `expires`."""
        payload = json.dumps([int(expires.timestamp()), dict(claims)], separators=(",", ":"), sort_keys=True)
        said = urlsafe_b64encode(payload.encode()).rstrip(b"=")
        return b".".join((said, _proof(self._secrets[0], purpose, said))).decode("ascii")

    def read(self, token: str, purpose: str, now: datetime) -> dict[str, str]:
        """Return the claims of a link made for this purpose. Raises LinkRefused."""
        said, full_stop, proof = token.encode("utf-8", "replace").partition(b".")
        if not full_stop:
            raise LinkRefused("malformed")
        if not any(hmac.compare_digest(_proof(secret, purpose, said), proof) for secret in self._secrets):
            raise LinkRefused("not_ours")
        expires, claims = json.loads(urlsafe_b64decode(said + b"=" * (-len(said) % 4)))
        if now.timestamp() >= expires:
            raise LinkRefused("expired")
        return {str(name): str(value) for name, value in claims.items()}


def _key(secret: bytes) -> bytes:
    """Read a secret as the standard writes it, or as our own secret files do (base64url, no padding)."""
    text = secret.strip().removeprefix(_PREFIX).rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
    try:
        key = b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except NotBase64 as error:
        raise SigningSecretUnusable("a signing secret is base64 text; replace the secret's file") from error
    if len(key) < _SHORTEST_KEY_BYTES:
        raise SigningSecretUnusable(
            f"a signing secret has at least {_SHORTEST_KEY_BYTES} bytes; make a longer one"
        )
    return key


def _mac(key: bytes, message_id: str, seconds: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{message_id}.{seconds}.".encode("ascii") + body, "sha256")


def _given(headers: Mapping[str, str], name: str, shape: re.Pattern[str]) -> str:
    value = headers.get(name, "")
    if not value:
        raise SignatureRefused("missing_header")
    if not shape.fullmatch(value):
        raise SignatureRefused("malformed_header")
    return value


def _fresh(seconds: int, now: datetime, tolerance: timedelta) -> datetime:
    sent = datetime.fromtimestamp(seconds, UTC)
    if sent < now - tolerance:
        raise SignatureRefused("too_old")
    if sent > now + tolerance:
        raise SignatureRefused("too_new")
    return sent


def _offered(header: str) -> list[bytes]:
    """Every readable v1 signature of the header; other versions and broken ones count for nothing."""
    if not header:
        raise SignatureRefused("missing_header")
    readable: list[bytes] = []
    for entry in header.split(" ")[:_MOST_SIGNATURES]:
        version, _, text = entry.partition(",")
        try:
            readable += [b64decode(text, validate=True)] if version == "v1" else []
        except ValueError:  # not base64, or not even ASCII
            continue
    if not readable:
        raise SignatureRefused("malformed_header")
    return readable


def _proof(secret: bytes, purpose: str, said: bytes) -> bytes:
    """Half an HMAC-SHA256 (RFC 2104 §5), because links go into short messages; 128 bits stay out of reach."""
    content = b"\x1f".join((b"siaga112/link/v1", purpose.encode(), said))
    return urlsafe_b64encode(hmac.new(secret, content, hashlib.sha256).digest()[:16]).rstrip(b"=")
