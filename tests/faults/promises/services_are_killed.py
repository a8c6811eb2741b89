"""1: a random service is killed every 2–5 s."""

from siaga_cli.run.environments import SERVICES
from tests.faults.promises.promise import Promise
from tests.faults.schedule import KILLS, Planned, plan
from tests.faults.setting import Setting


def _killed(setting: Setting) -> tuple[Planned, ...]:
    return plan(setting.seed, tuple(SERVICES), KILLS, begins=setting.quiet, ends=setting.storm_ends)


PROMISE = Promise(
    1, "killing any service loses nothing and repeats no effect", _killed, seeds=10, quiet=5.0, calm=20.0
)
