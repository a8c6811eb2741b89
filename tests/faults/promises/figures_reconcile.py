"""17: after kills, pauses, a lost log, and a log heard twice, every figure is exactly what the log gives."""

from collections.abc import Iterator

from siaga_cli.run.environments import SERVICES
from tests.faults.checks.rebuilt import not_rebuilt
from tests.faults.checks.unmoved import moved
from tests.faults.history import KILL, PAUSE, WIPE, History
from tests.faults.promises.events_come_again import again_at_rest
from tests.faults.promises.promise import Promise
from tests.faults.rebuilding import statistics_are_rebuilt
from tests.faults.schedule import KILLS, Planned, plan
from tests.faults.setting import Setting

SERVERS = ("kafka", "store")
PAUSED_FOR = 10.0
BETWEEN = 15.0
"""Seconds that the broker and the store have between two faults of theirs."""


def _all_of_the_above(setting: Setting) -> tuple[Planned, ...]:
    """Return kills of anything, then pauses of broker and store as far as they fit, and a lost log between them."""
    half = setting.quiet + setting.length / 2
    kills = plan(setting.seed, (*SERVICES, *SERVERS), KILLS, begins=setting.quiet, ends=half)
    steps = (
        Planned(half + BETWEEN, PAUSE, ("kafka",), PAUSED_FOR),
        Planned(half + 2 * BETWEEN + PAUSED_FOR, PAUSE, ("store",), PAUSED_FOR),
        Planned(half + 3 * BETWEEN + 2 * PAUSED_FOR, WIPE, ("kafka",)),
        Planned(half + 4 * BETWEEN + 2 * PAUSED_FOR, KILL, ("store",)),
    )
    return (*kills, *(one for one in steps if one.ends_at <= setting.storm_ends))


def _told(history: History) -> Iterator[str]:
    """Tell how many figures were counted again."""
    figures = [one for shown in history.states.figures.values() for one in shown.values()]
    some = sum(1 for one in figures if one.value)
    yield f"{len(figures)} figures of {len(history.states.figures)} tenants were counted again, {some} of them not 0"


PROMISE = Promise(
    17,
    "figures reconcile after all of the above",
    _all_of_the_above,
    afterwards=(again_at_rest, statistics_are_rebuilt),
    checks={"moved": moved, "rebuilt": not_rebuilt},
    tells=_told,
    length=160.0,
    normal_again_within=80.0,
    calm=85.0,
)
"""After the lost log everything is told again while calls come; how soon all sides agree then is promise 5's."""
