"""When the tries of one channel come: after 0, 2, 5, 10 and 20 s, a little early or late."""

from datetime import timedelta

WAITS: tuple[timedelta, ...] = tuple(timedelta(seconds=seconds) for seconds in (0, 2, 5, 10, 20))
"""What passes before each try of a channel, from the end of the try before it."""

MOST_TRIES = len(WAITS)
"""How often one channel is tried."""

JITTER = 0.2
"""The share of a wait by which it may be shorter or longer, so that not all come back at once."""


def wait_before(number: int, *, chance: float) -> timedelta:
    """Return the wait before a channel's try of this number (1 is the first).

    Args:
        number: 1 to MOST_TRIES.
        chance: 0 to 1; 0.5 is the plain wait, 0 the shortest, 1 the longest.
    """
    return WAITS[number - 1] * (1 + JITTER * (2 * chance - 1))
