"""3: the broker does not answer for minutes."""

from tests.faults.history import PAUSE
from tests.faults.promises.promise import Promise
from tests.faults.schedule import Planned
from tests.faults.setting import Setting


def _without_broker(setting: Setting) -> tuple[Planned, ...]:
    return (Planned(setting.quiet, PAUSE, ("kafka",), setting.length),)


PROMISE = Promise(
    3,
    "intake never says no while the broker is away",
    _without_broker,
    length=300.0,
    normal_again_within=60.0,
    calm=90.0,
)
