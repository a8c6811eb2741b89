"""Failed log-ins slow the next ones down; they never lock anybody out for ever."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FREE_TRIES = 3
LONGEST_WAIT = timedelta(seconds=30)
FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Tries:
    """The failed log-ins of one account since the last good one."""

    failed: int = 0
    last_at: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """Return how long the next try has to wait: nothing for three, then 1, 2, 4 … at most 30 s."""
        if self.last_at is None or self.failed < FREE_TRIES:
            return timedelta()
        pause = min(timedelta(seconds=2 ** min(self.failed - FREE_TRIES, 10)), LONGEST_WAIT)
        return max(timedelta(), self.last_at + pause - now)

    def one_more(self, now: datetime) -> "Tries":
        """Count a try as failed before it is judged, so that many at once are no way around the wait."""
        if self.last_at is not None and now - self.last_at > FORGOTTEN_AFTER:
            return Tries(1, now)
        return replace(self, failed=self.failed + 1, last_at=now)
