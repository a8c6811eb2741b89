import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from service_kit.identity import (
    KeySet,
    KeysUnavailable,
    Kind,
    Principal,
    Role,
    Signer,
    SigningKeyUnusable,
    TokenRefused,
    Verifier,
)
from service_kit.secrets import Secrets

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SITI = Principal("siti", "Siti Nurhaliza", Kind.PERSON, frozenset({"53.03"}), frozenset({Role.CALL_TAKER}))
DAMKAR = Principal("d1", "Damkar TTU", Kind.AGENCY, frozenset({"53.03"}), frozenset({Role.AGENCY}), "damkar")
SECOND = timedelta(seconds=1)


class Directory:
    """A signer, the file it publishes, and a verifier that reads the file."""

    def __init__(self, directory: Path) -> None:
        self.secrets = Secrets(directory / "secrets")
        self.key_file = directory / "secrets" / "signing" / "tokens.key"
        self.published = directory / "keys.json"
        self.signer = Signer(self.secrets, issuer="siaga112", audience="siaga112")
        self.signer.publish(self.published)
        self.verifier = Verifier(KeySet(self.published), "siaga112", "siaga112")

    def refusal(self, token: str, now: datetime = NOW) -> str:
        with pytest.raises(TokenRefused) as refusal:
            self.verifier.verify(token, now)
        return refusal.value.reason

    def forged(self, claims: dict[str, Any] | None = None, headers: dict[str, Any] | None = None) -> str:
        """A token with odd contents, signed with the true key."""
        seed = self.secrets.read("signing/tokens.key")
        key = Ed25519PrivateKey.from_private_bytes(_unpadded(seed))
        honest = jwt.decode(self.signer.token(SITI, NOW), options={"verify_signature": False})
        content = {name: value for name, value in (honest | (claims or {})).items() if value is not ...}
        header = {"kid": self.signer.jwks()["keys"][0]["kid"], "typ": "at+jwt"} | (headers or {})
        return _jws(header | {"alg": "EdDSA"} | (headers or {}), content, key)


def _unpadded(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"=")


def _part(content: Any) -> bytes:
    return urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=")


def _jws(header: dict[str, Any], claims: dict[str, Any], key: Ed25519PrivateKey) -> str:
    said = _part({name: value for name, value in header.items() if value is not ...}) + b"." + _part(claims)
    return (said + b"." + urlsafe_b64encode(key.sign(said)).rstrip(b"=")).decode()


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path)


@pytest.mark.parametrize("who", [SITI, DAMKAR], ids=lambda who: who.subject)
def test_a_token_proves_who_it_was_made_for(directory: Directory, who: Principal) -> None:
    assert directory.verifier.verify(directory.signer.token(who, NOW), NOW) == who


def test_a_key_is_made_at_the_first_start_and_stays(directory: Directory, tmp_path: Path) -> None:
    again = Signer(Secrets(tmp_path / "secrets"), issuer="siaga112", audience="siaga112")
    assert again.jwks() == directory.signer.jwks()
    assert directory.key_file.stat().st_mode & 0o777 == 0o600


def test_the_published_keys_hold_nothing_private(directory: Directory) -> None:
    (key,) = json.loads(directory.published.read_text())["keys"]
    assert set(key) == {"kty", "crv", "x", "kid", "alg", "use"}
    assert directory.published.stat().st_mode & 0o777 == 0o644


def test_a_token_ends_when_it_says_so_with_ten_seconds_grace(directory: Directory) -> None:
    token = directory.signer.token(SITI, NOW, timedelta(minutes=5))
    end = NOW + timedelta(minutes=5, seconds=10)
    assert directory.verifier.verify(token, end - SECOND) == SITI
    assert directory.refusal(token, end) == "expired"


def test_a_token_from_the_future_is_refused_but_not_one_by_a_clock_that_is_ahead(
    directory: Directory,
) -> None:
    token = directory.signer.token(SITI, NOW)
    assert directory.verifier.verify(token, NOW - timedelta(minutes=15)) == SITI
    assert directory.refusal(token, NOW - timedelta(minutes=15, seconds=1)) == "not_yet_valid"


def test_a_token_that_is_not_good_yet_is_refused_by_its_second(directory: Directory) -> None:
    later = int(NOW.timestamp()) + 15 * 60
    assert directory.verifier.verify(directory.forged({"nbf": later}), NOW) == SITI
    assert directory.refusal(directory.forged({"nbf": later + 1})) == "not_yet_valid"


def test_a_token_lives_for_a_shift_at_most_and_for_a_second_at_least(directory: Directory) -> None:
    began = int(NOW.timestamp())
    for seconds in (1, 12 * 3600):
        assert (
            directory.verifier.verify(directory.forged({"iat": began, "exp": began + seconds}), NOW) == SITI
        )
    for seconds in (0, 12 * 3600 + 1):
        assert directory.refusal(directory.forged({"iat": began, "exp": began + seconds})) == "claims"


def test_our_clock_alone_judges_when_a_token_was_made(directory: Directory) -> None:
    some_day = NOW + timedelta(days=20_000)
    assert directory.verifier.verify(directory.signer.token(SITI, some_day), some_day) == SITI


def test_the_longest_token_is_read_and_a_longer_one_is_not(directory: Directory) -> None:
    def padded(length: int) -> str:
        return directory.forged({"name": "x" * length})

    room = 8192 - len(padded(0))
    longest = max((padded(length) for length in range(room * 3 // 4 - 4, room * 3 // 4 + 4)), key=_fits)
    assert len(longest) == 8192
    assert directory.verifier.verify(longest, NOW).subject == "siti"
    assert directory.refusal(longest + "x") == "malformed"


def _fits(token: str) -> int:
    return len(token) if len(token) <= 8192 else 0


def test_a_refusal_says_why_to_who_reads_the_log() -> None:
    assert str(TokenRefused("expired")) == "token refused: expired"


def test_a_token_good_for_days_was_not_made_by_us(directory: Directory) -> None:
    assert directory.refusal(directory.signer.token(SITI, NOW, timedelta(hours=13))) == "claims"


@pytest.mark.parametrize("claim", ["exp", "iat", "iss", "aud", "sub", "kind", "tenants", "roles", "name"])
def test_a_token_without_a_required_claim_is_refused(directory: Directory, claim: str) -> None:
    assert directory.refusal(directory.forged({claim: ...})) in {"claims", "issuer", "audience"}


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "someone"}, "issuer"),
        ({"aud": "elsewhere"}, "audience"),
        ({"aud": ["siaga112", "elsewhere"]}, "audience"),
        ({"exp": "tomorrow"}, "claims"),
        ({"exp": 1e12}, "claims"),
        ({"exp": True}, "claims"),
        ({"iat": "now"}, "claims"),
        ({"nbf": "now"}, "claims"),
        ({"nbf": int(NOW.timestamp()) + 16 * 60}, "not_yet_valid"),
        ({"sub": 7}, "claims"),
        ({"kind": "ghost"}, "claims"),
        ({"kind": "agency"}, "claims"),
        ({"tenants": "53.03"}, "claims"),
        ({"tenants": ["*"]}, "claims"),
        ({"roles": "supervisor"}, "claims"),
        ({"roles": [["supervisor"]]}, "claims"),
        ({"agency": "damkar"}, "claims"),
        ({"agency": 7}, "claims"),
    ],
)
def test_a_token_with_an_impossible_claim_is_refused(
    directory: Directory, claims: dict[str, Any], reason: str
) -> None:
    assert directory.refusal(directory.forged(claims)) == reason


def test_a_role_of_a_newer_release_grants_nothing_and_does_no_harm(directory: Directory) -> None:
    assert directory.verifier.verify(directory.forged({"roles": ["call_taker", "drone_pilot"]}), NOW) == SITI


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1},
        {"crit": []},
        {"jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}},
        {"jku": "https://example.org/keys"},
        {"x5u": "https://example.org/certificate"},
        {"x5c": ["AAAA"]},
        {"b64": False},
        {"typ": "JWT"},
        {"typ": ...},
        {"kid": ...},
    ],
)
def test_a_header_that_asks_for_something_odd_is_refused_though_well_signed(
    directory: Directory, header: dict[str, Any]
) -> None:
    assert directory.refusal(directory.forged(headers=header)) in {"header", "malformed"}


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "RS256", "ES256", "eddsa", "", None, 7])
def test_no_other_algorithm_is_accepted(directory: Directory, algorithm: Any) -> None:
    assert directory.refusal(directory.forged(headers={"alg": algorithm})) in {"algorithm", "malformed"}


def test_an_unsigned_token_is_refused(directory: Directory) -> None:
    unsigned = jwt.encode({"sub": "siti"}, "", algorithm="none", headers={"typ": "at+jwt", "kid": "x"})
    assert directory.refusal(unsigned) == "algorithm"


def test_the_public_key_used_as_a_password_opens_nothing(directory: Directory) -> None:
    public = directory.signer.jwks()["keys"][0]
    forged = jwt.encode(
        {"sub": "siti"}, public["x"] * 2, algorithm="HS256", headers={"typ": "at+jwt", "kid": public["kid"]}
    )
    assert directory.refusal(forged) == "algorithm"


def test_a_token_of_a_stranger_who_uses_our_keys_name_is_refused(directory: Directory) -> None:
    claims = jwt.decode(directory.signer.token(SITI, NOW), options={"verify_signature": False})
    header = {"alg": "EdDSA", "typ": "at+jwt", "kid": directory.signer.jwks()["keys"][0]["kid"]}
    assert directory.refusal(_jws(header, claims, Ed25519PrivateKey.generate())) == "signature"


def test_a_token_of_a_key_nobody_published_is_refused(directory: Directory, tmp_path: Path) -> None:
    stranger = Signer(Secrets(tmp_path / "stranger"), issuer="siaga112", audience="siaga112")
    assert directory.refusal(stranger.token(SITI, NOW)) == "unknown_key"


def test_changed_claims_are_noticed(directory: Directory) -> None:
    header, _, signature = directory.signer.token(SITI, NOW).split(".")
    claims = jwt.decode(directory.signer.token(SITI, NOW), options={"verify_signature": False})
    better = _part(claims | {"roles": ["supervisor"]}).decode()
    assert directory.refusal(f"{header}.{better}.{signature}") == "signature"


def test_well_signed_rubbish_is_no_token(directory: Directory) -> None:
    header, _, _ = directory.signer.token(SITI, NOW).split(".")
    key = Ed25519PrivateKey.from_private_bytes(_unpadded(directory.secrets.read("signing/tokens.key")))
    said = f"{header}.{_part([1]).decode()}"
    signature = urlsafe_b64encode(key.sign(said.encode())).rstrip(b"=").decode()
    assert directory.refusal(f"{said}.{signature}") == "malformed"


def _deep(depth: int) -> str:
    return urlsafe_b64encode(b"[" * depth).decode().rstrip("=")


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b.c", "é.é.é", "x" * 9000, f"{_deep(6000)}.e30.AAAA", "bnVsbA.e30.AAAA"]
)
def test_what_is_no_token_is_refused(directory: Directory, token: str) -> None:
    assert directory.refusal(token) == "malformed"


@given(
    st.text(max_size=60)
    | st.binary(max_size=60).map(lambda raw: urlsafe_b64encode(raw).decode() + ".e30.AAAA")
)
def test_whatever_a_stranger_sends_is_refused_and_nothing_else(token: str) -> None:
    with pytest.raises(TokenRefused):
        Verifier(KeySet(Path("/nonexistent")), "siaga112", "siaga112").verify(token, NOW)


def test_while_keys_are_rotated_old_and_new_tokens_count(directory: Directory, tmp_path: Path) -> None:
    before = directory.signer.token(SITI, NOW)
    old = directory.secrets.read("signing/tokens.key")
    new = Secrets(tmp_path / "spare").ensure("new")
    directory.key_file.write_bytes(new + b"\n" + old + b"\n")
    directory.signer.publish(directory.published)
    after = directory.signer.token(SITI, NOW)
    assert jwt.get_unverified_header(after)["kid"] != jwt.get_unverified_header(before)["kid"]
    assert directory.verifier.verify(before, NOW) == SITI
    assert directory.verifier.verify(after, NOW) == SITI


def test_a_key_that_was_taken_out_counts_no_more(directory: Directory, tmp_path: Path) -> None:
    before = directory.signer.token(SITI, NOW)
    assert directory.verifier.verify(before, NOW) == SITI
    directory.key_file.write_bytes(Secrets(tmp_path / "spare").ensure("new"))
    directory.signer.publish(directory.published)
    assert directory.refusal(before) == "unknown_key"


def test_an_unknown_key_is_looked_up_again_even_if_the_file_looks_unchanged(
    directory: Directory, tmp_path: Path
) -> None:
    assert directory.verifier.verify(directory.signer.token(SITI, NOW), NOW) == SITI
    look = directory.published.stat()
    directory.key_file.write_bytes(Secrets(tmp_path / "spare").ensure("new"))
    directory.published.write_text(json.dumps(directory.signer.jwks(), indent=2))
    os.utime(directory.published, ns=(look.st_atime_ns, look.st_mtime_ns))
    assert (directory.published.stat().st_mtime_ns, directory.published.stat().st_size) == (
        look.st_mtime_ns,
        look.st_size,
    )
    assert directory.verifier.verify(directory.signer.token(SITI, NOW), NOW) == SITI


@pytest.mark.parametrize("damage", ["", "not json", "[]", "{}", '{"keys": [{}]}', '{"keys": []}'])
def test_the_last_good_keys_stay_while_the_file_is_damaged(directory: Directory, damage: str) -> None:
    token = directory.signer.token(SITI, NOW)
    assert directory.verifier.verify(token, NOW) == SITI
    directory.published.write_text(damage)
    assert directory.verifier.verify(token, NOW) == SITI
    directory.published.unlink()
    assert directory.verifier.verify(token, NOW) == SITI


def test_before_any_key_was_read_nothing_is_judged(directory: Directory, tmp_path: Path) -> None:
    verifier = Verifier(KeySet(tmp_path / "not yet"), "siaga112", "siaga112")
    with pytest.raises(KeysUnavailable, match="not yet"):
        verifier.verify(directory.signer.token(SITI, NOW), NOW)


def test_keys_of_other_kinds_beside_ours_are_passed_over(directory: Directory) -> None:
    keys = directory.signer.jwks()["keys"]
    directory.published.write_text(json.dumps({"keys": [{"kty": "RSA", "kid": "r"}, *keys]}))
    assert directory.verifier.verify(directory.signer.token(SITI, NOW), NOW) == SITI


@pytest.mark.parametrize("line", [b"c2hvcnQ", b"\xff\xfe", b"A" * 44 + b"!"])
def test_a_damaged_signing_key_is_said(directory: Directory, line: bytes) -> None:
    directory.key_file.write_bytes(line)
    with pytest.raises(SigningKeyUnusable):
        directory.signer.jwks()
