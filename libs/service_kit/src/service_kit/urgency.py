"""Where many wait the most urgent go first: P1 before P2, and so on."""

from typing import Any

from shared_schemas.vocabulary import Priority

MOST_URGENT = 0
_ORDER = {priority.value: place for place, priority in enumerate(Priority)}


def rank(priority: str | None) -> int:
    """Return a priority's place in the queue, the lowest first; what nobody has judged may be a matter of life."""
    return _ORDER.get(str(priority), MOST_URGENT)


def rank_of(data: Any) -> int:
    """Return the place of an event's data: a ticket says its priority itself, a response in its brief."""
    told = getattr(data, "priority", None) or getattr(getattr(data, "brief", None), "priority", None)
    return rank(told)
