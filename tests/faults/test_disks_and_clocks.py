"""What disks and clocks are broken with does what it says, to the one process or folder that it is meant for."""

import asyncio
import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from intake.domain.exchange_memory import Memory
from intake.domain.facts import Fact, FactKind, Trunk
from intake.domain.queue_log import Exchange, read
from service_kit.clock import utc_now
from tests.faults.exchange_log import EXCHANGE, QUEUE, TENANT, TRUNK, ExchangeLog
from tests.faults.failing_calls import FSYNC, CannotInject, calls_fail
from tests.faults.faketime import ABSENT, LIBRARIES, LIES, set_clock
from tests.faults.jumps import AHEAD, BEHIND, RIGHT, jumps
from tests.faults.promises import PROMISES
from tests.faults.setting import Setting
from tests.faults.volumes import fill, make_room, small_disks

OWN_CLOCK = Path(__file__).with_name("own_clock")
SYNCS = """
import os, sys, time
while True:
    with open(sys.argv[1], "ab") as file:
        file.write(b"x")
        file.flush()
        try:
            os.fsync(file.fileno())
            said = 0
        except OSError as error:
            said = error.errno
    print(said, flush=True)
    time.sleep(0.01)
"""


async def test_a_small_disk_is_full_and_has_room_again(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    try:
        async with small_disks({disk: 2}):
            assert fill(disk) > 1_000_000
            with pytest.raises(OSError, match="No space left"):
                (disk / "more").write_bytes(bytes(10_000))
            make_room(disk)
            (disk / "more").write_bytes(bytes(10_000))
    except PermissionError as error:
        pytest.skip(f"no small disk can be mounted here: {error}")
    assert list(disk.iterdir()) == []


@pytest.fixture
def syncing(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """A program that syncs a file again and again, and tells what came of it."""
    words = [sys.executable, "-I", "-S", "-c", SYNCS, str(tmp_path / "file")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


async def test_the_syncs_of_one_process_fail_for_the_length_of_a_block(
    syncing: "subprocess.Popen[str]",
) -> None:
    assert syncing.stdout is not None
    async with asyncio.timeout(30):
        assert await asyncio.to_thread(syncing.stdout.readline) == "0\n"
        try:
            async with calls_fail(psutil.Process(syncing.pid), FSYNC, "EIO"):
                while await asyncio.to_thread(syncing.stdout.readline) != f"{errno.EIO}\n":
                    pass
        except CannotInject as error:
            pytest.skip(str(error))
        while await asyncio.to_thread(syncing.stdout.readline) != "0\n":
            pass


def test_what_is_written_into_a_log_is_what_intake_reads_in_it(tmp_path: Path) -> None:
    log = ExchangeLog(tmp_path / "queue_log")
    log.write_call(7, time.time())
    exchange = Exchange(EXCHANGE, {QUEUE: Trunk(TENANT, TRUNK)})
    memory = Memory()
    facts: list[Fact] = []
    for line in log.path.read_bytes().splitlines():
        memory, reading = read(memory, line, exchange=exchange, recorded_at=utc_now())
        facts += [told.fact for told in reading.told]
    assert {FactKind.QUEUED, FactKind.ANSWERED, FactKind.ENDED} <= {fact.kind for fact in facts}
    assert {fact.call.call_id for fact in facts} == {told.call_id for told in log.written}


@pytest.mark.skipif(not LIBRARIES, reason=ABSENT)
def test_a_service_has_its_own_clock_and_another_program_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    for name in ("liar", "honest"):
        (tmp_path / "modules" / f"{name}.py").write_text("import time; print(time.time(), time.monotonic())")
    (tmp_path / "clocks").mkdir()
    set_clock(tmp_path / "clocks" / "liar", BEHIND)
    environment = {
        **os.environ,
        **LIES,
        "PYTHONPATH": os.pathsep.join([str(OWN_CLOCK), str(tmp_path / "modules")]),
        "SIAGA_FAULTS_CLOCKS": str(tmp_path / "clocks"),
        "SIAGA_FAULTS_FAKETIME": str(LIBRARIES[0]),
    }
    for name, ahead in (("liar", BEHIND), ("honest", RIGHT)):
        words = [sys.executable, "-m", name]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
        wall, monotonic = map(float, done.stdout.split())
        assert abs(wall - time.time() - ahead) < 30
        assert abs(monotonic - time.monotonic()) < 30


def test_every_clock_lies_both_ways_and_is_right_again_at_the_end() -> None:
    planned = jumps(7, ("intake", "triage"), begins=10, ends=100)
    assert planned == jumps(7, ("intake", "triage"), begins=10, ends=100)
    for one in ("intake", "triage"):
        mine = [jump for jump in planned if jump.whose == one]
        assert {jump.ahead for jump in mine[:-1]} == {AHEAD, RIGHT, BEHIND}
        assert (mine[-1].at, mine[-1].ahead) == (100, RIGHT)
        assert all(10 <= jump.at <= 100 for jump in mine)


def test_in_the_storm_three_times_as_many_call_as_are_held_and_before_and_after_a_fifth() -> None:
    setting = Setting(seed=1, calls_per_second=12.0, quiet=20.0, length=60.0, calm=40.0)
    calls = PROMISES[14].calls(setting, 3)
    storm = [call for call in calls if 20 <= call.rings_at < 80]
    assert (len(storm), len(calls) - len(storm)) == (720, 48)
    assert [call.rings_at for call in calls] == sorted(call.rings_at for call in calls)
    assert {call.incident_type for call in storm} >= {"medical", "land_fire", "ambulance_transfer", None}
