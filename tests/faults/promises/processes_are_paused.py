"""2: one service after the other sleeps for longer than its group waits, while another does its work."""

from service_kit.listener import SESSION_TIMEOUT_MS
from siaga_cli.run.environments import SERVICES
from tests.faults.promises.promise import Promise
from tests.faults.schedule import Planned, pauses, plan
from tests.faults.setting import Setting

SESSION_SECONDS = SESSION_TIMEOUT_MS / 1000


def _paused(setting: Setting) -> tuple[Planned, ...]:
    rhythm = pauses(SESSION_SECONDS)
    return plan(setting.seed, tuple(SERVICES), rhythm, begins=setting.quiet, ends=setting.storm_ends)


PROMISE = Promise(2, "a paused process that wakes up late does no harm", _paused)
