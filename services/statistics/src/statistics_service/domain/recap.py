"""The monthly recap: figures with their definitions, and the sums that they must keep."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared_schemas.vocabulary import CallOutcome, Classification, TicketStatus
from statistics_service.domain.rows import CallRow, DeskRow, Month, TaskRow, TicketRow

QUEUE_LOG = "queue_log"
QUEUE_LOG_CANNOT_SEE = ("abandoned_in_menu", "queue_full", "cut_in_menu")
"""Calls that never enter a queue leave nothing in Asterisk's queue log."""
TALK_IS_VALID_OVER_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Threshold:
    """A share of calls that must be answered within a time."""

    within_seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of answering thresholds."""

    name: str
    thresholds: tuple[Threshold, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure.

    Attributes:
        indicator: the key of its definition.
        value: the number, or None where it cannot be told (no sample).
        of: which part, such as a class, a type or an agency.
        numerator: what a share counts.
        denominator: what a share divides by.
        sample: how many records a percentile or a share stands on.
        required: the share that a threshold asks for.
    """

    indicator: str
    value: float | int | None
    of: str = ""
    numerator: int | None = None
    denominator: int | None = None
    sample: int | None = None
    required: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether a threshold is reached; None where there is none, or no sample."""
        if self.required is None or self.value is None:
            return None
        return self.value >= self.required


@dataclass(frozen=True, slots=True)
class SumCheck:
    """Two ways to the same number."""

    left: str
    right: str
    left_value: int
    right_value: int

    @property
    def holds(self) -> bool:
        """Whether the two ways agree."""
        return self.left_value == self.right_value


@dataclass(frozen=True, slots=True)
class Recap:
    """One tenant's month."""

    profile: Profile
    figures: tuple[Figure, ...]
    checks: tuple[SumCheck, ...]
    sources: tuple[str, ...]
    unseen: tuple[str, ...]

    def value(self, indicator: str, of: str = "") -> float | int | None:
        """Return one figure's value; 0 where nothing of that part was counted."""
        found = [one.value for one in self.figures if (one.indicator, one.of) == (indicator, of)]
        return found[0] if found else 0


def recap(month: Month, profile: Profile) -> Recap:
    """Count one month; every total is counted on its own, so that the checks can fail."""
    calls = _calls(month.calls)
    classes = _classes(month.calls, month.desks)
    tickets = _tickets(month.tickets)
    tasks = _tasks(month.tasks, month.tickets)
    figures = (*calls, *classes, *_answer_times(month.calls, profile), *tickets, *tasks)
    witnesses = {witness for call in month.calls for witness in call.witnesses}
    blind = any(set(call.witnesses) == {QUEUE_LOG} for call in month.calls)
    return Recap(
        profile=profile,
        figures=figures,
        checks=_checks(month, figures),
        sources=tuple(sorted(witnesses)),
        unseen=QUEUE_LOG_CANNOT_SEE if blind else (),
    )


def _calls(calls: Sequence[CallRow]) -> list[Figure]:
    outcomes = Counter(call.outcome for call in calls)
    answered = outcomes[CallOutcome.ANSWERED]
    in_menu = outcomes[CallOutcome.ABANDONED_IN_MENU]
    delivered = sum(call.outcome is not None for call in calls) - in_menu
    valid = sum(
        call.outcome == CallOutcome.ANSWERED and (call.talking_seconds or 0) > TALK_IS_VALID_OVER_SECONDS
        for call in calls
    )
    return [
        Figure("calls_received", len(calls)),
        Figure("calls_abandoned_in_menu", in_menu),
        Figure("calls_abandoned_in_queue", outcomes[CallOutcome.ABANDONED_IN_QUEUE]),
        Figure("calls_unanswered", outcomes[CallOutcome.UNANSWERED]),
        Figure("calls_answered", answered),
        Figure("calls_under_way", outcomes[None]),
        Figure("calls_delivered_to_agent", delivered),
        Figure("calls_valid_over_10_s", valid),
        _share("answer_rate", answered, len(calls)),
        _share("answer_rate_of_delivered", answered, delivered),
    ]


def _classes(calls: Sequence[CallRow], desks: Sequence[DeskRow]) -> list[Figure]:
    """Count the classes of answered calls; a class of a call that is not answered does not count."""
    desk = {row.call_id: row for row in desks}
    answered = [desk.get(call.call_id) for call in calls if call.outcome == CallOutcome.ANSWERED]
    classes = Counter(row.classification if row else None for row in answered)
    nuisance = classes[Classification.PRANK] + classes[Classification.GHOST]
    known = {one.value for one in Classification}
    others = sorted(name for name in classes if name is not None and name not in known)
    return [
        *(Figure("calls_by_class", classes[name], of=name) for name in [*Classification, *others]),
        Figure("calls_not_classified", classes[None]),
        Figure("calls_reclassified", sum(bool(row and row.reclassified) for row in answered)),
        _share("prank_and_ghost_rate", nuisance, len(answered)),
    ]


def _answer_times(calls: Sequence[CallRow], profile: Profile) -> list[Figure]:
    answered = [call for call in calls if call.outcome == CallOutcome.ANSWERED]
    times = sorted(call.waiting_seconds for call in answered if call.waiting_seconds is not None)
    within = [
        (threshold, sum(seconds <= threshold.within_seconds for seconds in times))
        for threshold in profile.thresholds
    ]
    return [
        *(
            Figure(f"answer_seconds_p{rank}", percentile(times, rank), sample=len(times))
            for rank in (50, 90, 95)
        ),
        Figure("answer_sample_excluded", len(answered) - len(times)),
        *(
            Figure(
                "answered_within",
                count / len(times) if times else None,
                of=f"{threshold.within_seconds:g} s",
                numerator=count,
                denominator=len(times),
                sample=len(times),
                required=threshold.share,
            )
            for threshold, count in within
        ),
    ]


def percentile(ordered: Sequence[float], rank: int) -> float | None:
    """Return the nearest-rank percentile of ordered numbers, or None where there are none."""
    if not ordered:
        return None
    return ordered[math.ceil(rank / 100 * len(ordered)) - 1]


def _tickets(tickets: Sequence[TicketRow]) -> list[Figure]:
    return [
        Figure("tickets_opened", len(tickets)),
        *_by("tickets_by_status", (ticket.status for ticket in tickets)),
        *_by("tickets_by_type", (ticket.incident_type for ticket in tickets)),
        *_by("tickets_by_common_type", (ticket.common_type for ticket in tickets)),
        *_by("tickets_by_lane", (ticket.lane for ticket in tickets)),
        *_by("tickets_by_disposition", (_disposition(one) for one in tickets if _is_closed(one))),
        Figure("tickets_reopened", sum(ticket.reopened > 0 for ticket in tickets)),
    ]


def _is_closed(ticket: TicketRow) -> bool:
    return ticket.status == TicketStatus.CLOSED


def _disposition(ticket: TicketRow) -> str:
    return ticket.disposition or "unknown"


def _tasks(tasks: Sequence[TaskRow], tickets: Sequence[TicketRow]) -> list[Figure]:
    taken = {task.ticket_id for task in tasks if task.was_accepted}
    asked = {task.ticket_id for task in tasks} & {ticket.ticket_id for ticket in tickets}
    waits = sorted(wait for task in tasks if (wait := _wait(task)) is not None)
    return [
        Figure("tickets_not_followed_up", len(asked - taken)),
        *_by("tickets_by_agency", (agency for _, agency in {(t.ticket_id, t.agency) for t in tasks})),
        Figure("tasks_total", len(tasks)),
        *_by("tasks_by_agency", (task.agency for task in tasks)),
        *_by("tasks_by_agency_and_status", (f"{task.agency}/{task.status}" for task in tasks)),
        Figure("acceptance_seconds_p90", percentile(waits, 90), sample=len(waits)),
    ]


def _wait(task: TaskRow) -> float | None:
    """Return how long an agency took to accept; nothing where two servers' clocks say before it was asked."""
    if task.acceptance_recorded_at is None or task.offered_at is None:
        return None
    seconds = (task.acceptance_recorded_at - task.offered_at).total_seconds()
    return seconds if seconds >= 0 else None


def _by(indicator: str, parts: Iterable[str]) -> list[Figure]:
    return [Figure(indicator, count, of=part) for part, count in sorted(Counter(parts).items())]


def _share(indicator: str, numerator: int, denominator: int) -> Figure:
    value = numerator / denominator if denominator else None
    return Figure(indicator, value, numerator=numerator, denominator=denominator, sample=denominator)


def _checks(month: Month, figures: Sequence[Figure]) -> tuple[SumCheck, ...]:
    def value(indicator: str) -> int:
        return sum(int(one.value or 0) for one in figures if one.indicator == indicator)

    outcomes = ("abandoned_in_menu", "abandoned_in_queue", "unanswered", "answered", "under_way")
    return (
        SumCheck(
            "calls_received",
            " + ".join(f"calls_{name}" for name in outcomes),
            value("calls_received"),
            sum(value(f"calls_{name}") for name in outcomes),
        ),
        SumCheck(
            "calls_answered",
            "sum of calls_by_class + calls_not_classified",
            value("calls_answered"),
            value("calls_by_class") + value("calls_not_classified"),
        ),
        *(
            SumCheck("tickets_opened", f"sum of {name}", value("tickets_opened"), value(name))
            for name in ("tickets_by_status", "tickets_by_type", "tickets_by_common_type", "tickets_by_lane")
        ),
        SumCheck(
            "tickets_by_status closed",
            "sum of tickets_by_disposition",
            sum(map(_is_closed, month.tickets)),
            value("tickets_by_disposition"),
        ),
        *(
            SumCheck("tasks_total", f"sum of {name}", value("tasks_total"), value(name))
            for name in ("tasks_by_agency", "tasks_by_agency_and_status")
        ),
    )
