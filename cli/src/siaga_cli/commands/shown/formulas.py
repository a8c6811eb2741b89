"""How the figures are counted, in the person's language; a formula of a newer version is shown as it came."""

from collections.abc import Mapping
from typing import Any

from siaga_cli.wording import text

KNOWN_VERSION = 1


def formula(key: str, definition: Mapping[str, Any]) -> str:
    """Say how a figure is counted."""
    known = {**_of_calls(), **_of_answer_times(), **_of_tickets(), **_of_tasks()}.get(key)
    if known is None or definition.get("version") != KNOWN_VERSION:
        return str(definition.get("formula") or "-")
    return known


def _of_calls() -> Mapping[str, str]:
    return {
        "calls_received": text("calls whose first ring lies in the tenant's local month"),
        "calls_abandoned_in_menu": text("received calls whose caller hung up before entering a queue"),
        "calls_abandoned_in_queue": text("received calls whose caller hung up while waiting in a queue"),
        "calls_unanswered": text(
            "received calls that the centre ended before anybody answered (time-out, key, full queue, restart)"
        ),
        "calls_answered": text("received calls that a call taker answered"),
        "calls_under_way": text("received calls without an outcome yet"),
        "calls_delivered_to_agent": text(
            "received calls that left the menu: answered + abandoned in the queue + unanswered"
        ),
        "calls_by_class": text("answered calls with this class, as last given"),
        "calls_not_classified": text("answered calls to which nobody has given a class"),
        "calls_valid_over_10_s": text("answered calls with more than 10 s of talk"),
        "calls_reclassified": text("answered calls whose class was changed at least once"),
        "answer_rate": text("answered / received"),
        "answer_rate_of_delivered": text("answered / delivered to call takers"),
        "prank_and_ghost_rate": text("(prank + ghost) / answered"),
    }


def _of_answer_times() -> Mapping[str, str]:
    return {
        "answer_seconds_p50": text("50th percentile (nearest rank) of the waiting seconds of answered calls"),
        "answer_seconds_p90": text("90th percentile (nearest rank) of the waiting seconds of answered calls"),
        "answer_seconds_p95": text("95th percentile (nearest rank) of the waiting seconds of answered calls"),
        "answer_sample_excluded": text("answered calls whose waiting time no witness told"),
        "answered_within": text(
            "answered calls with waiting seconds up to the threshold / answered calls with a known waiting time"
        ),
    }


def _of_tickets() -> Mapping[str, str]:
    return {
        "tickets_opened": text("tickets opened in the tenant's local month"),
        "tickets_by_status": text("opened tickets that now stand there"),
        "tickets_by_type": text("opened tickets of the tenant's incident type, as last given"),
        "tickets_by_common_type": text("opened tickets by the common list's word for their type"),
        "tickets_by_lane": text("opened tickets, emergencies and the rest counted apart"),
        "tickets_by_disposition": text("closed tickets by how they ended"),
        "tickets_reopened": text("opened tickets that were re-opened at least once"),
        "tickets_not_followed_up": text(
            "opened tickets with agency tasks of which no agency ever accepted one"
        ),
    }


def _of_tasks() -> Mapping[str, str]:
    return {
        "tickets_by_agency": text(
            "opened tickets in which this agency was asked; a ticket counts at each of its agencies"
        ),
        "tasks_total": text("agency tasks of tickets opened in the month"),
        "tasks_by_agency": text("agency tasks of this agency"),
        "tasks_by_agency_and_status": text("agency tasks of this agency that now stand there"),
        "acceptance_seconds_p90": text(
            "90th percentile (nearest rank) from the first offer (dispatch's clock) to the acceptance (the "
            "notifier's clock) of accepted tasks; one that comes out less than zero is left out"
        ),
    }


def meaning(value: object) -> str:
    """Say a definition's unit, clock or source."""
    return _short_words().get(str(value), str(value)) if value else "-"


def _short_words() -> Mapping[str, str]:
    return {
        "calls": text("calls"),
        "tickets": text("tickets"),
        "tasks": text("tasks"),
        "seconds": text("seconds"),
        "share": text("share"),
        "telephone exchange": text("telephone exchange"),
        "server": text("server"),
        "recaps published by Indonesian 112 centres": text("recaps published by Indonesian 112 centres"),
        "Kendari 2025; a figure, never a filter": text("Kendari 2025; a figure, never a filter"),
        "the tenant's named profile": text("the tenant's named profile"),
        "TTU's own review of October 2025": text("TTU's own review of October 2025"),
    }
