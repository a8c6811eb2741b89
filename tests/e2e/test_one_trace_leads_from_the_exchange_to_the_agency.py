"""One trace id leads from the telephone exchange's event to the agency's reply.

Where another call joined the ticket meanwhile, a service may have heard only of that: then the trace of the
first says in which one its story goes on.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from tests.e2e.system import System

pytestmark = pytest.mark.e2e

ON_THE_WAY = {"intake", "triage", "dispatch", "agency-notifier", "statistics"}


def spans_of(system: System) -> dict[str, list[dict[str, Any]]]:
    """Return every span that the services wrote, by trace."""
    traces: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in (system.home / "traces").glob("*.jsonl"):
        for line in path.read_text().splitlines():
            span = json.loads(line)
            traces[span["trace_id"]].append(span)
    return traces


def story_of(trace_id: str, traces: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the spans or lines of a trace, and of those in which it goes on."""
    told, found, coming = list[dict[str, Any]](), set[str](), {trace_id}
    while coming:
        found.add(one := coming.pop())
        told += traces[one]
        coming |= {other for said in traces[one] for other in _goes_on_in(said)} - found
    return told


def _goes_on_in(said: Mapping[str, Any]) -> list[str]:
    line = said.get("goes_on_in_trace")
    return [line] if line else said.get("linked_trace_ids", [])


def test_the_trace_of_a_call_holds_its_ticket_its_task_and_the_reply(replayed: System) -> None:
    traces = spans_of(replayed)
    tickets = replayed.all("triage", "/v1/tenants/53.03/tickets", status="all")
    followed = 0
    for ticket in tickets:
        shown = replayed.get("triage", f"/v1/tenants/53.03/tickets/{ticket['ticket_id']}")
        trace_ids = {step["trace_id"] for step in shown["timeline"] if step["what"] == "ticket.opened"}
        answer = replayed.ask("dispatch", f"/v1/tenants/53.03/responses/{ticket['ticket_id']}")
        if not answer.is_success or not any(task["status"] == "done" for task in answer.json()["tasks"]):
            continue
        (trace_id,) = trace_ids
        spans = story_of(trace_id, traces)
        assert UUID(hex=trace_id) in {UUID(call) for call in shown["calls"]}
        first = min(traces[trace_id], key=lambda span: int(span["start_ns"]))
        assert (first["service"], first["name"].partition(" ")[0]) == ("intake", "queue_log")
        assert {span["service"] for span in spans} >= ON_THE_WAY
        heard = {span["name"].partition(" ")[0] for span in spans}
        assert heard >= {"call.received", "ticket.escalated", "task.assigned", "agency.replied"}
        followed += 1
    assert followed > 0


def lines_of(system: System) -> dict[str, list[dict[str, Any]]]:
    """Return every line that the services logged inside a trace, by trace."""
    traces: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for service in ON_THE_WAY:
        for text in (system.home / "logs" / f"{service}.log").read_text("utf-8").splitlines():
            line = json.loads(text) if text.startswith("{") else {}
            if "trace_id" in line:
                traces[line["trace_id"]].append(line)
    return traces


def test_the_same_trace_id_is_in_the_logs_of_every_service_on_the_way(replayed: System) -> None:
    traces = lines_of(replayed)
    responses = replayed.all("dispatch", "/v1/tenants/53.03/responses", status="all")
    done = [one["ticket_id"] for one in responses if any(task["status"] == "done" for task in one["tasks"])]
    assert done
    for ticket in done:
        (trace_id,) = {line["trace_id"] for line in opened(traces, ticket)}
        story = story_of(trace_id, traces)
        assert {line["service"] for line in story} == ON_THE_WAY
        assert {line.get("tenant") for line in story} == {"53.03"}
        assert {line["event"] for line in story} >= {"event.handled", "state.saved"}


def opened(traces: dict[str, list[dict[str, Any]]], ticket: str) -> list[dict[str, Any]]:
    """Return the lines that tell of a ticket's opening."""
    return [
        line
        for lines in traces.values()
        for line in lines
        if line.get("ticket_id") == ticket and line.get("what") == "ticket.opened"
    ]


def test_a_tickets_timeline_says_when_who_why_and_in_which_trace(replayed: System) -> None:
    tickets = replayed.all("triage", "/v1/tenants/53.03/tickets", status="all")
    shown = replayed.get("triage", f"/v1/tenants/53.03/tickets/{tickets[0]['number']}")
    assert shown["timeline"]
    for step in shown["timeline"]:
        assert step["at"]
        assert step["what"]
        assert step["by"]
        assert len(step["trace_id"]) == 32
