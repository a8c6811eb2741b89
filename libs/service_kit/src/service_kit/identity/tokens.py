"""Judging a token: the way in for people, robots, agencies and bridges."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

import jwt

from service_kit.identity.grants import Kind, Principal, PrincipalRefused, Role
from service_kit.identity.keys import ALGORITHM, TOKEN_TYPE, KeySet

LEEWAY = timedelta(seconds=10)
"""How far two machines' clocks may be apart."""

EARLIEST = timedelta(minutes=15)
"""How far the directory's clock may be ahead of ours, or ours behind: nobody is locked out by a clock that
lies, and a token that is ours and not over is not worth less for being new."""

LONGEST_LIFE = timedelta(hours=12)
"""One shift and its hand-over; whatever claims to be good for longer was not made by us."""

_LONGEST_TOKEN = 8192
_REQUIRED = ["exp", "iat", "iss", "aud", "sub"]
# A token never brings its own key, nor rules that we would have to understand (RFC 8725 §3.8, §3.10).
_REFUSED_HEADERS = frozenset({"crit", "b64", "jwk", "jku", "x5u", "x5c", "zip", "enc"})

TokenFault = Literal[
    "malformed",
    "header",
    "algorithm",
    "unknown_key",
    "signature",
    "claims",
    "issuer",
    "audience",
    "expired",
    "not_yet_valid",
]


class TokenRefused(Exception):
    """A token proves nothing. The reason is for the log; whoever sent it learns only that it was refused."""

    def __init__(self, reason: TokenFault) -> None:
        super().__init__(f"token refused: {reason}")
        self.reason = reason


class Verifier:
    """Turns a token into the somebody it proves, or refuses it."""

    def __init__(self, key_set: KeySet, issuer: str, audience: str) -> None:
        self._key_set, self._issuer, self._audience = key_set, issuer, audience

    def verify(self, token: str, now: datetime) -> Principal:
        """Return who the token proves. Raises TokenRefused; KeysUnavailable while there are no keys at all."""
        key = self._key_set.find(_key_name(token))
        if key is None:
            raise TokenRefused("unknown_key")
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=self._issuer,
                # PyJWT would ask the machine's clock: the times are judged below, at the time we are given.
                options={
                    "require": _REQUIRED,
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                },
            )
        except jwt.InvalidTokenError as error:
            raise TokenRefused(_fault(error)) from error
        _refuse_untimely(claims, now.timestamp())
        return _principal(claims)


def _key_name(token: str) -> str:
    """Return the name of the key a token wants to be judged by, from a header that asks for nothing odd."""
    if len(token) > _LONGEST_TOKEN or not token.isascii():
        raise TokenRefused("malformed")
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise TokenRefused("malformed") from error
    if header.get("alg") != ALGORITHM:
        raise TokenRefused("algorithm")
    kid = header.get("kid")
    if header.keys() & _REFUSED_HEADERS or header.get("typ") != TOKEN_TYPE or not isinstance(kid, str):
        raise TokenRefused("header")
    return kid


def _fault(error: jwt.InvalidTokenError) -> TokenFault:
    kinds: tuple[tuple[type[jwt.InvalidTokenError], TokenFault], ...] = (
        (jwt.InvalidSignatureError, "signature"),
        (jwt.InvalidAlgorithmError, "algorithm"),
        (jwt.InvalidIssuerError, "issuer"),
        (jwt.InvalidAudienceError, "audience"),
        (jwt.DecodeError, "malformed"),
    )
    return next((fault for kind, fault in kinds if isinstance(error, kind)), "claims")


def _refuse_untimely(claims: Mapping[str, Any], now: float) -> None:
    issued, expires, begins = (claims.get(name) for name in ("iat", "exp", "nbf"))
    if type(issued) is not int or type(expires) is not int or type(begins) not in {int, type(None)}:
        raise TokenRefused("claims")
    leeway = LEEWAY.total_seconds()
    if now >= expires + leeway:
        raise TokenRefused("expired")
    if max(issued, begins or 0) > now + EARLIEST.total_seconds():
        raise TokenRefused("not_yet_valid")
    if not 0 < expires - issued <= LONGEST_LIFE.total_seconds():
        raise TokenRefused("claims")


def _principal(claims: Mapping[str, Any]) -> Principal:
    """Read who it is. A role we do not know yet (a newer directory's) grants nothing and is passed over."""
    known = {role.value for role in Role}
    try:
        return Principal(
            subject=claims["sub"],
            name=_word(claims["name"]),
            kind=Kind(claims["kind"]),
            tenants=frozenset(_words(claims["tenants"])),
            roles=frozenset(Role(role) for role in _words(claims["roles"]) if role in known),
            agency=_word(claims["agency"]) if "agency" in claims else None,
        )
    except (KeyError, TypeError, PrincipalRefused, ValueError) as error:
        raise TokenRefused("claims") from error


def _words(value: Any) -> list[str]:
    """Insist on a list of strings: a string would otherwise be read as its letters."""
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise TypeError("a list of strings is expected")
    return value


def _word(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a string is expected")
    return value
