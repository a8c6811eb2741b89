"""A circuit breaker for one endpoint: after three failures in a row, or two that hung, it is left alone for a while."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FAILURES_TO_OPEN = 3
COUNTED_FOR = timedelta(minutes=1)
OPEN_FOR = timedelta(seconds=15)
HUNG_COUNTS = 2
"""A try that hung to its end kept others waiting as long: with two of them an endpoint is known within 10 s."""


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is known of one endpoint.

    Attributes:
        failures: when it failed, since it last answered.
        opened_at: since when it is left alone; None while it is used.
        probing_since: since when one try finds out whether it is back.
    """

    failures: tuple[datetime, ...] = ()
    opened_at: datetime | None = None
    probing_since: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Tell whether the endpoint is left alone now."""
        return self.opened_at is not None and now < self.opened_at + OPEN_FOR


def permitted(circuit: Circuit, now: datetime) -> Circuit | None:
    """Return the circuit with a try under way, or None where the try must not be made.

    When the time of rest is over one try goes through as a probe; a probe that never reports is
    replaced after as long again.
    """
    if circuit.opened_at is None:
        return circuit
    probed = circuit.probing_since is not None and now < circuit.probing_since + OPEN_FOR
    if circuit.is_open(now) or probed:
        return None
    return replace(circuit, probing_since=now)


def answered(_: Circuit) -> Circuit:
    """Forget every failure: the endpoint is there."""
    return Circuit()


def failed(circuit: Circuit, now: datetime, *, hung: bool = False) -> Circuit:
    """Note a failure: the third in a row within a minute opens, and a failed probe; one that hung counts twice."""
    noted = (now,) * (HUNG_COUNTS if hung else 1)
    recent = tuple(at for at in (*circuit.failures, *noted) if at > now - COUNTED_FOR)
    if circuit.probing_since is not None:
        return Circuit(recent, opened_at=now)
    if circuit.opened_at is None and len(recent) >= FAILURES_TO_OPEN:
        return Circuit(recent, opened_at=now)
    return replace(circuit, failures=recent)
