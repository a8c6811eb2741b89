"""A small run in which everything held, for tests that break one thing of it at a time."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bench.agencies import Replied
from bench.takers import Classified, Escalated
from tests.faults.history import (
    KILL,
    Death,
    Fault,
    Figure,
    History,
    Inputs,
    Request,
    Said,
    States,
    Told,
)

TENANT, MONTH = "53.03", "2026-11"
NIGHT = "2026-10-31T16:30:00Z"
"""Half past midnight on the first of November in the regency."""
TIMES = {
    "started_at": NIGHT,
    "queued_at": "2026-10-31T16:30:01Z",
    "answered_at": "2026-10-31T16:30:04Z",
    "ended_at": "2026-10-31T16:31:00Z",
}
Body = dict[str, Any]


def broken(checks: Mapping[str, Callable[[History], Iterator[str]]], history: History) -> list[str]:
    """Return the kind of each violation that these checks find."""
    return [kind for kind, check in checks.items() for _ in check(history)]


def call(version: int = 4, **news: Any) -> Body:
    """Return a call as intake tells it."""
    told = {"tenant": TENANT, "call_id": "c1", "stage": "ended", "outcome": "answered", **TIMES}
    return {**told, "waiting_seconds": 3.5, "talking_seconds": 56.0, "version": version, **news}


def desk_call(**news: Any) -> Body:
    """Return the same call as the desk tells it."""
    return {**call(6), "classification": "emergency", **news}


def ticket(**news: Any) -> Body:
    """Return its ticket."""
    told: Body = {
        "tenant": TENANT,
        "ticket_id": "t1",
        "number": "TTU-1",
        "status": "closed",
        "round": 1,
        "opened_at": NIGHT,
        "incident_type": "medical",
        "common_type": "medical",
        "lane": "emergency",
        "reopened": 0,
        "disposition": "helped",
        "calls": ["c1"],
        "escalations": [{"escalation_id": "e1", "agencies": ["dinkes"]}],
        "version": 5,
    }
    return told | news


def task(**news: Any) -> Body:
    """Return the agency's part in it."""
    told: Body = {
        "task_id": "k1",
        "escalation_id": "e1",
        "agency": "dinkes",
        "status": "done",
        "stands_in_for": None,
        "offers": [{"step": 1, "contact": "posko", "at": "2026-10-31T16:32:00.000001Z"}],
        "accepted_at": "2026-10-31T16:32:02Z",
        "acceptance_recorded_at": "2026-10-31T16:32:02.500000Z",
    }
    return told | news


def response(*tasks: Body, **news: Any) -> Body:
    """Return all agencies' parts."""
    told = {"tenant": TENANT, "ticket_id": "t1", "round": 1, "tasks": list(tasks or (task(),)), "version": 7}
    return told | news


def delivery(**news: Any) -> Body:
    """Return the message to the agency."""
    told: Body = {
        "tenant": TENANT,
        "delivery_id": "d1",
        "ticket_id": "t1",
        "task_id": "k1",
        "step": 1,
        "agency": "dinkes",
        "contact": "posko",
        "status": "delivered",
        "attempts": [{"number": 1}],
        "version": 2,
    }
    return told | news


def said(topic: str, source: str, subject: str, sequence: int, body: Body) -> Said:
    """Return one event of the log."""
    return Said(topic, "0/0", TENANT, source, subject, sequence, body)


def request(at: float, **news: str) -> Request:
    """Return the message as the agency received it."""
    ids = {"message_id": "d1", "delivery_id": "d1", "agency": "dinkes", "contact": "posko"} | news
    return Request(at=at, channel="webhook", tenant=TENANT, ticket_id="t1", task_id="k1", **ids)


def told(event: str, at: float, seconds: float = 0.01, call_id: str = "c1") -> Told:
    """Return an event of the call that intake acknowledged."""
    return Told(TENANT, call_id, event, at, at + seconds)


def escalated_at(at: float, ticket_id: str) -> Escalated:
    """Return the desk's decision about one ticket."""
    return Escalated(ticket_id, at, ("dinkes",), f"e-{ticket_id}", "c1", TENANT)


LOG = (
    said(
        "tenant.configured",
        "directory",
        "tenant/53.03",
        1,
        {"configuration": {"time_zone": "Asia/Makassar", "profile": "nena_2020", "own_thresholds": []}},
    ),
    said("call.received", "intake", "call/c1", 1, call(stage="ringing", outcome=None)),
    said("call.updated", "intake", "call/c1", 4, call()),
    said("call.updated", "triage", "call/c1", 6, call() | {"desk": {"classification": "emergency"}}),
    said(
        "ticket.opened",
        "triage",
        "ticket/t1",
        1,
        ticket(status="open", round=0, escalations=[], disposition=None),
    ),
    said("ticket.escalated", "triage", "ticket/t1", 2, ticket(status="escalated", disposition=None)),
    said("ticket.updated", "triage", "ticket/t1", 5, ticket()),
    said("task.assigned", "dispatch", "response/t1", 1, response(task(status="offered"))),
    said("task.updated", "dispatch", "response/t1", 7, response()),
    said("notification.updated", "agency-notifier", "delivery/d1", 2, delivery()),
    said("agency.replied", "agency-notifier", "reply/r1", 1, {"task_id": "k1", "reply": "done"}),
)
ALL, ONE = Figure(1.0, 1, 1, 1), Figure(1)
FIGURES = {
    (MONTH, *name): figure
    for name, figure in {
        ("calls_received", ""): ONE,
        ("calls_answered", ""): ONE,
        ("calls_unanswered", ""): Figure(0),
        ("calls_delivered_to_agent", ""): ONE,
        ("calls_valid_over_10_s", ""): ONE,
        ("calls_by_class", "emergency"): ONE,
        ("calls_by_class", "ghost"): Figure(0),
        ("answer_rate", ""): ALL,
        ("answer_rate_of_delivered", ""): ALL,
        ("prank_and_ghost_rate", ""): Figure(0.0, 0, 1, 1),
        ("answer_seconds_p50", ""): Figure(3.5, sample=1),
        ("answer_seconds_p90", ""): Figure(3.5, sample=1),
        ("answer_seconds_p95", ""): Figure(3.5, sample=1),
        ("answered_within", "15 s"): Figure(1.0, 1, 1, 1, 0.9),
        ("answered_within", "20 s"): Figure(1.0, 1, 1, 1, 0.95),
        ("tickets_opened", ""): ONE,
        ("tickets_by_status", "closed"): ONE,
        ("tickets_by_type", "medical"): ONE,
        ("tickets_by_common_type", "medical"): ONE,
        ("tickets_by_lane", "emergency"): ONE,
        ("tickets_by_disposition", "helped"): ONE,
        ("tickets_by_agency", "dinkes"): ONE,
        ("tasks_total", ""): ONE,
        ("tasks_by_agency", "dinkes"): ONE,
        ("tasks_by_agency_and_status", "dinkes/done"): ONE,
        ("acceptance_seconds_p90", ""): Figure(2.499999, sample=1),
    }.items()
}
INPUTS = Inputs(
    told=(told("ringing", 97.0), told("queued", 50.3), told("answered", 103.0), told("ended", 112.0)),
    classified=(Classified(TENANT, "c1", "emergency"),),
    escalated=(Escalated("t1", 101.0, ("dinkes",), "e1", "c1", TENANT),),
    replied=(Replied(TENANT, "t1", "k1", "done"),),
)
STATES = States(
    calls=(call(),),
    desk_calls=(desk_call(),),
    tickets=(ticket(),),
    responses=(response(),),
    deliveries=(delivery(),),
    figures={TENANT: FIGURES},
)
GOOD = History(
    inputs=INPUTS,
    requests=(request(101.5),),
    log=LOG,
    states=STATES,
    faults=(Fault("agency-notifier", KILL, 90.0, 90.0),),
    deaths=(Death("agency-notifier", "-9"),),
)
