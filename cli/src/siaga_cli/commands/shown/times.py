"""Times for people in the tenant's zone with its name (WIB, WITA, WIT), for programs in UTC (RFC 3339)."""

import re
from datetime import UTC, datetime, tzinfo
from typing import Any

from siaga_cli.commands.shown.numbers import number
from siaga_cli.wording import text

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


def read_moment(value: object) -> datetime | None:
    """Return the moment that a service wrote, or None where there is none that can be read."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def local(value: object, zone: tzinfo, *, date: bool = True) -> str:
    """Say a moment as the clock on the centre's wall shows it; `-` where there is none."""
    moment = value if isinstance(value, datetime) else read_moment(value)
    here = None if moment is None else on_the_wall(moment, zone)
    return "-" if here is None else here.strftime("%Y-%m-%d %H:%M:%S %Z" if date else "%H:%M:%S %Z")


def on_the_wall(moment: datetime, zone: tzinfo) -> datetime | None:
    """Return a moment in the centre's zone; None where no calendar has it there (the ends of years 1 and 9999)."""
    try:
        return moment.astimezone(zone)
    except (OverflowError, ValueError):
        return None


def utc(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC."""
    told = on_the_wall(moment, UTC) or moment
    return told.isoformat().replace("+00:00", "Z")


def in_utc(value: Any) -> Any:
    """Return a JSON value with every moment in it written in UTC with a Z."""
    if isinstance(value, dict):
        return {key: in_utc(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [in_utc(one) for one in value]
    moment = read_moment(value)
    return value if moment is None else utc(moment)


def lasting(seconds: object) -> str:
    """Say a duration shortly; `-` where there is none. A negative one is overdue."""
    if not isinstance(seconds, int | float) or isinstance(seconds, bool):
        return "-"
    length = abs(seconds)
    if length < _MINUTE:
        said = text("{count} s", count=number(length, ".3g"))
    elif length < _HOUR:
        said = text("{count} min", count=round(length / _MINUTE))
    elif length < _DAY:
        said = text("{count} h", count=number(length / _HOUR, ".3g"))
    else:
        said = text("{count} days", count=number(length / _DAY, ".3g"))
    return said if seconds >= 0 else text("{time} overdue", time=said)
