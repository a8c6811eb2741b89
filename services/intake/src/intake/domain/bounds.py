"""How many facts of one kind a call keeps: a telephone that rings all day must not fill the store.

The earliest are kept, whatever order they come in; the others are only counted, and the call is marked.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from intake.domain.facts import Fact, FactKind

MOST_OF_A_RING = 200
"""An agent's telephone that rings again says nothing new of the call."""

MOST_OF_A_KIND = 500
"""No call is queued, answered or ended this often: an exchange gives many calls the same id."""

_MOST: Mapping[FactKind, int] = {
    FactKind.AGENT_RINGING: MOST_OF_A_RING,
    FactKind.AGENT_NO_ANSWER: MOST_OF_A_RING,
    FactKind.AGENT_RING_CANCELED: MOST_OF_A_RING,
}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """How many facts were counted and not kept, at least, and the time of the latest of them."""

    count: int = 0
    until: datetime | None = None


NOTHING_LEFT_OUT = LeftOut()


def bounded(
    known: tuple[Fact, ...], kept_before: tuple[Fact, ...], left_out: LeftOut
) -> tuple[tuple[Fact, ...], LeftOut]:
    """Keep the earliest of each kind, of facts in the order of their clocks.

    A repeat of one that was left out is not counted again: it is no later than the latest of them.
    """
    kept = tuple(_earliest(known))
    if len(kept) == len(known):
        return kept, left_out
    kept_ids, before_ids = {fact.id for fact in kept}, {fact.id for fact in kept_before}
    out = [fact for fact in known if fact.id not in kept_ids]
    until = left_out.until
    fresh = [one for one in out if one.id in before_ids or until is None or one.occurred_at > until]
    latest = max(fact.occurred_at for fact in out)
    return kept, LeftOut(left_out.count + len(fresh), latest if until is None else max(latest, until))


def _earliest(known: Iterable[Fact]) -> Iterable[Fact]:
    seen: Counter[FactKind] = Counter()
    for fact in known:
        seen[fact.kind] += 1
        if seen[fact.kind] <= _MOST.get(fact.kind, MOST_OF_A_KIND):
            yield fact
