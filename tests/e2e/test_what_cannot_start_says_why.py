"""A start that cannot be ends with one sentence: what, where, what to do, and where the log lies; nothing stays."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from siaga_embedded.ports import LOOPBACK
from siaga_embedded.refusal import ExitCode
from tests.e2e.system import System

pytestmark = pytest.mark.e2e

SMALL_DISK = "64m"
ENGINE = "secantusd-py"
READY = " is ready ("
"""In what is said of a server that came up before the other one did not."""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path / "home")
    yield system
    system.ensure_ended()


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which another program listens."""
    with socket.create_server((LOOPBACK, 0)) as server:
        yield int(server.getsockname()[1])


@pytest.fixture(params=["nearly", "wholly"])
def small_disk(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A disk without the room for a start; on the second one not even a lock can be written."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "siaga-test", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip(
            "only root may mount a small disk; test_refused_starts.py shows it with a disk that says so"
        )
    try:
        if request.param == "wholly":
            fill(disk / "another-programs-file")
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(file: Path) -> None:
    """Write until the disk takes no more."""
    with file.open("wb", buffering=0) as full:
        try:
            while True:
                full.write(bytes(65_536))
        except OSError:
            return


def said_by(system: System, *options: str) -> tuple[int, str]:
    """Start in vain; return the exit code and the one sentence, of which nothing more may be said."""
    code, said = system.start_in_vain("--replay", "off", *options)
    assert "Traceback" not in said
    (sentence,) = [line for line in said.splitlines() if READY not in line]
    assert left_running(system.home) == []
    return code, sentence


def left_running(home: Path) -> list[str]:
    """Return what still runs of a system: all its programs were given its data folder."""
    return [
        " ".join(one.info["cmdline"] or []) for one in psutil.process_iter(["cmdline"]) if is_of(one, home)
    ]


def is_of(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("SIAGA_HOME") == str(home)
    except psutil.Error:
        return False


def test_a_port_that_is_taken_is_named_with_who_wanted_it_and_how_to_choose_another(
    system: System, taken: int
) -> None:
    code, sentence = said_by(system, "--port", f"intake={taken}")
    assert code == ExitCode.PORT_TAKEN
    assert f"{LOOPBACK}:{taken} for intake is taken" in sentence
    assert "stop that one, or choose another with --port intake=NUMBER" in sentence
    assert "nothing was started" in sentence
    assert not (system.home / "logs").exists(), "so there is no log that a sentence could name"


def test_a_disk_without_room_is_named_with_how_much_is_free_and_how_much_is_needed(
    system: System, small_disk: Path
) -> None:
    data = small_disk / "data"
    code, said = system.start_in_vain(environment={"SIAGA_HOME": str(data)})
    assert code == ExitCode.NO_SPACE, said
    (sentence,) = said.splitlines()
    assert f"MB of disk are free at {data}, 300 MB are needed: make room, then try again" in sentence
    assert str(data / "logs") in sentence
    assert not data.exists(), "nothing is begun where it cannot end"
    assert left_running(data) == []


def test_a_broker_that_does_not_come_up_is_named_with_its_reason_and_its_log(system: System) -> None:
    folder = system.home / "kafka" / "data"
    folder.mkdir(parents=True)
    (folder / "meta.properties").write_text("version=1\nnode.id=77\ncluster.id=x\n")
    code, sentence = said_by(system)
    assert code == ExitCode.DID_NOT_COME_UP
    assert sentence.startswith("kafka ended while starting (code ")
    assert "node id 77" in sentence
    assert str(folder / "meta.properties") in sentence
    assert_names_a_log_and_what_to_do(sentence, system.home / "logs" / "kafka.log")


def test_a_store_that_does_not_come_up_is_named_with_its_reason_and_its_log(
    system: System, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIAGA_STORE", ENGINE)
    folder = system.home / "store" / ENGINE
    folder.mkdir(parents=True)
    for name in ("WiredTiger", "WiredTiger.wt", "WiredTiger.turtle"):
        (folder / name).write_text("broken\n")
    code, sentence = said_by(system)
    assert code == ExitCode.DID_NOT_COME_UP
    assert sentence.startswith("store ended while starting (code ")
    assert "database corruption detected" in sentence
    assert_names_a_log_and_what_to_do(sentence, system.home / "logs" / "store.log")


def assert_names_a_log_and_what_to_do(sentence: str, log: Path) -> None:
    """The log that is named is there and tells more than the sentence."""
    assert f"read {log}, mend it, then try again" in sentence
    assert len(log.read_text().splitlines()) > 1
