"""Clocks that lie: each service and each exchange has its own, which jumps by minutes while it runs."""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx

from bench.agencies import Request as Posted
from service_kit.skew import LOOK_EVERY_SECONDS, STORE
from siaga_cli.run.environments import SERVICES
from tests.e2e.system import ROOT
from tests.faults.asking import siaga_status
from tests.faults.checks.clocks import DURATIONS, FLAGS, JUMPS
from tests.faults.faketime import ABSENT, LIBRARIES, LIES, set_clock
from tests.faults.history import Fault
from tests.faults.jumps import RIGHT, Jump, jumps
from tests.faults.promises.promise import CannotBeTried, Stage

OWN_CLOCK = Path(__file__).with_name("own_clock")
CLOCK = "clock"
TOLD_WITHIN = 3 * LOOK_EVERY_SECONDS
LATE_CONTACT, LATE_EVERY = "posko", 3
LATE_SECONDS = 25.0
"""Longer than the ladder waits in these runs."""


@asynccontextmanager
async def own_clocks(home: Path) -> AsyncIterator[Mapping[str, str]]:
    """Start every service under a clock of its own, which is right at first. Raises CannotBeTried."""
    if not LIBRARIES:
        raise CannotBeTried(ABSENT)
    folder = _folder(home)
    folder.mkdir(parents=True)
    for service in SERVICES:
        _set(home, service, RIGHT)
    paths = [str(OWN_CLOCK), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    yield {
        "PYTHONPATH": os.pathsep.join(paths),
        "SIAGA_FAULTS_CLOCKS": str(folder),
        "SIAGA_FAULTS_FAKETIME": str(LIBRARIES[0]),
        **LIES,
    }


async def clocks_jump(stage: Stage) -> None:
    """Let every clock jump at its moments; each stretch in which one lies is a fault."""
    load, exchanges = stage.load, _exchanges(stage)
    stage.noted[JUMPS] = []
    since: dict[str, tuple[float, int]] = {}
    for jump in _planned(stage):
        await load.clock.until(jump.at)
        now = time.time()
        if jump.whose in SERVICES:
            await asyncio.to_thread(_set, stage.system.home, jump.whose, jump.ahead)
        else:
            load.exchange.ahead[exchanges.index(jump.whose)] = timedelta(seconds=jump.ahead)
        stage.noted[JUMPS].append({**asdict(jump), "at": now})
        began, ahead = since.get(jump.whose, (now, RIGHT))
        if ahead != RIGHT:
            stage.injector.done.append(Fault(jump.whose, f"{CLOCK} {ahead:+d} s", began, now))
        since[jump.whose] = (now, jump.ahead)


def _exchanges(stage: Stage) -> list[str]:
    return [one.code for one in stage.load.tenants[:1]]


def _planned(stage: Stage) -> tuple[Jump, ...]:
    setting = stage.setting
    whose = (*SERVICES, *_exchanges(stage))
    return jumps(setting.seed, whose, begins=setting.quiet, ends=setting.storm_ends)


async def skew_is_looked_for(stage: Stage) -> None:
    """A while after each clock began to lie note what is told of it, and once what a person is told."""
    stage.noted[FLAGS] = []
    async with httpx.AsyncClient(timeout=20, trust_env=False) as door:
        for jump in (one for one in _planned(stage) if one.ahead != RIGHT):
            await stage.load.clock.until(jump.at + TOLD_WITHIN)
            stage.noted[FLAGS].append({**asdict(jump), "told": await _told(stage, door, jump.whose)})
            if jump.whose in SERVICES and not any("said" in one for one in stage.noted[FLAGS]):
                _, said = await asyncio.to_thread(siaga_status, stage.system.home)
                stage.noted[FLAGS][-1]["said"] = said


async def _told(stage: Stage, door: httpx.AsyncClient, whose: str) -> float | None:
    """Return how far ahead a clock is: by its service's own word, by intake's where it is an exchange's."""
    service = whose if whose in SERVICES else "intake"
    report = (await door.get(f"{stage.system.addresses[service]}/status")).json()
    skews: dict[str, float] = report["clock_skew_seconds"]
    if whose in SERVICES:
        return skews.get(STORE)
    (trunk,) = (one.trunks[0].id for one in stage.load.tenants if one.code == whose)
    behind, own = skews.get(f"trunk {whose}/{trunk}"), skews.get(STORE)
    return None if behind is None or own is None else own - behind


async def some_reply_late(stage: Stage) -> None:
    """Let the first contact answer every third ticket only after its deadline, so that deadlines come."""

    def late(asked: Posted) -> float:
        ticket = random.Random(f"{stage.setting.seed} {asked.body['ticket_id']}")
        chosen = ticket.randrange(LATE_EVERY) == 0 and asked.path.endswith(f"/{LATE_CONTACT}")
        return LATE_SECONDS if chosen else 0.0

    stage.load.agencies.replies_late = late
    await asyncio.sleep(0)


async def durations_are_read(stage: Stage) -> None:
    """Note every duration that a recap, or a service's metrics, tell."""
    stage.noted[DURATIONS] = await asyncio.to_thread(lambda: [*_recaps(stage), *_metrics(stage)])


def _recaps(stage: Stage) -> list[dict[str, Any]]:
    found = []
    for tenant in (one.code for one in stage.load.tenants):
        for month in stage.system.get("statistics", f"/v1/tenants/{tenant}/recaps")["items"]:
            figures = stage.system.get("statistics", f"/v1/tenants/{tenant}/recaps/{month}")["figures"]
            found += [
                {"where": f"recap of {tenant}", "name": one["indicator"], "seconds": one["value"]}
                for one in figures
                if "seconds" in one["indicator"] and one["value"] is not None
            ]
    return found


def _metrics(stage: Stage) -> list[dict[str, Any]]:
    found = []
    for service, address in stage.system.addresses.items():
        lines = stage.system.door.get(f"{address}/metrics").raise_for_status().text.splitlines()
        for line in lines:
            name, _, value = line.rpartition(" ")
            if name.partition("{")[0].endswith("_seconds_sum"):
                found.append({"where": f"metrics of {service}", "name": name, "seconds": float(value)})
    return found


def _folder(home: Path) -> Path:
    return home.parent / "clocks"


def _set(home: Path, service: str, ahead: int) -> None:
    set_clock(_folder(home) / SERVICES[service], ahead)
