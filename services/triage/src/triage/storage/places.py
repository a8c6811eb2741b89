"""Keys by which lists are read: always ascending, the order that an index gives for nothing."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_TIME_MS = 10**14


def oldest_first(moment: datetime, id_: str) -> str:
    """Return a key that puts what is older first; no two ids share one."""
    return f"{_milliseconds(moment):014d}|{id_}"


def newest_first(moment: datetime, id_: str) -> str:
    """Return a key that puts what is newer first, read ascending."""
    return f"{_END_OF_TIME_MS - _milliseconds(moment):014d}|{id_}"


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)
