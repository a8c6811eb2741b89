"""7: every group hears the whole log again, once under load and once when nobody calls."""

import asyncio
import hashlib
from dataclasses import asdict
from typing import Any

from tests.faults.asking import ask_all, settle
from tests.faults.checks.unmoved import NOTED, moved
from tests.faults.promises.promise import Promise, Stage
from tests.faults.reading import read_log
from tests.faults.rewinding import rewind
from tests.faults.setting import Setting
from tests.faults.stand_in import HEARS

GROUPS = tuple(sorted(HEARS))
UNDER_LOAD, AT_REST = "under load", "at rest"


def _turned_back_at(setting: Setting) -> float:
    return setting.quiet + setting.length / 2


async def _again_under_load(stage: Stage) -> None:
    """Turn every group back while calls come."""
    await stage.load.clock.until(_turned_back_at(stage.setting))
    heard = await rewind(stage.system.kafka_bootstrap, GROUPS, stage.injector, at_rest=False)
    stage.noted[NOTED] = {"turned back": {UNDER_LOAD: heard}}
    stage.say(f"every group was turned back to 0: {heard}")


async def again_at_rest(stage: Stage) -> None:
    """Turn every group back when all is over; note everything before and after."""
    noted = stage.noted.setdefault(NOTED, {"turned back": {}})
    noted["before"] = await _everything(stage)
    heard = await rewind(stage.system.kafka_bootstrap, GROUPS, stage.injector, at_rest=True)
    noted["turned back"][AT_REST] = heard
    codes = [tenant.code for tenant in stage.load.tenants]
    noted["unfinished"] = await asyncio.to_thread(settle, stage.system, codes)
    noted["after"] = await _everything(stage)
    stage.say(f"every group heard everything again: {heard}")


async def _everything(stage: Stage) -> dict[str, Any]:
    """Return digests of what each service tells at its doors, and how much was said and sent."""
    codes = [tenant.code for tenant in stage.load.tenants]
    states = asdict(await asyncio.to_thread(ask_all, stage.system, codes, ()))
    log = await read_log(stage.system.kafka_bootstrap)
    return {
        **{name: _digest(found) for name, found in states.items()},
        "events": len(log.said),
        "dead letters": len(log.buried),
        "requests": len(stage.load.requests()),
    }


def _digest(found: Any) -> str:
    return hashlib.sha256(repr(found).encode()).hexdigest()


PROMISE = Promise(
    7,
    "twice, late and in any order is dull",
    acts=(_again_under_load,),
    afterwards=(again_at_rest,),
    checks={"moved": moved},
    length=60.0,
    normal_again_within=30.0,
    calm=40.0,
)
