"""4: the store does not answer for minutes, and is then killed and not there for as long again."""

from tests.faults.checks.outage import (
    called_down,
    normal_again,
    said_no,
    spinning,
    told_of_outage,
    too_slow,
    unlisted,
)
from tests.faults.history import KILL, PAUSE
from tests.faults.outage import (
    cpu_is_watched,
    current_calls_are_listed,
    everybody_is_back,
    status_is_looked_at,
)
from tests.faults.promises.promise import Promise
from tests.faults.schedule import Planned
from tests.faults.setting import Setting

STORE = ("store",)


def _without_store(setting: Setting) -> tuple[Planned, ...]:
    half = setting.length / 2
    return (
        Planned(setting.quiet, PAUSE, STORE, half),
        Planned(setting.quiet + half, KILL, STORE, half),
    )


PROMISE = Promise(
    4,
    "nor while the store is away",
    _without_store,
    acts=(everybody_is_back, cpu_is_watched, status_is_looked_at, current_calls_are_listed),
    checks={
        "called down": called_down,
        "said no": said_no,
        "catching up": too_slow,
        "spinning": spinning,
        "unlisted": unlisted,
    },
    tells=told_of_outage,
    normal_again=normal_again,
    length=300.0,
    calm=60.0,
)
