"""Failed log-ins slow the next ones down, for where they come from; nobody keeps an account's owner out.

A right password cannot be told from a wrong one before it is judged. Counted by account alone, a flood of wrong
ones would take every turn that there is, or guess as fast as it floods. So what is counted is the account
together with the address that the try came from: a flood slows itself. Many addresses flooding one account are
held together, to one try a second; an address from which the account has logged in before does not wait for
them. The rest, an owner at a new address under such a flood, or at the same address as the flood (an office
behind one router, a proxy that does not say whom it speaks for), gets a turn by luck, again each second.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Pace:
    """How many tries are free, and the longest wait between those after them."""

    free_tries: int
    longest_wait: timedelta


STRANGER = Pace(3, timedelta(seconds=30))
"""One address from which the account has not logged in yet."""
ALL_STRANGERS = Pace(30, timedelta(seconds=1))
"""All such addresses together: 86,400 guesses a day find no password of twelve characters that is not a known one."""
KNOWN = Pace(3, timedelta(seconds=1))
"""One address from which the account has logged in: its owner may sit there, beside somebody who guesses."""


@dataclass(frozen=True, slots=True)
class Tries:
    """Failed log-ins of one account since the last good one, from one address or from all strangers."""

    failed: int = 0
    last_at: datetime | None = None

    def wait(self, now: datetime, pace: Pace) -> timedelta:
        """Return how long the next try has to wait: nothing for the free ones, then 1, 2, 4 … s up to the longest."""
        if self.last_at is None or self.failed < pace.free_tries:
            return timedelta()
        pause = min(timedelta(seconds=2 ** min(self.failed - pace.free_tries, 10)), pace.longest_wait)
        return max(timedelta(), self.last_at + pause - now)

    def one_more(self, now: datetime) -> "Tries":
        """Count a try as failed before it is judged, so that many at once are no way around the wait."""
        if self.last_at is not None and now - self.last_at > FORGOTTEN_AFTER:
            return Tries(1, now)
        return replace(self, failed=self.failed + 1, last_at=now)
