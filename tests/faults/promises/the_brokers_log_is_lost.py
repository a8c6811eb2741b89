"""5: the broker's disk is lost under load, and once more when nobody calls; it comes back as another cluster."""

import asyncio
import json
import time
from collections.abc import Iterator

from aiokafka.errors import KafkaError

from service_kit.topics_setup import cluster_id
from service_kit.transient import Away
from siaga_cli.run.environments import SERVICES
from tests.faults.asking import ask_all, settle
from tests.faults.checks.figures import recount_differs
from tests.faults.checks.untold import not_yet_told_again, untold, untold_of
from tests.faults.history import WIPE, History, Said
from tests.faults.promises.promise import Promise, Stage
from tests.faults.reading import read_log
from tests.faults.schedule import Planned
from tests.faults.setting import Setting

WITHIN = 60.0
GIVES_UP_AFTER = 180.0
READS_BEFORE = 3.0
LOOK_EVERY = 0.5
BROKER = ("kafka",)


def _wiped_at(setting: Setting) -> float:
    return setting.quiet + setting.length / 2


def _wiped(setting: Setting) -> tuple[Planned, ...]:
    return (Planned(_wiped_at(setting), WIPE, BROKER),)


async def _told_again_under_load(stage: Stage) -> None:
    """Note how long it takes until the new log tells every aggregate that the old one had told."""
    bootstrap, noted = stage.system.kafka_bootstrap, stage.noted
    await stage.load.clock.until(_wiped_at(stage.setting) - READS_BEFORE)
    before = (await read_log(bootstrap)).said
    noted["clusters"] = [await cluster_id(bootstrap, client="faults")]
    noted["told_before"] = len({said.about for said in before})
    await stage.injector.over.wait()
    if not stage.injector.done:
        return
    began, left = stage.injector.done[-1].ended, -1
    while left and time.time() < began + GIVES_UP_AFTER:
        await asyncio.sleep(LOOK_EVERY)
        left = not_yet_told_again(before, await _log(stage)) or 0
    noted["told_again_after"] = None if left else time.time() - began
    noted["clusters"].append(await cluster_id(bootstrap, client="faults"))
    stage.say(f"every aggregate was told again {noted['told_again_after']} s after the loss of the log")


async def _agreed_at_rest(stage: Stage) -> None:
    """Lose the log once more, and note how long it takes until all sides and the figures agree exactly."""
    await stage.injector.at_rest(Planned(0.0, WIPE, BROKER))
    began = stage.injector.done[-1].ended
    differ: list[str] = ["not looked yet"]
    while differ and time.time() < began + GIVES_UP_AFTER:
        await asyncio.sleep(LOOK_EVERY)
        differ = await _differ(stage)
    stage.noted["agreed_after"] = None if differ else time.time() - began
    stage.noted["clusters"].append(await cluster_id(stage.system.kafka_bootstrap, client="faults"))
    stage.say(f"all sides and the figures agreed {stage.noted['agreed_after']} s after the second loss")
    await asyncio.to_thread(settle, stage.system, [tenant.code for tenant in stage.load.tenants])
    stage.noted["announced"] = {service: _announced(stage, service) for service in SERVICES}


async def _differ(stage: Stage) -> list[str]:
    codes = [tenant.code for tenant in stage.load.tenants]
    log = await _log(stage)
    if not log:
        return ["there is no log"]
    states = await asyncio.to_thread(ask_all, stage.system, codes, ())
    return [*untold_of(states, log), *recount_differs(log, states.figures)]


async def _log(stage: Stage) -> tuple[Said, ...]:
    """Return the log; nothing of it while the broker is away or still making its topics."""
    try:
        return (await read_log(stage.system.kafka_bootstrap)).said
    except (KafkaError, Away, OSError):
        return ()


def _announced(stage: Stage, service: str) -> list[int]:
    """Return how many states a service told each time that it met another cluster, by its own log."""
    lines = (stage.system.home / "logs" / f"{service}.log").read_text("utf-8", "replace").splitlines()
    said = [json.loads(line) for line in lines if '"state.announced"' in line]
    return [int(one["count"]) for one in said if one.get("why") == "another cluster"]


def _not_agreed(history: History) -> Iterator[str]:
    noted = history.noted
    wipes = sum(fault.kind == WIPE for fault in history.faults)
    clusters = noted.get("clusters", [])
    if wipes == 0 or len(set(clusters)) != wipes + 1:
        yield f"the log was lost {wipes} times, and the clusters were {', '.join(clusters)}"
    for name in ("told_again_after", "agreed_after"):
        after = noted.get(name)
        if after is None or after > WITHIN:
            yield f"{name.replace('_', ' ')} {'never' if after is None else f'{after:.0f} s'}, not within {WITHIN:.0f} s"
    if not noted.get("told_before"):
        yield "nothing had been told before the log was lost, so there was nothing to tell again"
    announced = noted.get("announced", {})
    for service in SERVICES:
        times = len(announced.get(service, ()))
        if times < wipes:
            yield f"{service} announced {times} times after {wipes} lost logs"


PROMISE = Promise(
    5,
    "even a lost broker log loses nothing",
    _wiped,
    acts=(_told_again_under_load,),
    afterwards=(_agreed_at_rest,),
    checks={"agreement": _not_agreed, "untold": untold},
    normal_again_within=WITHIN,
    length=60.0,
    calm=65.0,
)
