"""`siaga status`: what is up, what waits; the exit code tells programs."""

import json
from collections.abc import Iterator
from pathlib import Path
from socket import create_server
from typing import Any

import httpx
import pytest

from cli.tests.commands.fakes import SERVICES, System, Terminal


def report(service: str, **more: Any) -> dict[str, Any]:
    common = {"service": service, "version": "0.1.0", "ready": True, "tenants": {"53.03": 1}}
    return {**common, "lag": {}, "outbox": {"things": 0}, "dead_letters": 0, **more}


@pytest.fixture
def listening(folder: Path) -> Iterator[int]:
    """Something that takes connections, in the broker's and the store's place."""
    with create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        note = folder / "servers.json"
        note.write_text(note.read_text().replace("127.0.0.1:1", f"127.0.0.1:{port}"))
        yield port


@pytest.fixture
def healthy(system: System, listening: int) -> System:
    assert listening
    for service in SERVICES:
        system.behind("GET", service, "/readyz", {"ready": True, "waiting_for": []})
        system.behind("GET", service, "/status", report(service))
    return system


def test_all_is_well(healthy: System, siaga: Terminal) -> None:
    said = siaga("status")
    assert said.exit_code == 0
    assert said.stdout.count("siap") == len(SERVICES)
    assert "Kafka: apache-kafka, 127.0.0.1:" in said.stdout
    assert "MATI" not in said.stdout
    assert healthy.requests("POST", "directory") == []


def test_a_store_s_password_is_never_shown(healthy: System, siaga: Terminal) -> None:
    assert "word" not in siaga("status").stdout
    assert "word" not in siaga("status", "--json").stdout
    assert healthy.asked


def test_what_waits_is_told(healthy: System, siaga: Terminal) -> None:
    heard = {"queue_log/pbx": {"refused/malformed": 3, "counted/PAUSE": 9}}
    healthy.behind("GET", "intake", "/status", report("intake", spool={"53.03": 29}, heard=heard))
    busy = report(
        "triage", lag={"call.updated": 7, "ticket.closed": 0}, dead_letters=2, outbox={"a": 1, "b": 4}
    )
    healthy.behind("GET", "triage", "/status", busy)
    said = siaga("status", language="en").stdout
    assert "intake · unreadable input, kept sealed: queue_log/pbx malformed 3\n" in said
    assert "intake · spool: 53.03 29\n" in said
    (row,) = [line.split() for line in said.splitlines() if line.startswith("triage")]
    assert row[:7] == ["triage", "ready", "0.1.0", "call.updated", "7", "5", "2"]


def test_one_service_down_is_exit_code_one(healthy: System, siaga: Terminal) -> None:
    healthy.away.add("dispatch")
    said = siaga("status")
    assert said.exit_code == 1
    assert "MATI" in said.stdout


def test_a_service_that_still_waits_says_for_what(healthy: System, siaga: Terminal) -> None:
    waiting = httpx.Response(503, json={"ready": False, "waiting_for": ["tenants"]})
    healthy.behind("GET", "triage", "/readyz", waiting)
    said = siaga("status")
    assert said.exit_code == 1
    assert "menunggu tenants" in said.stdout


def test_a_service_without_its_store_is_not_well(healthy: System, siaga: Terminal) -> None:
    healthy.behind("GET", "triage", "/status", report("triage", outbox=None, dead_letters=None))
    said = siaga("status")
    assert said.exit_code == 1
    assert "menunggu penyimpanan" in said.stdout


def test_a_spool_on_a_full_disk_is_told(healthy: System, siaga: Terminal) -> None:
    why = "spool: the spool spool.sqlite cannot be written: database or disk is full"
    waiting = httpx.Response(503, json={"ready": False, "waiting_for": [why]})
    healthy.behind("GET", "intake", "/readyz", waiting)
    full = report("intake", spool={"53.03": 4}, spool_in_trouble=1, disk_free_bytes=2_000_000)
    healthy.behind("GET", "intake", "/status", full)
    said = siaga("status", language="en")
    assert said.exit_code == 1
    (row,) = [line for line in said.stdout.splitlines() if line.startswith("intake ")][:1]
    assert f"waits for {why}" in row
    assert "intake · the spool cannot be written: nothing new can be kept: 1\n" in said.stdout
    assert "intake: only 2 MB are left on its disk\n" in said.stdout


def test_a_disk_with_room_is_not_spoken_of(healthy: System, siaga: Terminal) -> None:
    healthy.behind("GET", "intake", "/status", report("intake", disk_free_bytes=300_000_000))
    assert "left on its disk" not in siaga("status", language="en").stdout


def test_a_clock_that_lies_is_named(healthy: System, siaga: Terminal) -> None:
    skews = {"store": 300.04, "trunk 53.03/pbx-ttu": -12.5, "trunk 53.04/pbx": 1.9}
    healthy.behind("GET", "intake", "/status", report("intake", clock_skew_seconds=skews))
    said = siaga("status", language="en")
    assert said.exit_code == 0
    assert "intake: its clock is 300.0 s ahead of store's\n" in said.stdout
    assert "intake: its clock is 12.5 s behind trunk 53.03/pbx-ttu's\n" in said.stdout
    assert "trunk 53.04" not in said.stdout


def test_a_broker_that_does_not_listen_is_down(healthy: System, folder: Path, siaga: Terminal) -> None:
    note = folder / "servers.json"
    note.write_text(json.dumps({**json.loads(note.read_text()), "kafka_bootstrap": "127.0.0.1:1"}))
    said = siaga("status")
    assert said.exit_code == 1
    assert "Kafka: apache-kafka, 127.0.0.1:1, MATI" in said.stdout
    assert healthy.asked


def test_json_tells_programs_the_same(healthy: System, siaga: Terminal) -> None:
    healthy.away.add("dispatch")
    said = siaga("status", "--json")
    read = json.loads(said.stdout)
    assert (said.exit_code, read["up"]) == (1, False)
    assert {one["service"]: one["up"] for one in read["services"]}["dispatch"] is False


def test_a_report_of_another_version_is_shown_as_far_as_it_goes(healthy: System, siaga: Terminal) -> None:
    strange = {"outbox": 3, "lag": 7, "heard": None, "spool": [1], "version": None}
    healthy.behind("GET", "intake", "/status", strange)
    assert siaga("status").exit_code == 0


def test_where_nothing_runs_the_way_out_is_said(system: System, folder: Path, siaga: Terminal) -> None:
    system.away.update(SERVICES)
    (folder / "servers.json").unlink()
    said = siaga("status")
    assert (said.exit_code, said.stderr) == (
        1,
        f"Siaga tidak berjalan di sini ({folder}); jalankan: make run\n",
    )
