"""Replicas come and go, every service is started again in turn, and a newer version runs beside the present one."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from pymongo import AsyncMongoClient

from siaga_cli.run.environments import SERVICES
from siaga_embedded.places import Places
from tests.faults.checks.replicas import JOURNAL, KEPT
from tests.faults.history import REPLICA, RESTART
from tests.faults.newer import dispatch as newer_dispatch
from tests.faults.promises.promise import Stage
from tests.faults.stand_in import HEARS, Newer, standing_in

EVERY = 10.0
COME_AND_GO = 0.7
"""The part of the storm in which replicas come and go; in the rest every service is started again."""
BACK_WITHIN = 60.0
LOOK_EVERY = 0.1


@dataclass(slots=True)
class Crew:
    """The second processes that run now, one a service at most."""

    stage: Stage
    running: dict[str, AsyncExitStack] = field(default_factory=dict)

    async def change(self, service: str) -> None:
        """Let a service's second process come, or go where there is one."""
        if service in self.running:
            await self.running.pop(service).aclose()
            return
        process = self.stage.injector.process_of(service)
        if process is not None:
            self.running[service] = AsyncExitStack()
            await self.running[service].enter_async_context(self._second(service, process))

    async def go_home(self) -> None:
        """Let all of them go."""
        for service in list(self.running):
            await self.change(service)

    @asynccontextmanager
    async def _second(self, service: str, process: psutil.Process) -> AsyncIterator[None]:
        newer = newer_of(self.stage.system.home) if service == "dispatch" else None
        async with (
            self.stage.injector.doing(service, REPLICA),
            standing_in(
                service,
                process,
                Places(self.stage.system.home),
                newer,
                died=self.stage.injector.died,
            ),
        ):
            yield


def newer_of(home: Path) -> Newer:
    """Return dispatch's next version, which writes down what it saves."""
    journal = {newer_dispatch.JOURNAL: str(_journal(home))}
    return Newer("tests.faults.newer.dispatch", journal)


async def replicas_come_and_go(stage: Stage) -> None:
    """Add or remove one every few seconds, by the seed; then start every service again, one after the other."""
    setting, clock = stage.setting, stage.load.clock
    chance = random.Random(setting.seed)
    ends = setting.quiet + COME_AND_GO * setting.length
    crew, at, before = Crew(stage), setting.quiet, ""
    try:
        while at < ends:
            await clock.until(at)
            before = chance.choice(sorted(HEARS - {before})) if at > setting.quiet else "dispatch"
            await crew.change(before)
            at += EVERY
    finally:
        await crew.go_home()
    for service in chance.sample(sorted(SERVICES), len(SERVICES)):
        await _start_again(stage, service)


async def _start_again(stage: Stage, service: str) -> None:
    """Ask a service to end, and wait until its successor is ready."""
    process = stage.injector.process_of(service)
    assert process is not None, f"{service} does not run"
    async with stage.injector.doing(service, RESTART), httpx.AsyncClient(trust_env=False) as door:
        process.terminate()
        until = time.monotonic() + BACK_WITHIN
        while not await _is_another(stage, service, process, door):
            assert time.monotonic() < until, f"{service} did not come back"
            await asyncio.sleep(LOOK_EVERY)


async def _is_another(stage: Stage, service: str, old: psutil.Process, door: httpx.AsyncClient) -> bool:
    now = stage.injector.process_of(service)
    if now is None or now == old:
        return False
    try:
        return (await door.get(f"{stage.system.addresses[service]}/readyz")).is_success
    except httpx.TransportError:
        return False


async def newer_field_is_read(stage: Stage) -> None:
    """Note what the newer program saved, and every response as it lies in the store."""
    journal = _journal(stage.system.home)
    lines = (await asyncio.to_thread(journal.read_text)).splitlines() if journal.exists() else []
    stage.noted[JOURNAL] = [json.loads(line) for line in lines]
    async with AsyncMongoClient[Mapping[str, Any]](stage.system.mongo_url) as client:
        found = client.siaga_dispatch.responses.find({}, {"version": 1, "state.newer_saves": 1})
        stage.noted[KEPT] = [
            {"id": one["_id"], "version": one["version"], "saves": one["state"].get("newer_saves")}
            async for one in found
        ]


def _journal(home: Path) -> Path:
    return home / "newer-saves.jsonl"
