import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from service_kit.signing import (
    LinkRefused,
    LinkSigner,
    SignatureRefused,
    SigningSecretUnusable,
    Verified,
    shareable,
    sign,
    verify,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
# A key whose base64url spelling holds '-' and '_', which a lenient base64 reader silently drops.
SECRET = urlsafe_b64encode(bytes([0xFB, 0xFF, 0xBF] * 10 + [1, 2])).rstrip(b"=")
OTHER = urlsafe_b64encode(b"o" * 32)
BODY = b'{"event":"ringing"}'


def _refusal(headers: dict[str, str], body: bytes = BODY, now: datetime = NOW) -> str:
    with pytest.raises(SignatureRefused) as refusal:
        verify([SECRET], headers, body, now)
    return refusal.value.reason


def test_a_signed_message_is_proven() -> None:
    assert verify([SECRET], sign(SECRET, "ring-1", NOW, BODY), BODY, NOW) == Verified("ring-1", NOW)


def test_a_body_need_not_be_text() -> None:
    body = bytes(range(256))
    assert verify([SECRET], sign(SECRET, "ring-1", NOW, body), body, NOW).id == "ring-1"


def test_a_standard_webhooks_library_accepts_what_we_sign() -> None:
    now = datetime.now(UTC)
    Webhook(shareable(SECRET)).verify(BODY, sign(SECRET, "ring-1", now, BODY))


def test_we_accept_what_a_standard_webhooks_library_signs() -> None:
    signature = Webhook(shareable(SECRET)).sign("ring-1", NOW, BODY.decode())
    headers = {
        "Webhook-Id": "ring-1",
        "Webhook-Timestamp": str(int(NOW.timestamp())),
        "Webhook-Signature": signature,
    }
    assert verify([SECRET], headers, BODY, NOW).id == "ring-1"


def test_a_secret_may_be_spelled_as_the_standard_does_or_as_our_files_do() -> None:
    plain = b"whsec_" + b64encode(b"k" * 32)
    ours = urlsafe_b64encode(b"k" * 32).rstrip(b"=") + b"\n"
    assert verify([ours], sign(plain, "ring-1", NOW, BODY), BODY, NOW).id == "ring-1"


def test_while_a_secret_is_rotated_old_and_new_both_count() -> None:
    assert verify([OTHER, SECRET], sign(SECRET, "ring-1", NOW, BODY), BODY, NOW).id == "ring-1"


def test_one_good_signature_among_several_is_enough() -> None:
    headers = sign(SECRET, "ring-1", NOW, BODY)
    wrong = sign(OTHER, "ring-1", NOW, BODY)["webhook-signature"]
    headers["webhook-signature"] = f"v1a,abcd {wrong} v1,??? v1 {headers['webhook-signature']}"
    assert verify([SECRET], headers, BODY, NOW).id == "ring-1"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"webhook-id": ""}, "missing_header"),
        ({"webhook-timestamp": ""}, "missing_header"),
        ({"webhook-signature": ""}, "missing_header"),
        ({"webhook-id": "ring.1"}, "malformed_header"),
        ({"webhook-id": "ring 1"}, "malformed_header"),
        ({"webhook-id": "é"}, "malformed_header"),
        ({"webhook-id": "r" * 257}, "malformed_header"),
        ({"webhook-timestamp": "soon"}, "malformed_header"),
        ({"webhook-timestamp": "1e9"}, "malformed_header"),
        ({"webhook-timestamp": "-1"}, "malformed_header"),
        ({"webhook-timestamp": "nan"}, "malformed_header"),
        ({"webhook-timestamp": "٣"}, "malformed_header"),
        ({"webhook-timestamp": "9" * 30}, "malformed_header"),
        ({"webhook-timestamp": "0"}, "too_old"),
        ({"webhook-timestamp": "99999999999"}, "too_new"),
        ({"webhook-signature": "nonsense"}, "malformed_header"),
        ({"webhook-signature": "v1,%%%"}, "malformed_header"),
        ({"webhook-signature": "v1,é"}, "malformed_header"),
        ({"webhook-signature": "v2,AAAA"}, "malformed_header"),
        ({"webhook-signature": "v1,AAAA"}, "no_match"),
        ({"webhook-signature": "v1,"}, "no_match"),
        ({"webhook-id": "ring-2"}, "no_match"),
        ({"webhook-timestamp": str(int(NOW.timestamp()) + 1)}, "no_match"),
    ],
)
def test_a_message_that_proves_nothing_is_refused_with_its_reason(
    change: dict[str, str], reason: str
) -> None:
    assert _refusal(sign(SECRET, "ring-1", NOW, BODY) | change) == reason


def test_another_body_is_refused() -> None:
    assert _refusal(sign(SECRET, "ring-1", NOW, BODY), BODY + b" ") == "no_match"


def test_another_secret_is_refused() -> None:
    assert _refusal(sign(OTHER, "ring-1", NOW, BODY)) == "no_match"


def test_no_secret_at_all_proves_nothing() -> None:
    with pytest.raises(SignatureRefused):
        verify([], sign(SECRET, "ring-1", NOW, BODY), BODY, NOW)


def test_five_minutes_are_tolerated_and_not_a_second_more() -> None:
    headers = sign(SECRET, "ring-1", NOW, BODY)
    five, second = timedelta(minutes=5), timedelta(seconds=1)
    assert verify([SECRET], headers, BODY, NOW + five).timestamp == NOW
    assert verify([SECRET], headers, BODY, NOW - five).timestamp == NOW
    assert _refusal(headers, now=NOW + five + second) == "too_old"
    assert _refusal(headers, now=NOW - five - second) == "too_new"


@given(
    headers=st.dictionaries(
        st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "Webhook-Id"]),
        st.text(max_size=40),
    ),
    body=st.binary(max_size=40),
)
def test_whatever_a_stranger_sends_is_refused_and_nothing_else(headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(SignatureRefused):
        verify([SECRET], headers, body, NOW)


@pytest.mark.parametrize("secret", [b"", b"not base64!", b"c2hvcnQ", "é".encode()])
def test_a_bad_secret_of_our_own_is_our_own_error(secret: bytes) -> None:
    with pytest.raises(SigningSecretUnusable):
        verify([secret], sign(SECRET, "ring-1", NOW, BODY), BODY, NOW)


def test_an_id_with_a_full_stop_is_never_signed() -> None:
    with pytest.raises(ValueError, match="full stop"):
        sign(SECRET, "1732240000.17", NOW, BODY)


LINKS = LinkSigner(SECRET)
CLAIMS = {"tenant": "53.03", "task": "b8f0"}
HOUR = timedelta(hours=1)


def _link_refusal(token: str, purpose: str = "reply", now: datetime = NOW) -> str:
    with pytest.raises(LinkRefused) as refusal:
        LINKS.read(token, purpose, now)
    return refusal.value.reason


def test_a_link_says_what_was_put_into_it_until_it_expires() -> None:
    token = LINKS.token("reply", CLAIMS, NOW + HOUR)
    assert LINKS.read(token, "reply", NOW + HOUR - timedelta(seconds=1)) == CLAIMS
    assert _link_refusal(token, now=NOW + HOUR) == "expired"


def test_a_link_needs_no_escaping_in_an_address() -> None:
    assert set(LINKS.token("reply", {"x": "?/&=é"}, NOW)) <= set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
    )


def test_a_link_for_one_purpose_is_good_for_no_other() -> None:
    assert _link_refusal(LINKS.token("follow", CLAIMS, NOW + HOUR)) == "not_ours"


def test_a_link_of_another_secret_is_refused() -> None:
    assert _link_refusal(LinkSigner(OTHER).token("reply", CLAIMS, NOW + HOUR)) == "not_ours"


def test_a_link_outlives_the_rotation_of_its_secret() -> None:
    token = LINKS.token("reply", CLAIMS, NOW + HOUR)
    assert LinkSigner(OTHER, SECRET).read(token, "reply", NOW) == CLAIMS


def test_every_changed_letter_of_a_link_is_noticed() -> None:
    token = LINKS.token("reply", CLAIMS, NOW + HOUR)
    for place, letter in enumerate(token[:-1]):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert _link_refusal(changed) in {"not_ours", "malformed"}


@pytest.mark.parametrize("token", ["", ".", "abc", "a.b.c", "\udcff.x", json.dumps(CLAIMS)])
def test_a_link_that_is_none_is_refused(token: str) -> None:
    assert _link_refusal(token) in {"not_ours", "malformed"}


def test_a_short_secret_makes_no_links() -> None:
    with pytest.raises(SigningSecretUnusable):
        LinkSigner(b"short")
