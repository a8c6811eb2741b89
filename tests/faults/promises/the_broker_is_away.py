"""3: the broker does not answer for minutes."""

from tests.faults.checks.outage import called_down, normal_again, said_no, spinning, told_of_outage, too_slow
from tests.faults.history import PAUSE
from tests.faults.outage import cpu_is_watched, everybody_is_back, status_is_looked_at
from tests.faults.promises.promise import Promise
from tests.faults.schedule import Planned
from tests.faults.setting import Setting


def _without_broker(setting: Setting) -> tuple[Planned, ...]:
    return (Planned(setting.quiet, PAUSE, ("kafka",), setting.length),)


PROMISE = Promise(
    3,
    "intake never says no while the broker is away",
    _without_broker,
    acts=(everybody_is_back, cpu_is_watched, status_is_looked_at),
    checks={"called down": called_down, "said no": said_no, "catching up": too_slow, "spinning": spinning},
    tells=told_of_outage,
    normal_again=normal_again,
    length=300.0,
    calm=60.0,
)
