"""A process whose clock is minutes off says so, while it runs, and goes on taking calls."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from intake import contracts
from service_kit.settings import ServiceSettings
from tests.faults.faketime import ABSENT, LIBRARIES, set_clock, under
from tests.integration.intake_process import QUEUE, Intake, regency
from tests.integration.small_service import Heard, Small, StartSmall, eventually, tell_tenant

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not LIBRARIES, reason=ABSENT),
]


@pytest.fixture
async def small(start_small: StartSmall) -> Small:
    return await start_small(Heard().take, topics=contracts.SAYS)


@pytest.fixture
async def intake(settings: ServiceSettings, tmp_path: Path) -> AsyncIterator[Intake]:
    """Intake under a clock of its own, which can jump."""
    set_clock(tmp_path / "clock", 0)
    made = Intake(settings, under(tmp_path / "clock"))
    yield made
    await made.end()


@pytest.mark.parametrize("ahead", [300, -300])
async def test_a_clock_that_jumps_is_told_within_seconds_and_refuses_nobody(
    intake: Intake, small: Small, tmp_path: Path, ahead: int
) -> None:
    await tell_tenant(small.service, regency(intake.tenant))
    await intake.start()
    trunk = f"trunk {intake.tenant}/pbx"

    async def tells(source: str, seconds: int) -> bool:
        skew = (await intake.report())["clock_skew_seconds"].get(source)
        return skew is not None and abs(skew - seconds) < 2

    await eventually(lambda: tells("store", 0))
    set_clock(tmp_path / "clock", ahead)
    await eventually(lambda: tells("store", ahead))
    assert (await intake.tell("queued", "one", queue=QUEUE, number="081200004242")).status_code == 202
    assert await tells(trunk, ahead)

    async def is_listed() -> bool:
        return "one" in await intake.calls()

    await eventually(is_listed)
    assert await intake.is_ready()
    set_clock(tmp_path / "clock", 0)
    await eventually(lambda: tells("store", 0))
    said = intake.log.read_text()
    assert "clock.differs" in said
    assert "clock.agrees" in said
