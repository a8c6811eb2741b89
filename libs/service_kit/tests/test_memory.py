"""What a document remembers: bounded, the newest kept, and a repeat is known by it."""

from datetime import UTC, datetime

import pytest

from service_kit import memory
from service_kit.decisions import Changed, Command, Heard
from service_kit.documents import Document
from service_kit.memory import (
    COMMANDS_KEPT,
    HEARD_KEPT,
    TIMELINE_KEPT,
    Step,
    heard_of,
    note_command,
    note_heard,
    note_step,
    read_step,
)
from service_kit.outgoing import Outgoing, from_entry, to_entry
from shared_schemas.envelope import Envelope

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
EARLIER = datetime(2026, 11, 22, 3, 59, tzinfo=UTC)
DECIDED = Changed("state", "ticket.closed", None, why="padam")
COMMAND = Command(key="k", by="siti", at=NOON, fingerprint="f", reason="warga", occurred_at=EARLIER)
HEARD = Heard(source="dispatch", subject="response/1", sequence=7, at=EARLIER)


def heard(subject: str, sequence: int) -> Heard:
    return Heard(source="intake", subject=subject, sequence=sequence, at=NOON)


def test_nothing_was_heard_before_the_first_time() -> None:
    document: Document = {}
    note_heard(document, {}, None)
    assert document == {"heard": []}
    assert heard_of({}) == {}


def test_the_newest_word_of_a_subject_replaces_the_one_before_and_goes_last() -> None:
    old: Document = {}
    for subject, sequence in (("call/1", 1), ("call/2", 4), ("call/1", 3)):
        note_heard(old, dict(old), heard(subject, sequence))
    assert [*heard_of(old).items()] == [("intake/call/2", 4), ("intake/call/1", 3)]


def test_the_longest_unheard_subject_leaves_past_the_bound() -> None:
    old: Document = {"heard": [{"about": f"intake/call/{one}", "sequence": 1} for one in range(HEARD_KEPT)]}
    document: Document = {}
    note_heard(document, old, heard("call/new", 1))
    kept = heard_of(document)
    assert len(kept) == HEARD_KEPT == 500
    assert "intake/call/0" not in kept
    assert {"intake/call/1", "intake/call/new"} <= {*kept}


def test_a_commands_key_is_kept_with_what_it_asked_and_the_oldest_leave() -> None:
    document: Document = {}
    note_command(document, {}, COMMAND)
    assert document == {"commands": [{"key": "k", "fingerprint": "f"}]}
    many = {"commands": [{"key": str(one), "fingerprint": ""} for one in range(COMMANDS_KEPT)]}
    note_command(document, many, COMMAND)
    assert [one["key"] for one in document["commands"]] == [*map(str, range(1, COMMANDS_KEPT)), "k"]
    note_command(document, document, None)
    assert len(document["commands"]) == COMMANDS_KEPT == 32


def stepped(command: Command | None, told: Heard | None, decided: Changed[str] = DECIDED) -> Step:
    document: Document = {}
    note_step(document, {}, decided, command, told, 3, NOON)
    [line] = document["timeline"]
    return read_step(line)


def test_a_command_is_who_changed_it_when_and_why() -> None:
    assert stepped(COMMAND, None) == Step(3, NOON, "ticket.closed", "siti", "warga", EARLIER)


def test_a_command_without_a_reason_leaves_the_decisions_own() -> None:
    silent = Command(key="k", by="siti", at=NOON)
    assert stepped(silent, None) == Step(3, NOON, "ticket.closed", "siti", "padam", silent.occurred_at)


def test_an_event_is_who_changed_it_by_its_source_and_time() -> None:
    assert stepped(None, HEARD) == Step(3, NOON, "ticket.closed", "dispatch", "padam", EARLIER)


def test_else_it_was_the_clock() -> None:
    assert stepped(None, None) == Step(3, NOON, "ticket.closed", "clock", "padam")


def test_a_step_carries_the_trace_that_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    monkeypatch.setattr(memory, "traceparent", lambda: parent)
    assert stepped(None, None).trace_id == "0af7651916cd43dd8448eb211c80319c"


def test_a_timeline_keeps_the_newest_lines() -> None:
    document: Document = {}
    old = {"timeline": [{"version": one} for one in range(TIMELINE_KEPT)]}
    note_step(document, old, DECIDED, None, None, 9_999, NOON)
    assert [one["version"] for one in document["timeline"]] == [*range(1, TIMELINE_KEPT), 9_999]
    assert len(document["timeline"]) == 1_000


def test_a_line_of_an_older_program_is_read_without_what_it_did_not_write() -> None:
    line = {"version": 1, "at": NOON, "what": "call.heard", "by": "intake"}
    assert read_step(line) == Step(1, NOON, "call.heard", "intake", "", None, "")


OUTGOING = Outgoing(
    tenant="53.03",
    topic="ticket.opened",
    source="triage",
    subject="ticket/t",
    sequence=5,
    key="t",
    body=b'{"a":1}',
    at=NOON,
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)


def test_an_event_comes_out_of_its_outbox_as_it_went_in() -> None:
    entry = to_entry(OUTGOING)
    assert entry["id"] == OUTGOING.entry_id == "5:ticket.opened"
    assert from_entry("53.03", entry) == OUTGOING


def test_an_outbox_is_written_in_words_that_older_programs_read() -> None:
    assert {*to_entry(OUTGOING)} == {
        "id", "source", "subject", "sequence", "topic", "key", "body", "at", "traceparent",
    }  # fmt: skip


def test_an_events_envelope_tells_whose_it_is() -> None:
    assert OUTGOING.envelope == Envelope(
        source="triage",
        subject="ticket/t",
        topic="ticket.opened",
        major=1,
        tenant="53.03",
        sequence=5,
        time=NOON,
        traceparent=OUTGOING.traceparent,
    )
