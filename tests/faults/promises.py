"""The promises that are tried here, each with the storm that it is tried in."""

from collections.abc import Callable
from dataclasses import dataclass

from service_kit.listener import SESSION_TIMEOUT_MS
from siaga_cli.run.environments import SERVICES
from tests.faults.schedule import KILLS, Planned, pauses, plan
from tests.faults.setting import Setting

SESSION_SECONDS = SESSION_TIMEOUT_MS / 1000


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: its number and sentence, and the faults that a setting plans for it."""

    number: int
    sentence: str
    planned: Callable[[Setting], tuple[Planned, ...]]


def _killed(setting: Setting) -> tuple[Planned, ...]:
    return plan(setting.seed, tuple(SERVICES), KILLS, begins=setting.quiet, ends=setting.storm_ends)


def _paused(setting: Setting) -> tuple[Planned, ...]:
    rhythm = pauses(SESSION_SECONDS)
    return plan(setting.seed, tuple(SERVICES), rhythm, begins=setting.quiet, ends=setting.storm_ends)


PROMISES: dict[int, Promise] = {
    one.number: one
    for one in (
        Promise(1, "killing any service loses nothing and repeats no effect", _killed),
        Promise(2, "a paused process that wakes up late does no harm", _paused),
    )
}
