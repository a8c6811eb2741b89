import json
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from standardwebhooks.webhooks import Webhook

from service_kit.moment import Moment
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


def test_what_an_earlier_release_signed_and_linked_is_still_good() -> None:
    signed = {
        "webhook-id": "ring-1",
        "webhook-timestamp": "1795316400",
        "webhook-signature": "v1,MqNhu4eoM8bjvxWCfWx19PWg7jf/8EFXLtQ1kQB9tws=",
    }
    assert sign(SECRET, "ring-1", NOW, BODY) == signed
    signer, claims = LinkSigner(b"s" * 24), {"task": "t1", "agency": "damkar"}
    link = "WzE3OTUzMTY0MDAseyJhZ2VuY3kiOiJkYW1rYXIiLCJ0YXNrIjoidDEifV0.OLrbg4ANDCvkwspd90MPPQ"
    assert signer.token("task", claims, NOW) == link
    assert signer.read(link, "task", NOW - timedelta(seconds=1)) == claims


def test_a_link_of_any_length_is_read() -> None:
    signer = LinkSigner(b"s" * 24)
    for length in range(12):
        token = signer.token("task", {"task": "x" * length}, NOW)
        assert signer.read(token, "task", NOW - timedelta(days=1)) == {"task": "x" * length}


def test_the_first_full_stop_ends_what_a_link_says() -> None:
    signer = LinkSigner(b"s" * 24)
    with pytest.raises(LinkRefused) as refused:
        signer.read(f"{signer.token('task', {}, NOW)}.x", "task", NOW - timedelta(days=1))
    assert str(refused.value) == "link refused: not_ours"


def test_refusals_and_unusable_secrets_say_what_is_wrong() -> None:
    with pytest.raises(SignatureRefused, match=r"^signature refused: missing_header$"):
        verify([SECRET], {}, BODY, NOW)
    with pytest.raises(
        SigningSecretUnusable, match=r"^a link secret has at least 24 bytes; make a longer one$"
    ):
        LinkSigner(b"s" * 23)
    with pytest.raises(
        SigningSecretUnusable, match=r"^a signing secret has at least 24 bytes; make a longer one$"
    ):
        shareable(b64encode(b"k" * 23))
    for broken in (b"no base64 text at all, but long enough", b64encode(b"k" * 24) + b"!"):
        with pytest.raises(
            SigningSecretUnusable, match=r"^a signing secret is base64 text; replace the secret's file$"
        ):
            shareable(broken)
    with pytest.raises(
        ValueError, match=r"^a webhook id is 1 to 256 visible ASCII characters without a full stop$"
    ):
        sign(SECRET, "a.1", NOW, BODY)


@pytest.mark.parametrize("length", range(24, 30))
def test_a_secret_of_24_bytes_or_more_is_good_however_it_is_padded(length: int) -> None:
    key = b"k" * length
    padded, bare = b64encode(key), b64encode(key).rstrip(b"=")
    assert shareable(padded) == shareable(bare) == f"whsec_{padded.decode()}"


def test_a_signature_follows_another_version_and_broken_ones() -> None:
    headers = sign(SECRET, "ring-1", NOW, BODY)
    good = headers["webhook-signature"]
    for others in (f"v1,AAAA {good} v2,x", f"{good} v1,AAAA", f"v0,v1 {good}", f"v1,%% {good}"):
        assert verify([SECRET], headers | {"webhook-signature": others}, BODY, NOW).id == "ring-1"
    twisted = good.replace("v1,", "v1,v1,")
    assert _refusal(headers | {"webhook-signature": twisted}) == "malformed_header"


@pytest.mark.parametrize(
    "told", ["1900-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z", "2026-11-22T11:00:00+08:00"]
)
def test_a_moment_that_can_be_shown_is_kept_in_utc(told: str) -> None:
    moment = TypeAdapter(Moment).validate_python(told)
    assert (moment, moment.tzinfo) == (datetime.fromisoformat(told), UTC)


@pytest.mark.parametrize("told", ["1899-12-31T23:59:59.999999Z", "2200-01-01T00:00:00Z"])
def test_a_moment_that_cannot_be_shown_is_refused_in_words(told: str) -> None:
    with pytest.raises(ValidationError, match=r"Value error, is not a time between the years 1900 and 2200 "):
        TypeAdapter(Moment).validate_python(told)
