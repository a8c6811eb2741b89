"""The figures counted again from the log, without a line of the service that shows them. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping

from tests.faults.history import Json, Said

Figures = dict[tuple[str, str], int]
COUNTED = frozenset(
    {
        "calls_received",
        "calls_answered",
        "calls_abandoned_in_queue",
        "calls_under_way",
        "calls_by_class",
        "calls_not_classified",
        "tickets_opened",
        "tickets_by_status",
        "tickets_by_type",
        "tickets_by_disposition",
        "tasks_total",
        "tasks_by_agency",
        "tasks_by_agency_and_status",
    }
)
"""What is counted here; the recap has more, which follows from rows that are compared by these."""


def recount(log: Iterable[Said]) -> Mapping[str, Figures]:
    """Count every tenant's figures from the newest state of each aggregate."""
    newest: dict[tuple[str, str], Said] = {}
    for said in log:
        if said.topic == "ticket.closed":
            continue
        known = newest.get(said.about)
        if known is None or said.sequence > known.sequence:
            newest[said.about] = said
    tenants = {said.tenant for said in newest.values() if said.topic != "tenant.configured"}
    return {
        tenant: _counted([said for said in newest.values() if said.tenant == tenant]) for tenant in tenants
    }


def _counted(newest: list[Said]) -> Figures:
    calls = [said.body for said in newest if (said.source, _kind(said)) == ("intake", "call")]
    desks = {
        said.body["call_id"]: said.body["desk"]
        for said in newest
        if (said.source, _kind(said)) == ("triage", "call") and said.body.get("desk")
    }
    tickets = [said.body for said in newest if _kind(said) == "ticket"]
    tasks = [task for said in newest if _kind(said) == "response" for task in said.body["tasks"]]
    counted: Counter[tuple[str, str]] = Counter()
    counted += _calls(calls, desks) + _tickets(tickets) + _tasks(tasks)
    return dict(counted)


def _kind(said: Said) -> str:
    return said.subject.partition("/")[0]


def _calls(calls: list[Json], desks: Mapping[str, Json]) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for call in calls:
        outcome = call["outcome"]
        counted["calls_received", ""] += 1
        counted[f"calls_{outcome or 'under_way'}", ""] += 1
        if outcome == "answered":
            given = desks.get(call["call_id"], {}).get("classification")
            counted[("calls_by_class", given) if given else ("calls_not_classified", "")] += 1
    return counted


def _tickets(tickets: list[Json]) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for ticket in tickets:
        counted["tickets_opened", ""] += 1
        counted["tickets_by_status", ticket["status"]] += 1
        counted["tickets_by_type", ticket["incident_type"]] += 1
        if ticket["status"] == "closed":
            counted["tickets_by_disposition", ticket["disposition"]] += 1
    return counted


def _tasks(tasks: list[Json]) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for task in tasks:
        counted["tasks_total", ""] += 1
        counted["tasks_by_agency", task["agency"]] += 1
        counted["tasks_by_agency_and_status", f"{task['agency']}/{task['status']}"] += 1
    return counted
