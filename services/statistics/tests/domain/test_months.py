"""A call belongs to the month of the tenant's own clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from statistics_service.domain.months import MonthUnreadable, month_of, read_month


def test_the_last_evening_in_utc_is_already_the_next_month_in_timor() -> None:
    moment = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
    assert month_of(moment, ZoneInfo("Asia/Makassar")) == "2026-11"


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        (datetime(9999, 12, 31, 23, 59, tzinfo=UTC), "Asia/Makassar", "9999-12"),
        (datetime(1, 1, 1, tzinfo=UTC), "America/New_York", "0001-01"),
        (datetime(1, 1, 1, tzinfo=UTC), "Asia/Makassar", "0001-01"),
    ],
)
def test_a_clock_at_the_end_of_the_calendar_has_a_month_too(moment: datetime, zone: str, month: str) -> None:
    assert month_of(moment, ZoneInfo(zone)) == month
    assert read_month(month) == month


@pytest.mark.parametrize(
    "text", ["", "٢٠٢٦-11", "2026", "2026-13", "2026-1", "11-2026", "2026-11-01", "2026-11\n"]
)
def test_what_is_not_a_month_is_refused(text: str) -> None:
    with pytest.raises(MonthUnreadable):
        read_month(text)
