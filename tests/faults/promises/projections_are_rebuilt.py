"""16: services are killed under load, and when all is at rest the figures are built again, in this order and that."""

from siaga_cli.run.environments import SERVICES
from tests.faults.checks.rebuilt import not_rebuilt
from tests.faults.promises.promise import Promise
from tests.faults.rebuilding import statistics_are_rebuilt
from tests.faults.schedule import KILLS, Planned, plan
from tests.faults.setting import Setting


def _killed(setting: Setting) -> tuple[Planned, ...]:
    return plan(setting.seed, tuple(SERVICES), KILLS, begins=setting.quiet, ends=setting.storm_ends)


PROMISE = Promise(
    16,
    "every projection can be rebuilt",
    _killed,
    afterwards=(statistics_are_rebuilt,),
    checks={"rebuilt": not_rebuilt},
    length=30.0,
    calm=20.0,
)
