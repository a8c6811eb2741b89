"""Whether something that was sampled over time rises: a line through the means of equal spans. Pure.

Single samples lean on their neighbours, and a line through them would look far surer than it is: so the
line is laid through the means of `SPANS` equal spans, whose spread around it tells how sure it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, linear_regression

SPANS = 20
HOUR = 3600.0
SURE = 2.1
"""Student's t for 18 degrees of freedom, 95% on both sides: less is no slope that could be told from none."""


class TooFewSamples(ValueError):
    """A line needs three spans with samples in them."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line by least squares: its rise an hour with the standard error, and what it rises from.

    Attributes:
        mean: of all samples.
        spread: the standard deviation of the spans' means around the line.
    """

    per_hour: float
    error_per_hour: float
    mean: float
    spread: float

    @property
    def could_be_level(self) -> bool:
        """Whether the rise cannot be told from none (a fall is no rise)."""
        return self.per_hour <= SURE * self.error_per_hour


def line_of(samples: Sequence[tuple[float, float]]) -> Line:
    """Lay a line through samples of (seconds, value).

    Raises:
        TooFewSamples: there is none through so few.
    """
    points = _means(samples)
    if len(points) < 3:
        raise TooFewSamples(f"{len(points)} spans with samples")
    times, values = [at for at, _ in points], [value for _, value in points]
    slope, start = linear_regression(times, values)
    off = [value - (start + slope * at) for at, value in points]
    variance = sum(one * one for one in off) / (len(points) - 2)
    middle = fmean(times)
    error = math.sqrt(variance / sum((at - middle) ** 2 for at in times))
    return Line(slope * HOUR, error * HOUR, fmean(value for _, value in samples), math.sqrt(variance))


def _means(samples: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the middle and the mean of each span that has samples."""
    if not samples:
        return []
    first, last = samples[0][0], samples[-1][0]
    ends = [first + (last - first) * span / SPANS for span in range(SPANS + 1)]
    found = []
    for begin, end in pairwise(ends):
        values = [value for at, value in samples if begin <= at < end or at == end == last]
        if values:
            found.append(((begin + end) / 2, fmean(values)))
    return found
