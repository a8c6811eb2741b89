"""Local months: a call belongs to the month that the tenant's clocks on the wall showed."""

import re
from datetime import datetime, tzinfo

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z", re.ASCII)


class MonthUnreadable(ValueError):
    """A text is not a month such as 2026-11."""


def month_of(moment: datetime, zone: tzinfo) -> str:
    """Return the local month of a moment, such as `2026-11`.

    In the first and last hours that a calendar has there is no local time; a clock that says so is wrong
    anyhow, and must not keep a call out of the figures: the month is then the one it says itself.
    """
    try:
        local = moment.astimezone(zone)
    except OverflowError:
        local = moment
    return f"{local.year:04}-{local.month:02}"


def read_month(text: str) -> str:
    """Return the month that a text names.

    Raises:
        MonthUnreadable: it names none.
    """
    if _MONTH.match(text) is None:
        message = f"{text!r} is not a month; write it like 2026-11"
        raise MonthUnreadable(message)
    return text
