"""One month's figures from what was told of its calls and tickets: each indicator's formula, written a second time. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil

from tests.faults.history import Figure, Json

Counted = dict[tuple[str, str], Figure]
OUTCOMES = ("abandoned_in_menu", "abandoned_in_queue", "unanswered", "answered")
TAKEN = frozenset({"accepted", "en_route", "on_scene", "done"})


@dataclass(slots=True)
class Month:
    """What was told of one tenant's month: each call with its desk, each ticket with its agencies' tasks."""

    calls: list[tuple[Json, Json]] = field(default_factory=list)
    tickets: list[tuple[Json, Sequence[Json]]] = field(default_factory=list)


def figures_of(month: Month, thresholds: Iterable[tuple[float, float]]) -> Counted:
    """Count everything that a recap shows of a month."""
    answered = [(call, desk) for call, desk in month.calls if call["outcome"] == "answered"]
    tickets = [ticket for ticket, _ in month.tickets]
    return {
        **_calls([call for call, _ in month.calls]),
        **_classes([desk for _, desk in answered]),
        **_waits([call for call, _ in answered], thresholds),
        **_tickets(tickets),
        **_tasks(month.tickets),
    }


def _calls(calls: Sequence[Json]) -> Counted:
    ended = Counter(call["outcome"] for call in calls)
    answered, delivered = ended["answered"], len(calls) - ended[None] - ended["abandoned_in_menu"]
    talked = [call["talking_seconds"] for call in calls if call["outcome"] == "answered"]
    return {
        **{(f"calls_{outcome}", ""): Figure(ended[outcome]) for outcome in OUTCOMES},
        ("calls_received", ""): Figure(len(calls)),
        ("calls_under_way", ""): Figure(ended[None]),
        ("calls_delivered_to_agent", ""): Figure(delivered),
        ("calls_valid_over_10_s", ""): Figure(sum(1 for seconds in talked if seconds and seconds > 10)),
        ("answer_rate", ""): _share(answered, len(calls)),
        ("answer_rate_of_delivered", ""): _share(answered, delivered),
    }


def _classes(desks: Sequence[Json]) -> Counted:
    given = Counter(desk.get("classification") for desk in desks)
    nuisance = given["prank"] + given["ghost"]
    return {
        **{("calls_by_class", name): Figure(count) for name, count in given.items() if name},
        ("calls_not_classified", ""): Figure(given[None]),
        ("calls_reclassified", ""): Figure(sum(1 for desk in desks if desk.get("reclassified"))),
        ("prank_and_ghost_rate", ""): _share(nuisance, len(desks)),
    }


def _waits(answered: Sequence[Json], thresholds: Iterable[tuple[float, float]]) -> Counted:
    waited = sorted(call["waiting_seconds"] for call in answered if call["waiting_seconds"] is not None)
    counted: Counted = {
        ("answer_sample_excluded", ""): Figure(len(answered) - len(waited)),
        **{(f"answer_seconds_p{rank}", ""): _percentile(waited, rank) for rank in (50, 90, 95)},
    }
    for most, share in thresholds:
        within = _share(len([seconds for seconds in waited if seconds <= most]), len(waited))
        counted["answered_within", f"{most:g} s"] = within._replace(required=share)
    return counted


def _tickets(tickets: Sequence[Json]) -> Counted:
    closed = [ticket for ticket in tickets if ticket["status"] == "closed"]
    return {
        ("tickets_opened", ""): Figure(len(tickets)),
        ("tickets_reopened", ""): Figure(sum(1 for ticket in tickets if ticket["reopened"])),
        **_by("tickets_by_status", (ticket["status"] for ticket in tickets)),
        **_by("tickets_by_type", (ticket["incident_type"] for ticket in tickets)),
        **_by("tickets_by_common_type", (ticket["common_type"] for ticket in tickets)),
        **_by("tickets_by_lane", (ticket["lane"] for ticket in tickets)),
        **_by("tickets_by_disposition", (ticket["disposition"] or "unknown" for ticket in closed)),
    }


def _tasks(tickets: Iterable[tuple[Json, Sequence[Json]]]) -> Counted:
    asked = [tasks for _, tasks in tickets if tasks]
    every = [task for tasks in asked for task in tasks]
    told = [_acceptance(task) for task in every if task["acceptance_recorded_at"] and task["offers"]]
    taken = sorted(seconds for seconds in told if seconds >= 0)  # less is two clocks that differ
    return {
        ("tickets_not_followed_up", ""): Figure(sum(not any(map(_was_taken, tasks)) for tasks in asked)),
        ("tasks_total", ""): Figure(len(every)),
        ("acceptance_seconds_p90", ""): _percentile(taken, 90),
        **_by("tickets_by_agency", (name for tasks in asked for name in {task["agency"] for task in tasks})),
        **_by("tasks_by_agency", (task["agency"] for task in every)),
        **_by("tasks_by_agency_and_status", (f"{task['agency']}/{task['status']}" for task in every)),
    }


def _was_taken(task: Json) -> bool:
    return bool(task["accepted_at"]) or task["status"] in TAKEN


def _acceptance(task: Json) -> float:
    offered = min(datetime.fromisoformat(offer["at"]) for offer in task["offers"])
    return (datetime.fromisoformat(task["acceptance_recorded_at"]) - offered).total_seconds()


def _by(indicator: str, parts: Iterable[str]) -> Mapping[tuple[str, str], Figure]:
    return {(indicator, part): Figure(count) for part, count in Counter(parts).items()}


def _share(numerator: int, denominator: int) -> Figure:
    value = numerator / denominator if denominator else None
    return Figure(value, numerator, denominator, denominator)


def _percentile(ordered: Sequence[float], rank: int) -> Figure:
    """Nearest rank: the smallest number that `rank` of 100 do not exceed."""
    value = ordered[ceil(len(ordered) * rank / 100) - 1] if ordered else None
    return Figure(value, sample=len(ordered))
