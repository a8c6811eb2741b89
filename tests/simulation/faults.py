"""The weather of one seed: which step is refused, lost, late or the last, and how wrong the clocks go."""

import random
from collections import defaultdict
from dataclasses import dataclass, field

OTHERS_GO_FIRST = 0.15
FINE, REFUSED, LOST, CRASH_BEFORE, CRASH_AFTER = range(5)


OUTAGES = {
    "its store": frozenset({"AutoReconnect"}),
    "its bus": frozenset({"Away", "KafkaError"}),
    "its disk": frozenset({"SpoolUnwritable"}),
    "everything": frozenset({"AutoReconnect", "Away", "KafkaError", "SpoolUnwritable", "NoAnswer"}),
}
"""What a service may be cut off from, and the troubles that it has then."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How often things go wrong; shares of all steps, and what happens by the hour.

    Attributes:
        slow: the share of steps that take up to `slowest_seconds`.
        refused: the share that fails without an effect; `lost`: the effect is there, its news is not.
        crash: the share that is a process's last.
        outages: how often an hour a whole service loses its store and its bus for a while.
        replays: how often an hour a group hears again from an earlier place.
        doubled: the share of fetches after which the same records come again.
        stops: how often an hour a service is told to stop; `pauses`: stands still until another one has its place.
        skew_seconds: how wrong a process's clock may be; it jumps `jumps` times an hour.
    """

    slow: float = 0.05
    slowest_seconds: float = 0.5
    refused: float = 0.0
    lost: float = 0.0
    crash: float = 0.0
    outages: float = 0.0
    replays: float = 0.0
    doubled: float = 0.0
    skew_seconds: float = 0.0
    jumps: float = 0.0
    stops: float = 0.0
    pauses: float = 0.0


CALM = Weather()
RAIN = Weather(0.1, 2.0, 0.005, 0.005, 0.0003, 2.0, 1.0, 0.02, 2.0, 1.0, 3.0, 1.0)
STORM = Weather(0.2, 5.0, 0.02, 0.02, 0.001, 4.0, 3.0, 0.1, 300.0, 3.0, 4.0, 3.0)
CLOCKS = Weather(0.1, 2.0, 0.002, 0.002, 0.0001, 0.0, 0.0, 0.02, 300.0, 12.0)
CRASHES = Weather(0.1, 1.0, 0.002, 0.002, 0.002, 0.0, 0.0, 0.02, 0.0, 0.0, 8.0, 6.0)
KINDS = {"calm": CALM, "rain": RAIN, "storm": STORM, "clocks": CLOCKS, "crashes": CRASHES}


def _a_moment(draw: float) -> float:
    """Most steps are done at once, some let others go first."""
    return draw * 0.005 if draw < OTHERS_GO_FIRST else 0.0


@dataclass
class Faults:
    """Draws what goes wrong; after `cease` nothing does any more.

    Attributes:
        skews: by how many seconds a process's clock is ahead.
        away: what a process cannot reach now, by the troubles that it has with it (`OUTAGES`).
        planned: the fates of a process's next steps, where somebody has chosen them.
    """

    chance: random.Random
    weather: Weather = CALM
    skews: dict[str, float] = field(default_factory=dict)
    away: dict[str, frozenset[str]] = field(default_factory=dict)
    planned: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    ceased: bool = False

    def fate(self, process: str, trouble: str) -> tuple[int, float]:
        """Return what becomes of a step that may have such a trouble, and how long it takes."""
        draw = self.chance.random()
        if self.ceased:
            return FINE, _a_moment(draw)
        if self.planned[process]:
            return self.planned[process].pop(0), 0.0
        if process in self.away and trouble in self.away[process]:
            return REFUSED, 0.1 + draw * 0.4
        weather = self.weather
        for fate, share in (
            (REFUSED, weather.refused),
            (LOST, weather.lost),
            (CRASH_BEFORE, weather.crash / 2),
            (CRASH_AFTER, weather.crash / 2),
        ):
            if draw < share:
                return fate, draw / share * 0.1
            draw -= share
        if draw < weather.slow:
            return FINE, draw / weather.slow * weather.slowest_seconds
        return FINE, _a_moment(draw)

    def skew(self, process: str) -> float:
        """Return how many seconds a process's clock is ahead."""
        return self.skews.get(process, 0.0)

    def answer_lost(self) -> bool:
        """Say whether an answer to a person gets lost."""
        return not self.ceased and self.chance.random() < self.weather.lost

    def cease(self) -> None:
        """Let the weather clear up; clocks stay as wrong as they are."""
        self.ceased = True
        self.away.clear()

    def doubles(self) -> bool:
        """Say whether the records of a fetch come again."""
        return not self.ceased and self.chance.random() < self.weather.doubled
