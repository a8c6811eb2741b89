"""Where several tenants wait nobody's flood goes first: one of each in turn."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from itertools import chain, zip_longest
from typing import TypeVar

Waiting = TypeVar("Waiting")
_NOBODY = object()


def in_turn(waiting: Iterable[Waiting], *, of: Callable[[Waiting], Hashable]) -> list[Waiting]:
    """Return the first of each tenant, then the second of each, and so on; each tenant's own order stays."""
    queues: dict[Hashable, list[Waiting]] = defaultdict(list)
    for one in waiting:
        queues[of(one)].append(one)
    turns = chain.from_iterable(zip_longest(*queues.values(), fillvalue=_NOBODY))
    return [one for one in turns if one is not _NOBODY]  # type: ignore[misc]  # the fill is nobody's
