"""What many measurements say in few numbers: nearest-rank percentiles, median, spread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


class NothingMeasured(ValueError):
    """There is no percentile of nothing."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A sample in short; the unit is that of the values."""

    size: int
    p50: float
    p99: float
    most: float


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all values does not exceed (nearest rank).

    Raises:
        NothingMeasured: there are no values.
    """
    if not values:
        raise NothingMeasured("no values")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def summary(values: Sequence[float]) -> Summary:
    """Return size, median, 99th percentile and the largest.

    Raises:
        NothingMeasured: there are no values.
    """
    return Summary(len(values), percentile(values, 0.5), percentile(values, 0.99), max(values, default=0.0))
