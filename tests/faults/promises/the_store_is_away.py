"""4: the store does not answer for minutes, and is then killed."""

from tests.faults.history import KILL, PAUSE
from tests.faults.promises.promise import Promise
from tests.faults.schedule import Planned
from tests.faults.setting import Setting

STORE = ("store",)


def _without_store(setting: Setting) -> tuple[Planned, ...]:
    return (Planned(setting.quiet, PAUSE, STORE, setting.length), Planned(setting.storm_ends, KILL, STORE))


PROMISE = Promise(
    4, "nor while the store is away", _without_store, length=300.0, normal_again_within=60.0, calm=90.0
)
