"""An envelope is read back as it was written, or refused with a reason, and nothing else."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_schemas.envelope import Envelope, EnvelopeUnreadable, read_envelope

SUBJECT = "ticket/0fe87df3-19f1-5cf3-9023-eb4fde402506"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
AN_ENVELOPE = Envelope(
    source="triage",
    subject=SUBJECT,
    topic="ticket.escalated",
    major=1,
    tenant="53.03",
    sequence=7,
    time=datetime(2026, 11, 22, 11, 42, 52, 210_000, tzinfo=UTC),
    traceparent=TRACE,
)

Headers = list[tuple[str, bytes | None]]


def with_header(name: str, value: bytes | None) -> Headers:
    return [(one, value if one == name else old) for one, old in AN_ENVELOPE.headers()]


def without_header(name: str) -> Headers:
    return [(one, value) for one, value in AN_ENVELOPE.headers() if one != name]


def saying(**changed: str) -> Headers:
    """Headers that differ in one attribute, with the id that would follow from it."""
    said = {"source": "triage", "subject": SUBJECT, "sequence": "7"} | changed
    said["id"] = changed.get("id", f"{said['source']}/{said['subject']}/{said['sequence']}")
    named = {f"ce_{name}": value.encode() for name, value in said.items()}
    return [(one, named.get(one, old)) for one, old in AN_ENVELOPE.headers()]


envelopes = st.builds(
    Envelope,
    source=st.sampled_from(["intake", "triage", "dispatch", "agency-notifier", "statistics", "directory"]),
    subject=st.uuids().map(lambda one: f"ticket/{one}") | st.from_regex(r"\Atenant/[0-9]{2}\.[0-9]{2}\Z"),
    topic=st.from_regex(r"\A[a-z]{1,40}\.[a-z_]{1,40}\Z"),
    major=st.integers(1, 9999),
    tenant=st.from_regex(r"\A[0-9]{2}\.[0-9]{2}\Z"),
    sequence=st.integers(1, 10**18 - 1),
    time=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - Hypothesis adds the zone
    traceparent=st.just("") | st.from_regex(r"\A[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}\Z"),
)


@given(envelopes)
def test_an_envelope_comes_back_as_it_was_written(envelope: Envelope) -> None:
    assert read_envelope(envelope.headers()) == envelope


@given(envelopes, st.randoms(use_true_random=False))
def test_the_order_of_headers_and_headers_of_others_do_not_matter(envelope: Envelope, chance: object) -> None:
    headers: Headers = [*envelope.headers(), ("x-from-elsewhere", b"\xff"), ("x-null", None)]
    chance.shuffle(headers)  # type: ignore[attr-defined] # Hypothesis gives a random.Random
    assert read_envelope(headers) == envelope


BROKEN: dict[str, Headers] = {
    "no headers at all": [],
    **{f"no {name}": without_header(name) for name, _ in AN_ENVELOPE.headers()[:8]},
    **{f"a null {name}": with_header(name, None) for name, _ in AN_ENVELOPE.headers()},
    **{f"an empty {name}": with_header(name, b"") for name, _ in AN_ENVELOPE.headers()[:8]},
    **{f"a {name} that is not UTF-8": with_header(name, b"\xff\xfe") for name, _ in AN_ENVELOPE.headers()},
    **{f"two of {name}": [*AN_ENVELOPE.headers(), (name, b"x")] for name, _ in AN_ENVELOPE.headers()[:9]},
    "another CloudEvents version": saying(specversion="0.3"),
    "an id of something else": saying(id="triage/ticket/other/7"),
    "an id of another sequence": saying(id=f"triage/{SUBJECT}/8"),
    "a foreign type": saying(type="com.example.ticket.escalated.v1"),
    "a type that only begins like ours": saying(type="id.siaga112evil.ticket.escalated.v1"),
    "a type without version": saying(type="id.siaga112.ticket.escalated"),
    "a type of version nought": saying(type="id.siaga112.ticket.escalated.v0"),
    "a type with Arabic digits": saying(type="id.siaga112.ticket.escalated.v\u0661"),
    "a type without topic": saying(type="id.siaga112.v1"),
    "a type with a new line": saying(type="id.siaga112.ticket.escalated.v1\n"),
    "a source with a slash": saying(source="triage/x"),
    "a source in capitals": saying(source="Triage"),
    "a source as long as a story": saying(source="t" * 5_000),
    "a subject without kind": saying(subject="0fe87df3"),
    "a subject with two slashes": saying(subject="ticket/a/b"),
    "a subject that climbs": saying(subject="ticket/../../etc"),
    "a subject with a null character": saying(subject="ticket/a\x00b"),
    "a subject that is too long": saying(subject="ticket/" + "a" * 65),
    "a tenant by name": saying(tenantid="TTU"),
    "a tenant with Arabic digits": saying(tenantid="٥٣.٠٣"),
    "a tenant with a new line": saying(tenantid="53.03\n"),
    "a tenant of a province": saying(tenantid="53"),
    "a sequence of nought": saying(sequence="0"),
    "a negative sequence": saying(sequence="-1"),
    "a sequence with a fraction": saying(sequence="7.0"),
    "a sequence with a leading nought": saying(sequence="07"),
    "a sequence with a space": saying(sequence=" 7"),
    "a sequence with an underscore": saying(sequence="1_000"),
    "a sequence beyond 64 bits": saying(sequence="9" * 19),
    "a sequence of ten thousand digits": saying(sequence="9" * 10_000),
    "a superscript sequence": saying(sequence="²"),
    "a time without zone": saying(time="2026-11-22T11:42:52"),
    "a time in WITA": saying(time="2026-11-22T19:42:52+08:00"),
    "a date only": saying(time="2026-11-22"),
    "a time in seconds": saying(time="1795347720"),
    "a 30th of February": saying(time="2026-02-30T11:42:52Z"),
    "a 25th hour": saying(time="2026-11-22T25:00:00Z"),
    "a year nought": saying(time="0000-01-01T00:00:00Z"),
    "a time in words": saying(time="besok pagi"),
    "a body in XML": with_header("content-type", b"text/xml"),
    "a structured-mode body": with_header("content-type", b"application/cloudevents+json"),
}


@pytest.mark.parametrize("headers", BROKEN.values(), ids=BROKEN.keys())
def test_broken_headers_are_refused_as_unreadable_and_as_nothing_else(headers: Headers) -> None:
    with pytest.raises(EnvelopeUnreadable) as refusal:
        read_envelope(headers)
    assert str(refusal.value)


@given(
    st.lists(
        st.tuples(st.text() | st.sampled_from([f"ce_{n}" for n in ("id", "time")]), st.binary() | st.none())
    )
)
def test_noise_is_refused_as_unreadable_and_as_nothing_else(headers: Headers) -> None:
    with pytest.raises(EnvelopeUnreadable):
        read_envelope(headers)


@given(st.sampled_from([name for name, _ in AN_ENVELOPE.headers()]), st.text())
def test_any_text_in_any_header_is_read_or_refused_as_unreadable(name: str, text: str) -> None:
    try:
        read = read_envelope(with_header(name, text.encode("utf-8", "surrogatepass")))
    except EnvelopeUnreadable:
        return
    assert read.id == AN_ENVELOPE.id


@pytest.mark.parametrize("broken", ["", "not-a-trace", TRACE.upper(), TRACE + "-x"])
def test_a_broken_trace_never_costs_an_event(broken: str) -> None:
    assert read_envelope(saying(traceparent=broken)).traceparent == ""


@pytest.mark.parametrize("said", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_name_its_charset(said: str) -> None:
    assert read_envelope(with_header("content-type", said.encode())) == AN_ENVELOPE


def test_a_missing_content_type_means_json() -> None:
    assert read_envelope(without_header("content-type")) == AN_ENVELOPE


def test_announcing_the_same_state_again_is_the_same_event() -> None:
    again = Envelope(
        **{name: getattr(AN_ENVELOPE, name) for name in AN_ENVELOPE.__slots__}
        | {"topic": "ticket.updated", "time": AN_ENVELOPE.time + timedelta(hours=1)}
    )
    assert again.id == AN_ENVELOPE.id


def test_a_writer_whose_clock_is_not_in_utc_is_found_out() -> None:
    wita = timezone(timedelta(hours=8))
    elsewhere = Envelope("triage", SUBJECT, "ticket.opened", 1, "53.03", 1, AN_ENVELOPE.time.astimezone(wita))
    with pytest.raises(EnvelopeUnreadable, match="ce_time"):
        read_envelope(elsewhere.headers())
