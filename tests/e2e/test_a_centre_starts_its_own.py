"""With its own tenants and its own queue log, a centre starts the same system, and nothing of the demo is in it."""

import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import pytest

from tests.e2e.system import ENDS_WITHIN_SECONDS, ROOT, System

pytestmark = pytest.mark.e2e

TENANT = "53.04"
WITHIN_SECONDS = 30.0
DATA_NOT_USABLE = 10
ENVIRONMENT = {
    "SIAGA_DEMO_WEBHOOKS": "https://opd.belu.example",
    "SIAGA_DEMO_MAIL_DOMAIN": "opd.belu.example",
}
"""What fills the placeholders of the tenant's file, as any `${SIAGA_…}` of a centre's own."""

Json = dict[str, Any]


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    """A folder with one tenant's file."""
    folder = tmp_path / "own"
    folder.mkdir()
    copy(ROOT / "tenants" / f"{TENANT}.yaml", folder)
    return folder


@pytest.fixture
def queue_log(tmp_path: Path) -> Path:
    """An exchange's queue log with one call that hung up after seven seconds."""
    file = tmp_path / "queue_log"
    began = int(time.time()) - 60
    file.write_text(
        f"{began - 5}|NONE|NONE|NONE|QUEUESTART|\n"
        f"{began}|{began}.1|belu112|NONE|ENTERQUEUE||081200000077|1\n"
        f"{began + 7}|{began}.1|belu112|NONE|ABANDON|1|1|7\n"
    )
    return file


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    system = System(tmp_path / "home")
    yield system
    system.ensure_ended()


def calls_of(system: System) -> list[Json]:
    """Wait until the desk knows a call that has ended; return all calls."""
    deadline = time.monotonic() + WITHIN_SECONDS
    while True:
        found = desk(system)
        if any(one["outcome"] for one in found):
            return found
        assert time.monotonic() < deadline, f"{found}\n{system.logs()}"


def status_of_intake(system: System) -> Json:
    return dict(system.door.get(f"{system.addresses['intake']}/status").raise_for_status().json())


def desk(system: System) -> list[Json]:
    return system.all("triage", f"/v1/tenants/{TENANT}/calls", view="all")


def test_a_centre_starts_with_its_own_tenants_and_exchange(
    system: System, tenants: Path, queue_log: Path
) -> None:
    own = ("--demo", "off", "--tenants", str(tenants))
    system.start(
        *own, environment={**ENVIRONMENT, "SIAGA_QUEUE_LOGS": f"pbx-belu={queue_log},nobodys={queue_log}.not"}
    )
    (call,) = calls_of(system)
    assert status_of_intake(system)["unnamed_exchanges"] == {"pbx-belu": 0, "nobodys": 1}
    assert (call["outcome"], call["waiting_seconds"]) == ("abandoned_in_queue", 7)
    listed = system.get("directory", "/v1/me")
    assert listed["tenants"] == [TENANT]
    assert sorted(one.stem for one in (system.home / "logs").glob("demo*.log")) == []
    assert not (system.home / "demo").exists()
    assert system.interrupt() < ENDS_WITHIN_SECONDS

    code, said = system.start_in_vain()
    assert code == DATA_NOT_USABLE, said
    assert "centre's own" in said

    copy(ROOT / "tenants" / "53.71.yaml", tenants)
    system.start(*own, environment={**ENVIRONMENT, "SIAGA_QUEUE_LOGS": f"pbx-belu={queue_log}"})
    assert system.get("directory", "/v1/me")["tenants"] == [TENANT, "53.71"]
    assert len(calls_of(system)) == 1, "carried on with the same call"
