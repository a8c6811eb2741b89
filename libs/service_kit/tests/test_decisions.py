"""The words between a use case and its store."""

from datetime import UTC, datetime

from service_kit.decisions import Heard


def test_what_is_heard_is_counted_by_one_subject_of_one_source() -> None:
    heard = Heard("triage", "ticket/t1", 3, datetime(2026, 11, 23, tzinfo=UTC))
    assert heard.about == "triage/ticket/t1"
