"""Where the time goes, from spans."""

import json
from pathlib import Path

import pytest

from bench.stages import STAGES, Span, Way, medians, read_spans, stages_of

WAY = Way("t1", "d1", began=10.0, ended=11.0)
SPANS = [
    Span("dispatch", "ticket.escalated process", "ticket/t1", 10.1, 10.3),
    Span("agency-notifier", "task.assigned process", "response/t1", 10.4, 10.9),
    Span("agency-notifier", "delivery send", "delivery/d1", 10.6, 11.1),
]


def test_the_stages_of_a_way_add_up_to_the_way() -> None:
    stages = stages_of([WAY], SPANS)
    assert [round(stages[name][0], 3) for name in STAGES] == [0.1, 0.2, 0.1, 0.2, 0.4]
    assert sum(medians(stages).values()) == pytest.approx(WAY.ended - WAY.began)


def test_of_a_repeated_event_the_first_telling_counts() -> None:
    again = Span("dispatch", "ticket.escalated process", "ticket/t1", 15.0, 15.1)
    assert stages_of([WAY], [again, *SPANS]) == stages_of([WAY], SPANS)


def test_a_way_with_a_span_missing_tells_no_stage() -> None:
    assert medians(stages_of([WAY], SPANS[:2])) == {}


def test_spans_are_read_from_every_file_and_half_a_line_is_passed_over(tmp_path: Path) -> None:
    line = {
        "service": "dispatch",
        "name": "ticket.escalated process",
        "start_ns": 1_500_000_000,
        "end_ns": 2_000_000_000,
        "attributes": {"siaga.subject": "ticket/t1"},
    }
    (tmp_path / "dispatch.jsonl").write_text(json.dumps(line) + "\n" + '{"service": "dis')
    (tmp_path / "triage.jsonl").write_text(json.dumps({**line, "service": "triage", "attributes": {}}) + "\n")
    assert list(read_spans(tmp_path)) == [
        Span("dispatch", "ticket.escalated process", "ticket/t1", 1.5, 2.0),
        Span("triage", "ticket.escalated process", "", 1.5, 2.0),
    ]
