"""The one place that reads the system clock; everything else is given `now`."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells the present time, aware and in UTC."""


def utc_now() -> datetime:
    """Return the present time in UTC, cut to milliseconds as the store keeps it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)
