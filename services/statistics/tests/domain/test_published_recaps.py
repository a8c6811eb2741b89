"""Every line that centres published has an indicator of ours, and ours reject what does not add up."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from statistics_service.domain.indicators import INDICATORS
from statistics_service.domain.recap import SumCheck

PUBLISHED = Path(__file__).parents[5] / "shared" / "reference" / "published-recaps.yaml"

EXPRESSED_BY = {
    "incoming": "calls_received",
    "calls": "calls_received",
    "delivered_to_agent": "calls_delivered_to_agent",
    "to_operator": "calls_delivered_to_agent",
    "connected": "calls_answered",
    "answered": "calls_answered",
    "left_in_queue": "calls_abandoned_in_queue",
    "cut_before_operator": "calls_abandoned_in_menu",
    "valid_over_10_s": "calls_valid_over_10_s",
    "answer_rate": "answer_rate_of_delivered",
    "emergencies": "calls_by_class",
    "real_emergencies": "calls_by_class",
    "verified_emergencies": "calls_by_class",
    "information": "calls_by_class",
    "prank": "calls_by_class",
    "ghost": "calls_by_class",
    "prank_and_ghost": "prank_and_ghost_rate",
    "reports": "tickets_opened",
    "resolved": "tickets_by_status",
    "unresolved": "tickets_by_status",
    "done": "tickets_by_disposition",
    "top": "tickets_by_type",
    "types": "tickets_by_type",
    "answered_but_not_followed_up": "tickets_not_followed_up",
}
DERIVED = {
    "invalid": "answered minus calls_valid_over_10_s",
    "calls_per_day": "calls_received by days of the month",
    "months": "calls_received of each month",
}
CONTAINERS = {"calls", "tickets", "years", "prank_and_ghost", "answer_rate"}


def published() -> list[dict[str, Any]]:
    if not PUBLISHED.exists():
        pytest.skip(f"{PUBLISHED.name} is not beside this checkout")
    return list(yaml.safe_load(PUBLISHED.read_text("utf-8")))


def lines_of(centre: dict[str, Any]) -> set[str]:
    """Return the names of the figures that a centre published."""
    found: set[str] = set()
    for name in ("calls", "tickets"):
        found |= set(centre.get(name, {}))
    for year in centre.get("years", {}).values():
        found |= set(year)
    skipped = {"centre", "tenant", "period", "check", "calls", "tickets", "years"}
    return found | (set(centre) - skipped)


def test_every_published_line_is_expressed_by_an_indicator() -> None:
    lines = set().union(*(lines_of(centre) for centre in published()))
    assert lines - set(EXPRESSED_BY) - set(DERIVED) == set()
    assert set(EXPRESSED_BY.values()) <= set(INDICATORS)


@pytest.mark.parametrize(
    ("left", "right", "holds"),
    [
        ("Kendari", (5982, 2238 + 3744), True),
        ("Kab. Tangerang 2023", (30859, 425 + 4083 + 26351), True),
        ("Kota Batu 2024", (61897, 57073 + 4824), True),
        ("TTU tickets", (167, 144 + 23), True),
        ("TTU months, four of them at least May's 447", (4428, 1287 + 1193 + 1145 + 447 + 4 * 447), False),
        ("TTU prank and ghost, six months at least May's 14", (134, 78 + 14 + 6 * 14), False),
    ],
)
def test_our_sum_check_accepts_what_adds_up_and_rejects_what_cannot(
    left: str,
    right: tuple[int, int],
    holds: bool,
) -> None:
    total, parts = right
    assert SumCheck(left, "its parts", total, parts).holds is holds


def test_every_definition_is_complete() -> None:
    for indicator in INDICATORS.values():
        assert indicator.indonesian
        assert indicator.english
        assert indicator.formula
        assert indicator.unit in {"calls", "tickets", "tasks", "seconds", "share"}


def test_how_fast_agencies_accept_is_told_by_one_clock() -> None:
    assert INDICATORS["acceptance_seconds_p90"].clock == "server"
