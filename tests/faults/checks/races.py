"""Late writes that never raced, and programs that were never paused: nothing would be shown by that. Pure."""

from collections.abc import Iterator

from tests.faults.history import PAUSE, History

RACES, TO_PAUSE = "lost races", "to pause"


def not_tried(history: History) -> Iterator[str]:
    """Name whom the run was to pause and did not, and say where no late write lost."""
    paused = {fault.program for fault in history.faults if fault.kind == PAUSE}
    for program in history.noted.get(TO_PAUSE, ()):
        if program not in paused:
            yield f"{program} was never paused"
    if not _lost(history):
        yield "no late write lost a race, so nobody can tell what one would do"


def told_of_races(history: History) -> Iterator[str]:
    """Tell how many late writes lost, and which programs slept how often."""
    races = history.noted.get(RACES, {})
    each = ", ".join(f"{service} {counted}" for service, counted in races.items() if counted)
    yield f"{_lost(history)} late writes lost their race and were decided again: {each or 'none'}"


def _lost(history: History) -> int:
    return sum(sum(counted.values()) for counted in history.noted.get(RACES, {}).values())
