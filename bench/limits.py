"""The limits that C is measured by: which of them one load broke. Pure."""

from collections.abc import Iterator

from bench.figures import milliseconds
from bench.load import Loaded
from bench.load_figures import lost_of, ways_of
from bench.percentiles import percentile

ACKNOWLEDGED_WITHIN = 0.250
ASKED_WITHIN = 5.0


def acknowledgement_p99(loaded: Loaded) -> float:
    """Return the 99th percentile of intake's answers in seconds, from the intended moment of sending."""
    return percentile([one.seconds for one in loaded.acknowledged], 0.99)


def asked_p99(loaded: Loaded) -> float:
    """Return the 99th percentile from an accepted escalation until the agency had the request, in seconds."""
    return percentile([way.ended - way.began for way in ways_of(loaded)], 0.99)


def broken_limits(loaded: Loaded) -> tuple[str, ...]:
    """Return each limit that a load broke, in words; nothing where it was held."""
    return tuple(_broken(loaded))


def _broken(loaded: Loaded) -> Iterator[str]:
    if lost := lost_of(loaded):
        yield f"{lost} lost"
    wanted, asked = sum(len(one.agencies) for one in loaded.escalated), len(ways_of(loaded))
    if wanted != asked:
        yield f"{asked} of {wanted} agencies asked"
    if not loaded.acknowledged or not asked:
        yield "nothing measured"
        return
    if (seconds := acknowledgement_p99(loaded)) > ACKNOWLEDGED_WITHIN:
        yield f"acknowledgement p99 {milliseconds(seconds)}"
    if (seconds := asked_p99(loaded)) > ASKED_WITHIN:
        yield f"agency asked p99 {milliseconds(seconds)}"
