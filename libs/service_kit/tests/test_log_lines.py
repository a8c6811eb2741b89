"""Each taken event and each saved state is one line that says whose it is and in which trace."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from libs.service_kit.tests.hears_two_batches import STORY, TRACE

ROOT = Path(__file__).parents[3]
PROGRAM = "libs.service_kit.tests.hears_two_batches"


@cache
def lines(level: str) -> list[dict[str, Any]]:
    """Return what a service writes that hears one event twice."""
    program = [sys.executable, "-m", PROGRAM, level]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=True)
    assert STORY not in done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def told(event: str, level: str = "INFO") -> list[dict[str, Any]]:
    return [line for line in lines(level) if line["event"] == event]


def test_a_handled_event_is_one_line_with_its_tenant_ticket_and_trace() -> None:
    (line,) = told("event.handled")
    assert (
        line.items()
        >= {
            "level": "info",
            "service": "test",
            "tenant": "53.03",
            "topic": "agency.replied",
            "subject": "reply/1",
            "sequence": 7,
            "ticket_id": "t-1",
            "trace_id": TRACE,
        }.items()
    )


def test_a_saved_state_is_one_line_with_its_tenant_version_ticket_and_trace() -> None:
    (line,) = told("state.saved")
    assert (
        line.items()
        >= {
            "level": "info",
            "tenant": "53.03",
            "kind": "note",
            "id": "n-1",
            "version": 1,
            "what": "note.replied",
            "ticket_id": "t-1",
            "trace_id": TRACE,
        }.items()
    )


def test_an_event_that_changed_nothing_is_told_at_debug_level_only() -> None:
    assert [line["level"] for line in told("event.handled", "DEBUG")] == ["info", "debug"]


def test_the_bus_library_says_nothing_of_each_message_and_still_tells_its_troubles() -> None:
    for level in ("INFO", "DEBUG"):
        from_the_bus = [line["event"] for line in lines(level) if "faststream" in line["logger"]]
        assert from_the_bus == ["the subscriber is broken"]
