"""A program is hit by the number that was written down for it; a number that is someone else's is left alone."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from bench.timing import Clock
from siaga_embedded.kafka import log_folder
from siaga_embedded.places import Places
from siaga_embedded.processes import write_record
from tests.faults.history import KILL, PAUSE, WIPE
from tests.faults.injector import Injector
from tests.faults.schedule import Planned
from tests.faults.stand_in import standing_in


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path)
    made.make()
    return made


@pytest.fixture
def sleeper(places: Places) -> Iterator[subprocess.Popen[bytes]]:
    """A program that is written down as `triage`."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        write_record(places, "triage", process.pid)
        yield process
        process.kill()


async def test_the_first_that_runs_is_killed(places: Places, sleeper: subprocess.Popen[bytes]) -> None:
    injector = Injector(places.data)
    await injector.follow([Planned(0, KILL, ("intake", "triage"))], Clock(starts_in=0))
    assert await asyncio.to_thread(sleeper.wait, 10) == -9
    (fault,) = injector.done
    assert (fault.program, fault.kind) == ("triage", KILL)


LISTENS = "import pathlib, sys, time; time.sleep(0.3); pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


async def test_who_was_killed_stays_away_although_it_is_started_again(
    places: Places, sleeper: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    injector, listening = Injector(places.data), tmp_path / "listening"
    killing = asyncio.create_task(
        injector.follow([Planned(0, KILL, ("triage",), seconds=2)], Clock(starts_in=0))
    )
    assert await asyncio.to_thread(sleeper.wait, 10) == -9
    with subprocess.Popen([sys.executable, "-c", LISTENS, str(listening)]) as again:  # noqa: ASYNC220 - it only waits
        write_record(places, "triage", again.pid)
        await killing
        assert not listening.exists()
        async with asyncio.timeout(10):
            while not listening.exists():  # noqa: ASYNC110 - another process makes it
                await asyncio.sleep(0.02)
        again.kill()
    (fault,) = injector.done
    assert (fault.kind, fault.ended - fault.began >= 2) == (KILL, True)


async def test_who_was_put_to_sleep_is_woken_even_when_the_storm_breaks_off(
    places: Places, sleeper: subprocess.Popen[bytes]
) -> None:
    injector = Injector(places.data)
    storm = asyncio.create_task(
        injector.follow([Planned(0, PAUSE, ("triage",), seconds=60)], Clock(starts_in=0))
    )
    await _comes_to(sleeper.pid, {psutil.STATUS_STOPPED})
    storm.cancel()
    await asyncio.wait([storm])
    await _comes_to(sleeper.pid, {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING})


async def test_a_broker_whose_disk_is_lost_is_dead_and_its_log_is_gone(
    places: Places, sleeper: subprocess.Popen[bytes]
) -> None:
    write_record(places, "kafka", sleeper.pid)
    (log_folder(places) / "call.received-0").mkdir(parents=True)
    injector = Injector(places.data)
    await injector.at_rest(Planned(0, WIPE, ("kafka",)))
    assert await asyncio.to_thread(sleeper.wait, 10) == -9
    assert not log_folder(places).exists()
    (fault,) = injector.done
    assert (fault.program, fault.kind, fault.at_rest) == ("kafka", WIPE, True)


async def test_all_of_them_sleep_for_the_length_of_a_block_whatever_happens_in_it(
    places: Places, sleeper: subprocess.Popen[bytes]
) -> None:
    injector = Injector(places.data)

    async def breaks_off() -> None:
        async with injector.all_asleep(("triage", "dispatch")):
            await _comes_to(sleeper.pid, {psutil.STATUS_STOPPED})
            raise LookupError

    with pytest.raises(LookupError):
        await breaks_off()
    await _comes_to(sleeper.pid, {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING})
    assert [(fault.program, fault.kind) for fault in injector.done] == [("triage", PAUSE)]


async def test_who_is_caught_in_the_act_sleeps_before_the_store_answers_it(
    places: Places, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.faults.injector.CAUGHT_AFTER", 0.1)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as store:  # noqa: ASYNC220 - it only waits
        write_record(places, "store", store.pid)
        injector = Injector(places.data)
        planned = [Planned(0, PAUSE, ("triage",), seconds=0.2, in_the_act=True)]
        await injector.follow(planned, Clock(starts_in=0))
        await _comes_to(sleeper.pid, {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING})
        await _comes_to(store.pid, {psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING})
        store.kill()
    first, second = injector.done
    assert (first.program, second.program) == ("store", "triage")
    assert first.began < first.ended <= second.ended


async def test_a_number_that_is_now_someone_elses_is_left_alone(
    places: Places, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.faults.injector.TRIES_FOR", 0.2)
    (places.records / "triage.json").write_text(json.dumps({"pid": sleeper.pid, "started": 1.0}))
    injector = Injector(places.data)
    await injector.follow([Planned(0, KILL, ("triage",))], Clock(starts_in=0))
    assert sleeper.poll() is None
    assert injector.done == []


async def _comes_to(pid: int, wanted: set[str]) -> None:
    async with asyncio.timeout(10):
        while psutil.Process(pid).status() not in wanted:  # noqa: ASYNC110 - the kernel tells it no other way
            await asyncio.sleep(0.02)


async def test_while_a_service_sleeps_another_process_of_it_has_a_port_and_a_folder_of_its_own(
    places: Places,
) -> None:
    shows = (
        "import os, time; print(os.environ['SIAGA_PORT'], os.environ.get('SIAGA_REPLICA')); time.sleep(60)"
    )
    environment = {**os.environ, "SIAGA_PORT": "7", "SIAGA_REPLICA": "1", "PYTHONUNBUFFERED": "1"}
    log = places.log_of("triage-stand-in")
    with subprocess.Popen([sys.executable, "-c", shows], env=environment, stdout=subprocess.DEVNULL) as first:  # noqa: ASYNC220 - it is only looked at
        process = psutil.Process(first.pid)
        await _comes_to(first.pid, {psutil.STATUS_SLEEPING})
        async with standing_in("triage", process, places, died=[]), asyncio.timeout(10):
            while not (log.exists() and log.read_text()):  # noqa: ASYNC110 - another process writes it
                await asyncio.sleep(0.02)
        first.kill()
    assert log.read_text().split() == ["0", "None"]
    assert (places.data / "triage-stand-in").is_dir()


async def test_the_last_of_the_plan_is_over_also_where_it_was_left_out(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.faults.injector.TRIES_FOR", 0.1)
    injector = Injector(places.data)
    async with asyncio.timeout(10):
        await injector.follow([Planned(0, KILL, ("nobody",))], Clock(starts_in=0))
        await injector.over.wait()
    assert (injector.done, len(injector.left_out)) == ([], 1)
