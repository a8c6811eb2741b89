"""Clocks as people read them."""

from datetime import datetime

MINUTE, HOUR = 60, 3600


def clock(due_at: datetime | None, now: datetime) -> str:
    """Return the time left as m:ss or h:mm:ss, with a minus where it has run out."""
    if due_at is None:
        return ""
    seconds = int((due_at - now).total_seconds())
    sign, left = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, minutes, rest = left // HOUR, left % HOUR // MINUTE, left % MINUTE
    return f"{sign}{hours}:{minutes:02}:{rest:02}" if hours else f"{sign}{minutes}:{rest:02}"
