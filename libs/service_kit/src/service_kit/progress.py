"""Which offsets may be committed: the contiguous done beginning of each partition's batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stood in the log."""

    topic: str
    partition: int
    offset: int


def committable(batch: Iterable[Place], done: set[Place]) -> Mapping[tuple[str, int], int]:
    """Return the next offset to read per (topic, partition), never past a record not done.

    A partition whose first record is not done is left out.
    """
    blocked: set[tuple[str, int]] = set()
    following: dict[tuple[str, int], int] = {}
    for place in sorted(batch, key=lambda one: (one.topic, one.partition, one.offset)):
        where = (place.topic, place.partition)
        if where in blocked:
            continue
        if place in done:
            following[where] = place.offset + 1
        else:
            blocked.add(where)
    return following
