"""How a batch of events is put in order: by subject, the newest first; whose it is and how urgent."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from aiokafka import ConsumerRecord

from service_kit.event import Event
from service_kit.urgency import rank_of

Taken = tuple[ConsumerRecord, Event[Any]]
"""A record and what could be read of it."""


def urgency_of(lane: Sequence[Taken]) -> int:
    """Return the place in the queue of the most urgent of one key's events, the lowest first."""
    return min(rank_of(event.data) for _, event in lane)


def tenant_of(lane: Sequence[Taken]) -> str:
    """Return whose one key's events are."""
    _, event = lane[0]
    return event.tenant


def by_subject(lane: Sequence[Taken]) -> list[list[Taken]]:
    """Return each subject's events, the newest first; subjects in the order in which their newest came."""
    subjects: dict[tuple[str, str], list[tuple[int, Taken]]] = defaultdict(list)
    for place, taken in enumerate(lane):
        subjects[_about(taken[1])].append((place, taken))
    newest_first = [
        sorted(told, key=lambda one: (-one[1][1].envelope.sequence, one[0])) for told in subjects.values()
    ]
    return [[taken for _, taken in told] for told in sorted(newest_first, key=lambda told: told[0][0])]


def _about(event: Event[Any]) -> tuple[str, str]:
    return (event.envelope.source, event.envelope.subject)
