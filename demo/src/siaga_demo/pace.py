"""How fast the demo's world turns, compared with the real one."""

import os

DEFAULT_SPEED = 10.0
AS_FAST_AS_POSSIBLE = 0.0
FASTEST_PEOPLE = 120.0
"""At `max` the lines are written at once, but even the demo's people need a moment for what they do."""


class SpeedUnreadable(ValueError):
    """SPEED is neither a positive number nor `max`."""


def read_speed(written: str) -> float:
    """Read SPEED: 10 means ten times as fast, `max` or 0 as fast as possible (0.0).

    Raises:
        SpeedUnreadable: it is neither a number nor `max`.
    """
    if written.strip().lower() == "max":
        return AS_FAST_AS_POSSIBLE
    try:
        speed = float(written)
    except ValueError as error:
        raise SpeedUnreadable(written) from error
    if not 0 <= speed < float("inf"):
        raise SpeedUnreadable(written)
    return speed


def speed_from_environment() -> float:
    """Return the speed that the demo's programs were started with."""
    return read_speed(os.environ.get("SIAGA_DEMO_SPEED", "") or str(DEFAULT_SPEED))


def seconds_at(speed: float, real_seconds: float) -> float:
    """Return how long something takes in the demo that takes so many seconds in life."""
    return real_seconds / (speed or FASTEST_PEOPLE)
