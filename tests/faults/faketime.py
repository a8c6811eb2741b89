"""A clock for one process alone, by libfaketime: it says what stands in a file, and jumps when that changes."""

from collections.abc import Mapping
from pathlib import Path

LIBRARIES = tuple(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
ABSENT = "libfaketime is not installed (apt-get install faketime)"
LIES: Mapping[str, str] = {
    "FAKETIME_CACHE_DURATION": "1",
    "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    "NO_FAKE_STAT": "1",
}
"""Only the time of day lies, as a wrong clock's does, and a changed file is seen within a second."""


def under(clock: Path) -> Mapping[str, str]:
    """Return the environment of a process under a clock's file."""
    return {"LD_PRELOAD": str(LIBRARIES[0]), "FAKETIME_TIMESTAMP_FILE": str(clock), **LIES}


def set_clock(clock: Path, ahead: int) -> None:
    """Let a clock be so many seconds ahead; whoever reads the file sees the old or the new."""
    fresh = clock.with_name(f"{clock.name}.new")
    fresh.write_text(f"{ahead:+d}", encoding="ascii")
    fresh.replace(clock)
