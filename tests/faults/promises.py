"""The promises that are tried here, each with the storm that it is tried in."""

from collections.abc import Callable
from dataclasses import dataclass

from service_kit.listener import SESSION_TIMEOUT_MS
from siaga_cli.run.environments import SERVICES
from tests.faults.history import KILL, PAUSE
from tests.faults.schedule import KILLS, Planned, pauses, plan
from tests.faults.setting import Setting

SESSION_SECONDS = SESSION_TIMEOUT_MS / 1000
BROKER, STORE = ("kafka",), ("store",)


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: its number and sentence, and the faults that a setting plans for it.

    Attributes:
        normal_again_within: seconds from the last fault until nothing is late any more.
        calm: how long calls come after the storm, at least; longer than that, so that it is seen.
    """

    number: int
    sentence: str
    planned: Callable[[Setting], tuple[Planned, ...]]
    normal_again_within: float = 15.0
    calm: float = 30.0


def _killed(setting: Setting) -> tuple[Planned, ...]:
    return plan(setting.seed, tuple(SERVICES), KILLS, begins=setting.quiet, ends=setting.storm_ends)


def _paused(setting: Setting) -> tuple[Planned, ...]:
    rhythm = pauses(SESSION_SECONDS)
    return plan(setting.seed, tuple(SERVICES), rhythm, begins=setting.quiet, ends=setting.storm_ends)


def _without_broker(setting: Setting) -> tuple[Planned, ...]:
    return (Planned(setting.quiet, PAUSE, BROKER, setting.length),)


def _without_store(setting: Setting) -> tuple[Planned, ...]:
    return (Planned(setting.quiet, PAUSE, STORE, setting.length), Planned(setting.storm_ends, KILL, STORE))


PROMISES: dict[int, Promise] = {
    one.number: one
    for one in (
        Promise(1, "killing any service loses nothing and repeats no effect", _killed),
        Promise(2, "a paused process that wakes up late does no harm", _paused),
        Promise(
            3,
            "intake never says no while the broker is away",
            _without_broker,
            normal_again_within=60.0,
            calm=90.0,
        ),
        Promise(4, "nor while the store is away", _without_store, normal_again_within=60.0, calm=90.0),
    )
}
