"""Whether a document matches a query, as far as the services ask any."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Document = dict[str, Any]

_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$ne": lambda value, other: bool(value != other),
    "$gt": lambda value, other: value is not None and bool(value > other),
    "$gte": lambda value, other: value is not None and bool(value >= other),
    "$lt": lambda value, other: value is not None and bool(value < other),
    "$lte": lambda value, other: value is not None and bool(value <= other),
    "$in": lambda value, other: value in other,
    "$nin": lambda value, other: value not in other,
}


class NotAskedYet(NotImplementedError):
    """A service asks what this store in memory cannot answer yet: teach it."""


def matches(document: Document, query: Mapping[str, Any]) -> bool:
    """Say whether every condition of the query holds."""
    for name, wanted in query.items():
        if "." not in name:
            if not _fits(document.get(name), wanted):
                return False
        elif not any(_fits(value, wanted) for value in values_of(document, name)):
            return False
    return True


def values_of(document: Document, name: str) -> list[Any]:
    """Return what a dotted name leads to; in a list, to something of each item."""
    if "." not in name:
        return [document.get(name)]
    found: list[Any] = [document]
    for part in name.split("."):
        found = [
            one.get(part) for item in found for one in _items(item) if isinstance(one, dict) and part in one
        ]
    return found or [None]


def _items(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else (value,)


def _fits(value: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        try:
            return all(_TESTS[name](value, other) for name, other in wanted.items())
        except KeyError as unknown:
            raise NotAskedYet(f"operator {unknown}") from None
    if isinstance(value, list):
        return value == wanted or wanted in value
    return bool(value == wanted)
