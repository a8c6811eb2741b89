"""2: every program in turn sleeps for longer than its group waits, while another does its work.

A service is caught between what it has read and what it writes of it, so that it wakes up with a late write.
"""

import random
from dataclasses import replace

from service_kit.listener import SESSION_TIMEOUT_MS
from siaga_cli.run.environments import SERVICES
from tests.faults.checks.races import TO_PAUSE, not_tried, told_of_races
from tests.faults.promises.promise import Promise, Stage
from tests.faults.racing import lost_races_are_noted
from tests.faults.schedule import Planned, pauses, plan
from tests.faults.setting import Setting
from tests.faults.stand_in import HEARS

SESSION_SECONDS = SESSION_TIMEOUT_MS / 1000
SERVERS = ("kafka", "store")


def _paused(setting: Setting) -> tuple[Planned, ...]:
    """Return pauses that hit every program once before they hit one twice."""
    everyone = (*SERVICES, *SERVERS)
    rhythm = pauses(SESSION_SECONDS)
    planned = plan(setting.seed, everyone, rhythm, begins=setting.quiet, ends=setting.storm_ends)
    chance = random.Random(f"{setting.seed} turns")
    turns = [name for _ in planned for name in chance.sample(everyone, len(everyone))]
    return tuple(
        replace(one, programs=(name,), stand_in=name in HEARS, in_the_act=name in HEARS)
        for one, name in zip(planned, turns, strict=False)
    )


async def _to_pause(stage: Stage) -> None:
    stage.noted[TO_PAUSE] = sorted({one.programs[0] for one in _paused(stage.setting)})


PROMISE = Promise(
    2,
    "a paused process that wakes up late does no harm",
    _paused,
    acts=(_to_pause,),
    afterwards=(lost_races_are_noted,),
    checks={"late writes": not_tried},
    tells=told_of_races,
    length=230.0,
)
