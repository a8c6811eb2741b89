"""A spool whose disk is full says so and keeps nothing of what it refuses; with room again it goes on by itself."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intake import contracts
from service_kit.clock import utc_now
from service_kit.settings import ServiceSettings
from tests.faults.volumes import fill, make_room, small_disks
from tests.integration.intake_process import QUEUE, Intake, exchange_of, regency
from tests.integration.small_service import Heard, Small, StartSmall, eventually, tell_tenant

pytestmark = pytest.mark.integration

MEGABYTES = 4
TRIES = 200


@pytest.fixture
async def small(start_small: StartSmall) -> Small:
    return await start_small(Heard().take, topics=contracts.SAYS)


@pytest.fixture
async def intake(settings: ServiceSettings, tmp_path: Path) -> AsyncIterator[Intake]:
    """Intake with its spool on a small disk of its own, which follows a log on another one."""
    made = Intake(settings)
    made.environment["SIAGA_QUEUE_LOGS"] = f"{exchange_of(made.tenant)}={tmp_path / 'queue_log'}"
    try:
        async with small_disks({made.folder: MEGABYTES}):
            yield made
            await made.end()
    except PermissionError as error:
        pytest.skip(f"no small disk can be mounted here: {error}")


async def until_refused(intake: Intake) -> tuple[list[str], str]:
    """Tell calls until one is refused; return those that were taken, and that one."""
    taken: list[str] = []
    for number in range(TRIES):
        answer = await intake.tell("ended", f"call-{number}", queue=QUEUE, number="081200004242")
        if answer.status_code == 503:
            assert answer.json()["type"] == "urn:siaga112:problem:spool_unwritable"
            return taken, f"call-{number}"
        assert answer.status_code == 202
        taken.append(f"call-{number}")
    pytest.fail("a full disk refused nothing")


async def test_a_full_disk_is_told_and_got_over(intake: Intake, small: Small, tmp_path: Path) -> None:
    await tell_tenant(small.service, regency(intake.tenant))
    await intake.start()
    await eventually(intake.is_ready)
    await asyncio.to_thread(fill, intake.folder)
    taken, refused = await until_refused(intake)
    waits = (await intake.client.get(f"{intake.url}/readyz")).json()["waiting_for"]
    assert waits == ["spool: the spool spool.sqlite cannot be written: database or disk is full"]
    report = await intake.report()
    assert (report["spool_in_trouble"], report["ready"]) == (1, False)
    assert report["disk_free_bytes"] == 0
    logged = f"{int(utc_now().timestamp())}|17.1|{QUEUE}|NONE|ENTERQUEUE||081200004242|1\n" * 2
    await asyncio.to_thread((tmp_path / "queue_log").write_text, logged)

    make_room(intake.folder)
    await eventually(intake.is_ready)
    assert (await intake.tell("ended", "later", queue=QUEUE)).status_code == 202

    async def is_settled() -> bool:
        return {*taken, "later", "17.1"} <= set(await intake.calls())

    await eventually(is_settled)
    assert refused not in await intake.calls()
    said = intake.log.read_text()
    assert (said.count("spool.unwritable"), said.count("spool.writable_again")) == (1, 1)
