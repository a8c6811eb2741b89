"""Which endpoint tells which lie when, decided by a seed; and the acts that do it beside the load."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from siaga_embedded.places import Places
from siaga_embedded.processes import read_records
from tests.faults.history import Fault
from tests.faults.liars import Lie
from tests.faults.noted import FOLLOWED, LIES_TOLD, LYING_AGENCY, MEMORY

if TYPE_CHECKING:
    from tests.faults.promises.promise import Act, Stage

HONEST_PART = 4 / 7
"""Between two lies an endpoint is honest for so much of the time, 20 s of 35 s: what was left alone is asked again."""
MAIL, HANGS = "mail server", "hangs"
NOTIFIER = "agency-notifier"
LOOK_EVERY = 0.5


@dataclass(frozen=True, slots=True)
class Lying:
    """One lie of one endpoint, from a second to another."""

    at: float
    until: float
    endpoint: str
    lie: Lie


def lies(seed: int, endpoints: Sequence[str], *, begins: float, ends: float) -> tuple[Lying, ...]:
    """Let each endpoint tell every lie once, for the same time, each in an order of its own, and be honest between."""
    each = (ends - begins) / len(Lie)
    told = []
    for endpoint in endpoints:
        order = random.Random(f"{seed} {endpoint}").sample(list(Lie), len(Lie))
        for number, lie in enumerate(order):
            at = begins + number * each
            told.append(Lying(at, at + (1 - HONEST_PART) * each, endpoint, lie))
    return tuple(told)


def endpoints_of(stage: "Stage") -> tuple[str, ...]:
    """Return the endpoint of each tenant that lies."""
    return tuple(f"/{one.code}/{LYING_AGENCY}/posko" for one in stage.load.tenants)


async def endpoints_lie(stage: "Stage") -> None:
    """Let the endpoints lie for the whole storm; each lie is a fault."""
    setting = stage.setting
    told = lies(setting.seed, endpoints_of(stage), begins=setting.quiet, ends=setting.storm_ends)
    await asyncio.gather(*(_lie(stage, one) for one in told))


async def _lie(stage: "Stage", one: Lying) -> None:
    await stage.load.clock.until(one.at)
    began = time.time()
    stage.load.liars.tell(one.endpoint, one.lie)
    await stage.load.clock.until(one.until)
    stage.load.liars.tell(one.endpoint, None)
    stage.injector.done.append(Fault(one.endpoint, one.lie, began, time.time()))


def mail_hangs(part: float) -> "Act":
    """Return an act: in the last part of the storm the mail server takes connections and says nothing."""

    async def hang(stage: "Stage") -> None:
        setting = stage.setting
        await stage.load.clock.until(setting.storm_ends - part * setting.length)
        began, stage.load.mailbox.hangs = time.time(), True
        await stage.load.clock.until(setting.storm_ends)
        stage.load.mailbox.hangs = False
        stage.injector.done.append(Fault(MAIL, HANGS, began, time.time()))

    return hang


async def memory_is_watched(stage: "Stage") -> None:
    """Note how much memory the notifier holds, from the first call on until the storm is over."""
    seen: list[tuple[float, int]] = []
    stage.noted[MEMORY] = seen
    while stage.load.clock.now() < stage.setting.storm_ends:
        if (held := _resident(stage.system.home)) is not None:
            seen.append((time.time(), held))
        await asyncio.sleep(LOOK_EVERY)


def _resident(home: Path) -> int | None:
    for record in read_records(Places(home)):
        if record.name == NOTIFIER and (process := record.process()) is not None:
            try:
                return int(process.memory_info().rss)
            except psutil.Error:
                return None
    return None


async def lies_are_noted(stage: "Stage") -> None:
    """Note what the liars saw."""
    stage.noted[LIES_TOLD] = [asdict(one) for one in stage.load.liars.lied]
    stage.noted[FOLLOWED] = stage.load.liars.followed
