"""What waits in the spool reads back as it was told, today and by the next version."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.contracts.spooled import SpooledUnreadable, read_told, write_told
from intake.domain.facts import Caller, CallKey, Exit, Fact, FactKind, Told, Witness
from shared_schemas.sealed import Sealed
from shared_schemas.vocabulary import EndedBy

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAME = TEXT.filter(bool)
TIMES = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- bounds are naive
SPANS = st.none() | st.timedeltas(timedelta(), timedelta(days=2))
FACTS = st.builds(
    Fact,
    id=TEXT,
    call=st.builds(CallKey, TEXT, TEXT, TEXT),
    kind=st.sampled_from(FactKind),
    witness=st.sampled_from(Witness),
    occurred_at=TIMES,
    recorded_at=TIMES,
    order=st.integers(0, 10**9),
    queue=TEXT,
    agent=TEXT,
    began_at=st.none() | TIMES,
    waiting=SPANS,
    ringing=SPANS,
    talking=SPANS,
    cut_at=st.none() | TIMES,
    ended_by=st.none() | st.sampled_from(EndedBy),
    exit=st.none() | st.sampled_from(Exit),
    target=TEXT,
    caller=st.none() | st.builds(Sealed, NAME, NAME, NAME),
    caller_ref=st.none() | TEXT,
)


@given(told=st.builds(Told, FACTS, st.none() | st.builds(Caller, TEXT, TEXT)))
def test_every_fact_reads_back_as_it_was_told(told: Told) -> None:
    assert read_told(write_told(told)) == told


A_FACT = Fact(
    id="queued-1",
    call=CallKey("53.03", "pbx-ttu", "1"),
    kind=FactKind.QUEUED,
    witness=Witness.QUEUE_LOG,
    occurred_at=datetime(2026, 11, 23, 12, tzinfo=timezone(timedelta(hours=8))),
    recorded_at=datetime(2026, 11, 23, 4, tzinfo=UTC),
)


def test_what_a_newer_version_added_does_not_stop_an_older_one() -> None:
    written = json.loads(write_told(Told(A_FACT)))
    written["fact"]["mood"] = "calm"
    assert read_told(json.dumps(written).encode()) == Told(A_FACT)


@pytest.mark.parametrize("raw", [b"", b"{}", b"not json", b"[1]", b'{"fact": {"id": "081200001234"}}'])
def test_a_row_that_is_no_fact_is_named_without_telling_what_is_in_it(raw: bytes) -> None:
    with pytest.raises(SpooledUnreadable) as refusal:
        read_told(raw)
    assert "0812" not in str(refusal.value)
    assert refusal.value.__cause__ is None
