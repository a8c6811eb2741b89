"""The supervisor, on real child processes."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from siaga_embedded import processes
from siaga_embedded.places import Places
from siaga_embedded.refusal import ExitCode, Refusal
from siaga_embedded.supervise import (
    BROKEN_FOR,
    DEMO,
    SERVERS,
    SERVICES,
    Backoff,
    DidNotComeUp,
    State,
    stop_asked,
)

if TYPE_CHECKING:
    from deploy.embedded.tests.conftest import PythonProgram, Watched

WAITS = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('up')\nwhile True: time.sleep(0.01)"
DEAF = "import signal; signal.signal(15, signal.SIG_IGN); print('up')\nwhile True: signal.pause()"


def is_up(log: Path) -> bool:
    return "up" in log.read_text()


def says_up(log: Path) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        return is_up(log)

    return ready


async def test_a_program_that_dies_is_started_again(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    child = await supervisor.start(python_program.of("bell", WAITS), says_up(places.log_of("bell")))
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    await supervisor.until("bell", State.READY, "restart 1")
    assert child.pid not in {None, first}
    assert child.last_exit == -signal.SIGKILL


async def test_a_program_that_says_that_it_is_broken_is_started_again(
    supervisor: "Watched",
    places: Places,
    python_program: type["PythonProgram"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("siaga_embedded.supervise.ASK_WHETHER_BROKEN_EVERY", 0.05)
    answers = iter([True, False, *3 * [True]])  # once is not enough

    async def broken() -> bool:
        return next(answers, False)

    bell = python_program.of("bell", WAITS)
    child = await supervisor.start(bell, says_up(places.log_of("bell")), broken=broken)
    first = child.pid
    news = await supervisor.until("bell", State.RESTARTING)
    assert news.detail == "exit -9, it said that it was broken"
    await supervisor.until("bell", State.READY, "restart 1")
    assert child.pid not in {None, first}
    assert next(answers, None) is None


async def test_a_program_that_does_not_answer_is_not_taken_for_broken(
    supervisor: "Watched",
    places: Places,
    python_program: type["PythonProgram"],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("siaga_embedded.supervise.ASK_WHETHER_BROKEN_EVERY", 0.02)
    asked = 0
    often = asyncio.Event()

    async def broken() -> bool:
        nonlocal asked
        asked += 1
        if asked > 3 * BROKEN_FOR:
            often.set()
        raise TimeoutError

    child = await supervisor.start(
        python_program.of("bell", WAITS), says_up(places.log_of("bell")), broken=broken
    )
    await asyncio.wait_for(often.wait(), 10)
    assert child.restarts == 0


async def test_a_program_that_cannot_be_started_again_is_tried_until_it_can(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    child = await supervisor.start(python_program.of("bell", WAITS), says_up(places.log_of("bell")))
    assert child.pid is not None
    away = places.logs.rename(places.data / "away")
    os.kill(child.pid, signal.SIGKILL)
    await supervisor.until("bell", State.RESTARTING, "not started")
    away.rename(places.logs)
    await supervisor.until("bell", State.READY, "restart")
    assert child.pid is not None


async def test_what_a_program_needs_on_the_disk_is_made_ready_before_each_of_its_starts(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    made: list[int] = []
    program = replace(python_program.of("bell", WAITS), prepare=lambda: made.append(len(made)))
    child = await supervisor.start(program, says_up(places.log_of("bell")))
    assert made == [0]
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    await supervisor.until("bell", State.READY, "restart 1")
    assert made == [0, 1]


async def test_what_cannot_be_made_ready_is_tried_until_it_can(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    class NotNow(Refusal):
        exit_code = ExitCode.DID_NOT_COME_UP

    refusals = [NotNow("belum", "not now"), NotNow("belum", "not now")]

    def prepare() -> None:
        if places.log_of("bell").exists() and refusals:
            raise refusals.pop()

    program = replace(python_program.of("bell", WAITS), prepare=prepare)
    child = await supervisor.start(program, says_up(places.log_of("bell")))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    await supervisor.until("bell", State.RESTARTING, "not started: belum")
    await supervisor.until("bell", State.READY, "restart 3")


async def test_a_program_that_keeps_dying_is_tried_more_and_more_rarely() -> None:
    waits = [Backoff().wait(deaths).total_seconds() for deaths in (1, 2, 3, 7, 1000)]
    assert waits == [0.2, 0.4, 0.8, 10.0, 10.0]


def test_who_lived_for_a_while_is_started_again_at_once() -> None:
    backoff = Backoff()
    assert [backoff.in_a_row(4, timedelta(seconds=lived)) for lived in (1, 10, 11, 600)] == [5, 5, 1, 1]
    assert backoff.wait(backoff.in_a_row(4, timedelta(seconds=11))) == backoff.first


async def test_tiers_end_from_the_top_down(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    for name, tier in (("broker", SERVERS), ("triage", SERVICES), ("robot", DEMO)):
        await supervisor.start(python_program.of(name, WAITS, tier=tier), says_up(places.log_of(name)))
    await supervisor.end()
    ended = [news.program for news in supervisor.heard if news.state is State.ENDED]
    assert ended == ["robot", "triage", "broker"]
    assert [child.process and child.process.returncode for child in supervisor.children] == [0, 0, 0]
    assert processes.read_records(places) == ()


async def test_a_program_that_does_not_listen_is_killed_in_time(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    program = python_program.of("deaf", DEAF, grace=timedelta(seconds=60))
    child = await supervisor.start(program, says_up(places.log_of("deaf")))
    begun = time.monotonic()
    await supervisor.end(within=timedelta(seconds=0.1))
    assert time.monotonic() - begun < 5
    assert child.process is not None
    assert child.process.returncode == -signal.SIGKILL


async def test_a_program_that_ends_while_starting_is_refused_with_its_last_words(
    supervisor: "Watched", python_program: type["PythonProgram"]
) -> None:
    async def never() -> bool:
        return False

    program = python_program.of("kafka", "import sys; sys.exit('No space on device')")
    with pytest.raises(DidNotComeUp, match=r"kafka.*kode 1.*No space on device.*kafka\.log") as refused:
        await supervisor.start(program, never)
    assert refused.value.exit_code == 7


async def test_a_program_that_is_never_ready_is_ended_and_refused(
    supervisor: "Watched", python_program: type["PythonProgram"]
) -> None:
    async def fails() -> bool:
        raise ConnectionError

    with pytest.raises(DidNotComeUp, match="belum siap"):
        await supervisor.start(python_program.of("store", WAITS), fails, within=timedelta(seconds=0.2))
    assert supervisor.children[0].pid is None


async def test_a_missing_program_is_refused_by_name(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    from siaga_embedded.supervise import Program

    program = Program("ghost", ("/nowhere/ghost",))
    with pytest.raises(DidNotComeUp, match="ghost"):
        await supervisor.start(program, says_up(places.log_of("ghost")))


async def test_ctrl_c_at_our_terminal_is_not_heard_by_the_children(
    supervisor: "Watched", places: Places, python_program: type["PythonProgram"]
) -> None:
    child = await supervisor.start(python_program.of("bell", WAITS), says_up(places.log_of("bell")))
    assert child.pid is not None
    assert os.getpgid(child.pid) == child.pid != os.getpgrp()


async def test_the_person_at_the_terminal_is_heard_by_us() -> None:
    with stop_asked() as asked:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(asked.wait(), 5)


SAYS_HOW_NICE_IT_IS = """
import os
from pathlib import Path
group = Path("/proc/self/autogroup")
print(os.getpriority(os.PRIO_PROCESS, 0), group.read_text().split()[-1] if group.exists() else "-")
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's tether is Linux's own")
@pytest.mark.parametrize("yields", [0, 7])
async def test_who_yields_is_nicer_as_a_program_and_as_a_session(tmp_path: Path, yields: int) -> None:
    log, mine = tmp_path / "said.log", os.getpriority(os.PRIO_PROCESS, 0)
    command = (sys.executable, "-c", SAYS_HOW_NICE_IT_IS)
    process = await processes.spawn(command, log=log, environment={}, yields=yields)
    assert await process.wait() == 0
    nice, of_session = (await asyncio.to_thread(log.read_text)).split()
    assert int(nice) == mine + yields
    assert of_session in {"-", nice}


OUTLIVED = """
import asyncio, sys
from pathlib import Path
from siaga_embedded.places import Places
from siaga_embedded.supervise import Program, Supervisor

async def main():
    places = Places(Path(sys.argv[1]))
    places.make()
    child = await Supervisor(places).start(Program("child", ("sleep", "600")))
    print(child.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's tether is Linux's own")
def test_children_do_not_outlive_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OUTLIVED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_what_a_killed_supervisor_left_is_ended_by_number_and_start_time(places: Places) -> None:
    with subprocess.Popen(["sleep", "600"], start_new_session=True) as left:
        processes.write_record(places, "intake", left.pid)
        assert processes.end_orphans(places) == ("intake",)
        assert not psutil.pid_exists(left.pid)
    assert processes.read_records(places) == ()


def test_a_number_that_now_belongs_to_someone_else_is_left_alone(places: Places) -> None:
    record = {"pid": os.getpid(), "started": psutil.Process().create_time() - 3600}
    (places.records / "intake.json").write_text(json.dumps(record))
    (places.records / "half.json").write_text('{"pid": ')
    assert processes.end_orphans(places) == ()
    assert list(places.records.iterdir()) == []
