"""What is counted from the log leaves out what two clocks that differ say, as the recap does."""

from typing import Any

from tests.faults.counting import Month, figures_of


def task(task_id: str, *, asked: str, accepted: str) -> dict[str, Any]:
    """Return a task as the log tells it."""
    return {
        "task_id": task_id,
        "agency": "damkar",
        "status": "accepted",
        "offers": [{"at": f"2026-11-23T04:00:{asked}Z"}],
        "accepted_at": f"2026-11-23T04:00:{accepted}Z",
        "acceptance_recorded_at": f"2026-11-23T04:00:{accepted}Z",
    }


def test_an_acceptance_before_its_question_is_no_duration() -> None:
    ticket = dict.fromkeys(("status", "incident_type", "common_type", "lane", "disposition"), "open") | {
        "reopened": 0
    }
    tasks = [task("1", asked="10", accepted="12"), task("2", asked="10", accepted="04")]
    figures = figures_of(Month(tickets=[(ticket, tasks)]), ())
    assert figures["acceptance_seconds_p90", ""].value == 2.0
    assert figures["acceptance_seconds_p90", ""].sample == 1
