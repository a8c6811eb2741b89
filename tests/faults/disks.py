"""The disks of intake's spool and of the store are full, and then take data and keep none of it."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from http import HTTPStatus
from pathlib import Path

import psutil
from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from bench.arrivals import Call
from bench.exchange import Exchange, Line, line_of
from service_kit.secrets import Secrets
from tests.faults.asking import siaga_status
from tests.faults.checks.disks import BROKEN, IN_LOGS, PROBES, SMALL_DISKS, TOLD_OF, UNWRITABLE, WRITABLE
from tests.faults.exchange_log import EXCHANGE, ExchangeLog, log_of
from tests.faults.failing_calls import FSYNC, CannotInject, calls_fail
from tests.faults.history import FULL, NO_FSYNC, Told
from tests.faults.noted import LEFT_OUT
from tests.faults.promises.promise import Stage
from tests.faults.volumes import fill, make_room, small_disks

SPOOL_MEGABYTES, STORE_MEGABYTES = 16, 400
LOG_WORDS = (
    (UNWRITABLE, "logs/intake.log", "spool.unwritable"),
    (WRITABLE, "logs/intake.log", "spool.writable_again"),
    (BROKEN, "run.log", "it said that it was broken"),
)
TROUBLE_OF = {"intake": UNWRITABLE, "store": BROKEN}
JUNK = b"\0" * 50_000
EVERY = 1.0
LOOK_EVERY = 0.05
FIRST_PROBE = 1_000_000
"""Numbers of calls that the load does not use."""
WRITES = "pwrite64,fallocate,ftruncate"
NOTICED_WITHIN, WELL_WITHIN = 60.0, 120.0


def spool_of(home: Path) -> Path:
    """Return the folder of intake's spool."""
    return home / "intake"


def store_of(home: Path) -> Path:
    """Return the store's folder."""
    return home / "store"


@asynccontextmanager
async def on_small_disks(home: Path) -> AsyncIterator[Mapping[str, str]]:
    """Give spool and store small disks of their own where this machine lets us; intake follows a log beside."""
    log = log_of(home)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.touch()
    environment = {"SIAGA_QUEUE_LOGS": f"{EXCHANGE}={log}"}
    disks = small_disks({spool_of(home): SPOOL_MEGABYTES, store_of(home): STORE_MEGABYTES})
    try:
        await disks.__aenter__()
    except PermissionError as error:
        sys.stderr.write(f"no small disk can be mounted ({error}): full disks are injected write errors\n")
        yield environment
        return
    try:
        yield environment
    finally:
        await disks.__aexit__(None, None, None)


async def disks_fail(stage: Stage) -> None:
    """Let one disk after the other fail, each for a part of the storm, and look what a person is told."""
    setting, clock = stage.setting, stage.load.clock
    stage.noted[SMALL_DISKS] = await asyncio.to_thread(spool_of(stage.system.home).is_mount)
    phases = (
        (0.00, 0.20, "intake", FULL, _spool_is_full),
        (0.30, 0.55, "store", FULL, _store_is_full),
        (0.65, 0.80, "intake", NO_FSYNC, _intake_cannot_sync),
        (0.85, 0.95, "store", NO_FSYNC, _store_cannot_sync),
    )
    for begins, ends, program, kind, failing in phases:
        await clock.until(setting.quiet + begins * setting.length)
        await _until_all_is_well(stage)
        stage.say(f"{program}: {kind} …")
        try:
            before = await _troubles(stage, program)
            async with stage.injector.doing(program, kind), failing(stage):
                said = await _what_is_told(stage)
                await clock.until(setting.quiet + ends * setting.length)
            troubled = await _troubles(stage, program) > before
            told = {"program": program, "kind": kind, "status": said, "troubled": troubled}
            stage.noted.setdefault(TOLD_OF, []).append(told)
        except CannotInject as error:
            stage.say(f"left out, {program}: {kind}: {error}")
            stage.noted.setdefault(LEFT_OUT, []).append(f"{program}: {kind}: {error}")


@asynccontextmanager
async def _full(stage: Stage, program: str, folder: Path) -> AsyncIterator[None]:
    if not await asyncio.to_thread(folder.is_mount):
        async with _failing(stage, program, WRITES, "ENOSPC"):
            yield
        return
    try:
        await asyncio.to_thread(fill, folder)
        yield
    finally:
        make_room(folder)


@asynccontextmanager
async def _failing(stage: Stage, program: str, calls: str, error: str) -> AsyncIterator[None]:
    """Let calls of a program fail, and those of each process that takes its place: it is the same disk."""
    process = stage.injector.process_of(program)
    if process is None:
        raise CannotInject(f"{program} does not run")
    async with calls_fail(process, calls, error):
        successors = asyncio.create_task(_successors_fail(stage, program, process, calls, error))
        try:
            yield
        finally:
            successors.cancel()
            await asyncio.gather(successors, return_exceptions=True)


async def _successors_fail(
    stage: Stage, program: str, process: psutil.Process, calls: str, error: str
) -> None:
    while True:
        successor = await _successor(stage, program, process)
        with suppress(psutil.Error, OSError, TimeoutError, CannotInject):  # it may end before it is caught
            async with calls_fail(successor, calls, error):
                await _successor(stage, program, successor)
        process = successor


async def _successor(stage: Stage, program: str, process: psutil.Process) -> psutil.Process:
    while (running := stage.injector.process_of(program)) is None or running == process:  # noqa: ASYNC110 - the process table tells it
        await asyncio.sleep(LOOK_EVERY)
    return running


def _spool_is_full(stage: Stage) -> AbstractAsyncContextManager[None]:
    return _full(stage, "intake", spool_of(stage.system.home))


@asynccontextmanager
async def _store_is_full(stage: Stage) -> AsyncIterator[None]:
    async with _full(stage, "store", store_of(stage.system.home)), _written_to(stage):
        yield


def _intake_cannot_sync(stage: Stage) -> AbstractAsyncContextManager[None]:
    return _failing(stage, "intake", FSYNC, "EIO")


@asynccontextmanager
async def _store_cannot_sync(stage: Stage) -> AsyncIterator[None]:
    async with _failing(stage, "store", FSYNC, "EIO"), _written_to(stage):
        yield


@asynccontextmanager
async def _written_to(stage: Stage) -> AsyncIterator[None]:
    """Write to the store until it refuses: a log file made in advance has room on a full disk."""
    async with AsyncMongoClient[Mapping[str, bytes]](stage.system.mongo_url, timeoutMS=5000) as client:
        until = time.monotonic() + NOTICED_WITHIN
        try:
            while time.monotonic() < until:
                await client.junk.junk.insert_one({"junk": JUNK})
        except PyMongoError:
            pass
        yield


async def _until_all_is_well(stage: Stage) -> None:
    """Wait until `siaga status` tells of no trouble: what it tells next is the next disk's."""
    code, said = await _status_until(stage, troubled=False, within=WELL_WITHIN)
    assert not code, f"the trouble before this one did not end: {said}"


async def _troubles(stage: Stage, program: str) -> int:
    """Count in its log how often a program could not write; pages that are used again need no room."""
    _, path, words = next(one for one in LOG_WORDS if one[0] == TROUBLE_OF[program])
    return await _count(stage, path, words)


async def _count(stage: Stage, path: str, words: str) -> int:
    text = await asyncio.to_thread((stage.system.home / path).read_text, "utf-8", "replace")
    return text.count(words)


async def _what_is_told(stage: Stage) -> str:
    """Ask `siaga status` until it tells of trouble; return what it said last."""
    _, said = await _status_until(stage, troubled=True, within=NOTICED_WITHIN)
    return said


async def _status_until(stage: Stage, *, troubled: bool, within: float) -> tuple[int, str]:
    """Ask `siaga status` until its exit code tells of trouble, or of none; return the last answer."""
    until = time.monotonic() + within
    while True:
        code, said = await asyncio.to_thread(siaga_status, stage.system.home)
        if bool(code) is troubled or time.monotonic() >= until:
            return code, said
        await asyncio.sleep(0.5)


async def log_grows(stage: Stage) -> None:
    """Write one call a second into the exchange's own log, for the whole run."""
    setting, clock = stage.setting, stage.load.clock
    log = ExchangeLog(log_of(stage.system.home))
    for number in range(int(setting.storm_ends)):
        await clock.until(number * EVERY)
        log.write_call(number, time.time())
    stage.load.logged.extend(log.written)


async def some_ask_once(stage: Stage) -> None:
    """Tell calls by an exchange that sends nothing again: what it was refused must be nowhere."""
    setting, clock = stage.setting, stage.load.clock
    line = _first_line(stage)
    exchange = Exchange(stage.system.addresses["intake"], (line,), clock, "probe")
    begins, ends = setting.quiet - 4, setting.quiet + 0.85 * setting.length
    calls = [
        Call(FIRST_PROBE + number, 0, begins + number * EVERY, None)
        for number in range(int((ends - begins) / EVERY))
    ]
    await asyncio.gather(*map(exchange.tell, calls))
    await exchange.close()
    by_number = {call.number: exchange.call_id(call) for call in calls}
    seen = [(by_number[one.call], one) for one in exchange.acknowledged]
    stage.noted[PROBES] = [
        {"call_id": call_id, "event": one.event, "status": one.status} for call_id, one in seen
    ]
    for call_id, one in seen:
        if one.status == HTTPStatus.ACCEPTED:
            wall = clock.wall(one.intended)
            stage.load.also_told.append(Told(line.tenant, call_id, one.event, wall, wall + one.seconds))


def _first_line(stage: Stage) -> Line:
    tenant = stage.load.tenants[0]
    secret = Secrets(stage.system.home / "secrets").read(f"trunks/{tenant.code}/{tenant.trunks[0].id}")
    return line_of(tenant, secret)


async def logs_are_read(stage: Stage) -> None:
    """Note how often the programs' logs tell of it."""
    for name, path, words in LOG_WORDS:
        stage.noted.setdefault(IN_LOGS, {})[name] = await _count(stage, path, words)
