"""The services tell what happened: the exchange's truth and the demo's diaries against their doors.

Shared by the hour that went through and the hour in which everything was killed.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from tests.e2e.system import System
from tests.e2e.truth import TrueCall, month_of, true_calls

WITHIN_SECONDS = 1.5
"""A queue log tells whole seconds."""
TENANTS = ("53.03", "53.71")
Json = dict[str, Any]


def calls_of(system: System) -> dict[str, Json]:
    """Return every call of the exchange as intake tells it, by the exchange's id."""
    found = [
        call for tenant in TENANTS for call in system.all("intake", f"/v1/tenants/{tenant}/calls", view="all")
    ]
    return {call["exchange_call_id"]: call for call in found}


def tickets_of(system: System, tenant: str) -> dict[str, Json]:
    """Return every ticket of a tenant as triage tells it."""
    found = system.all("triage", f"/v1/tenants/{tenant}/tickets", status="all")
    return {ticket["ticket_id"]: ticket for ticket in found}


def responses_of(system: System, tenant: str) -> dict[str, Json]:
    """Return every response of a tenant as dispatch tells it, by its ticket."""
    found = system.all("dispatch", f"/v1/tenants/{tenant}/responses", status="all")
    return {response["ticket_id"]: response for response in found}


def tasks_of(system: System, tenant: str) -> dict[str, Json]:
    """Return every agency task of a tenant as dispatch tells it, with its ticket."""
    return {
        task["task_id"]: {**task, "ticket_id": ticket_id}
        for ticket_id, response in responses_of(system, tenant).items()
        for task in response["tasks"]
    }


def deliveries_of(system: System, tenant: str) -> dict[str, Json]:
    """Return every message of a tenant to its agencies as the notifier tells it, none to supervisors."""
    found = system.all("agency-notifier", f"/v1/tenants/{tenant}/deliveries")
    return {one["delivery_id"]: one for one in found if one["agency"] != "supervisor"}


def recaps_of(system: System, tenant: str) -> dict[str, Json]:
    """Return the recaps of the months in which the replay lies."""
    months = system.get("statistics", f"/v1/tenants/{tenant}/recaps")["items"]
    return {
        month: system.get("statistics", f"/v1/tenants/{tenant}/recaps/{month}") for month in map(str, months)
    }


def figures_of(system: System, tenant: str) -> Counter[tuple[str, str]]:
    """Return a tenant's counted figures, summed over the months."""
    total: Counter[tuple[str, str]] = Counter()
    for told in recaps_of(system, tenant).values():
        assert told["adds_up"], told["checks"]
        for figure in told["figures"]:
            if isinstance(figure["value"], int):
                total[figure["indicator"], figure["of"]] += figure["value"]
    return total


def parts_of(figures: Counter[tuple[str, str]], indicator: str) -> Counter[str]:
    """Return the parts of one figure that are not zero."""
    return Counter({of: count for (name, of), count in figures.items() if name == indicator and count})


def close(told: float | None, true: float | None) -> bool:
    """Whether two durations are the same within the queue log's whole seconds."""
    if told is None or true is None:
        return (told or 0) == (true or 0)
    return abs(told - true) <= WITHIN_SECONDS


def agrees(told: Json, true: TrueCall) -> bool:
    """Whether intake tells a call as it was."""
    return (
        told["outcome"] == true.outcome
        and close(told["waiting_seconds"], true.waiting_seconds)
        and (told["agent"] or None) == true.agent
    )


def assert_calls_are_true(system: System) -> None:
    """Every call is told as it was."""
    told, true = calls_of(system), true_calls(system.shift)
    assert len(true) == 171
    assert told.keys() == true.keys()
    assert {one: (told[one], true[one]) for one in true if not agrees(told[one], true[one])} == {}


def assert_outcomes_are_true(system: System) -> None:
    """The recap counts each outcome as it was."""
    true = true_calls(system.shift).values()
    for tenant in TENANTS:
        expected = Counter(call.outcome for call in true if call.tenant == tenant)
        figures = figures_of(system, tenant)
        assert {name: figures[f"calls_{name}", ""] for name in expected} == dict(expected)
        assert figures["calls_received", ""] == expected.total()


def assert_answer_times_are_true(system: System) -> None:
    """The recap's percentiles and thresholds are those of the true waits, each with its sample."""
    true = true_calls(system.shift).values()
    for tenant in TENANTS:
        recaps = recaps_of(system, tenant)
        answered = [call for call in true if call.tenant == tenant and call.outcome == "answered"]
        assert {month_of(call) for call in answered} <= set(recaps)
        for month, told in recaps.items():
            waits = [call.waiting_seconds or 0.0 for call in answered if month_of(call) == month]
            _assert_percentiles(told["figures"], waits)
            _assert_thresholds(told, waits)


def _assert_percentiles(figures: Iterable[Json], waits: list[float]) -> None:
    told = {one["indicator"]: one for one in figures}
    for rank in (50, 90, 95):
        figure = told[f"answer_seconds_p{rank}"]
        assert figure["sample"] == len(waits)
        assert close(figure["value"], not_exceeded_by(waits, rank)), (rank, figure)
    assert told["answer_sample_excluded"]["value"] == 0


def not_exceeded_by(waits: list[float], percent: int) -> float | None:
    """Return the shortest wait that so many percent of the waits did not exceed."""
    enough = (wait for wait in waits if sum(one <= wait for one in waits) * 100 >= percent * len(waits))
    return min(enough, default=None)


def _assert_thresholds(told: Json, waits: list[float]) -> None:
    within = {one["of"]: one for one in told["figures"] if one["indicator"] == "answered_within"}
    asked = {f"{one['within_seconds']:g} s": one for one in told["profile"]["thresholds"]}
    assert within.keys() == asked.keys() != set()
    for name, threshold in asked.items():
        least, most = (
            sum(wait <= threshold["within_seconds"] + slack for wait in waits)
            for slack in (-WITHIN_SECONDS, WITHIN_SECONDS)
        )
        figure = within[name]
        assert least <= figure["numerator"] <= most, figure
        assert (figure["denominator"], figure["required"]) == (len(waits), threshold["share"])


def done_calls(system: System) -> dict[str, Json]:
    """Return what the call takers wrote of each call that they finished."""
    return {line["call_id"]: line for line in system.journal("call_takers") if line["what"] == "done"}


def assert_classes_are_true(system: System) -> None:
    """Every answered call was worked once, and counts in the class that its taker gave it."""
    done = done_calls(system).values()
    answered = [call for call in true_calls(system.shift).values() if call.outcome == "answered"]
    assert len(done) == len(answered)
    for tenant in TENANTS:
        figures = figures_of(system, tenant)
        expected = Counter(line["classification"] for line in done if line["tenant"] == tenant)
        assert parts_of(figures, "calls_by_class") == expected
        assert figures["calls_not_classified", ""] == 0
        assert figures["calls_reclassified", ""] == 0, "no taker changes a class"


def assert_tickets_are_true(system: System) -> None:
    """Every ticket is what the call takers made of it, and counts as that."""
    done = [line for line in done_calls(system).values() if line["ticket_id"]]
    for tenant in TENANTS:
        ours = [line for line in done if line["tenant"] == tenant]
        calls = Counter(line["ticket_id"] for line in ours)
        made = {line["ticket_id"]: line for line in ours if not line["joined"]}
        tickets = tickets_of(system, tenant)
        assert {one: len(ticket["calls"]) for one, ticket in tickets.items()} == calls
        for one, ticket in tickets.items():
            assert ticket["incident_type"] == made[one]["incident_type"]
            assert bool(ticket["escalations"]) == made[one]["escalated"]
            assert (ticket["disposition"] == "no_agency_needed") == made[one]["closed"]
        numbers = [ticket["number"] for ticket in tickets.values()]
        assert len(set(numbers)) == len(numbers)
        assert {ticket["status"] for ticket in tickets.values()} <= {"closed"}
        _assert_ticket_figures(system, tenant, made)


def _assert_ticket_figures(system: System, tenant: str, made: dict[str, Json]) -> None:
    """The diaries know each ticket's type and who closed it; all are closed when all is done."""
    figures, tickets = figures_of(system, tenant), tickets_of(system, tenant)
    assert figures["tickets_opened", ""] == len(made)
    assert figures["tickets_reopened", ""] == 0
    assert parts_of(figures, "tickets_by_status") == Counter({"closed": len(made)})
    assert parts_of(figures, "tickets_by_type") == Counter(line["incident_type"] for line in made.values())
    for name, key in (("tickets_by_common_type", "common_type"), ("tickets_by_lane", "lane")):
        assert parts_of(figures, name) == Counter(ticket[key] for ticket in tickets.values())
    responses = responses_of(system, tenant)
    ends = {one: "no_agency_needed" if made[one]["closed"] else _end_of(responses[one]) for one in made}
    assert {one: ticket["disposition"] for one, ticket in tickets.items()} == ends
    assert parts_of(figures, "tickets_by_disposition") == Counter(ends.values())


def _end_of(response: Json) -> str:
    """Return how a ticket ended, by who came: in each agency's place itself or one that stood in."""
    done = {
        task["stands_in_for"] or task["task_id"] for task in response["tasks"] if task["status"] == "done"
    }
    asked = {task["task_id"] for task in response["tasks"] if not task["stands_in_for"]}
    if done >= asked:
        return "helped"
    return "partly_helped" if done else "not_helped"


def said_of_tasks(system: System, tenant: str) -> dict[str, set[str]]:
    """Return what the agencies' diary says that they replied, by task; a silent one said nothing."""
    lines = system.journal("agencies")
    asked = {line["message_id"] for line in lines if line["what"] == "asked"}
    said: dict[str, set[str]] = {}
    for line in lines:
        if line["what"] == "replied":
            assert line["message_id"] in asked
            said.setdefault(line["message_id"], set()).add(line["reply"])
    by_task: dict[str, set[str]] = {}
    for one, delivery in deliveries_of(system, tenant).items():
        by_task.setdefault(delivery["task_id"], set()).update(said.get(one, set()))
    return by_task


def is_true_to(task: Json, replies: set[str]) -> bool:
    """Whether a task stands where its agency's last word put it; of two contacts either may be heard first.

    A stand-in may say yes when it was just called off: then it is not needed, whatever it says.
    """
    if task["stands_in_for"] and (task["status"], task["reason"]) == ("cancelled", "no_longer_needed"):
        return True
    if "done" in replies:
        return task["status"] == "done" or ("declined" in replies and task["status"] == "declined")
    if "declined" in replies:
        return bool(task["status"] == "declined")
    return not replies and task["status"] == "unanswered"


def assert_tasks_are_true(system: System) -> None:
    """Every task is what its agency said, and counts as that."""
    for tenant in TENANTS:
        tasks, said = tasks_of(system, tenant), said_of_tasks(system, tenant)
        assert {
            one: (task["status"], said.get(one))
            for one, task in tasks.items()
            if not is_true_to(task, said.get(one, set()))
        } == {}
        assert {task["status"] for task in tasks.values()} <= {"done", "declined", "unanswered", "cancelled"}
        _assert_task_figures(system, tenant, list(tasks.values()), said)


def _assert_task_figures(system: System, tenant: str, tasks: list[Json], said: dict[str, set[str]]) -> None:
    """The diary knows whom the messages asked; a stand-in that was called off first was asked nothing."""
    figures = figures_of(system, tenant)
    asked = tickets_and_agencies_asked(system, tenant)
    called_off = {(task["ticket_id"], task["agency"]) for task in tasks if task["status"] == "cancelled"}
    assert {(task["ticket_id"], task["agency"]) for task in tasks} - called_off <= asked
    assert parts_of(figures, "tickets_by_agency") == Counter(agency for _, agency in asked | called_off)
    assert figures["tasks_total", ""] == len(tasks)
    assert parts_of(figures, "tasks_by_agency") == Counter(task["agency"] for task in tasks)
    by_status = Counter(f"{task['agency']}/{task['status']}" for task in tasks)
    assert parts_of(figures, "tasks_by_agency_and_status") == by_status
    needed = [task for task in tasks if task["status"] != "cancelled"]
    came = {task["ticket_id"] for task in needed if "accepted" in said.get(task["task_id"], set())}
    assert figures["tickets_not_followed_up", ""] == len({ticket for ticket, _ in asked} - came)


def tickets_and_agencies_asked(system: System, tenant: str) -> set[tuple[str, str]]:
    """Return which agency the agencies' diary says was asked about which ticket; a mail names its message."""
    deliveries = deliveries_of(system, tenant)
    return {
        (deliveries[line["message_id"]]["ticket_id"], line["agency"])
        for line in system.journal("agencies")
        if line["what"] == "asked" and line["tenant"] == tenant
    }
