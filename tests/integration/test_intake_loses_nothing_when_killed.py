"""Every acknowledged event is in its call afterwards, whatever became of the process that took it."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from intake import contracts
from service_kit.clock import utc_now
from service_kit.settings import ServiceSettings
from tests.integration.intake_process import QUEUE, Intake, exchange_of, regency
from tests.integration.small_service import Heard, Small, StartSmall, eventually, tell_tenant

pytestmark = pytest.mark.integration

KINDS = ("queued", "answered", "ended")
ENOUGH = 60
AT_ONCE = 8


@pytest.fixture
async def small(start_small: StartSmall) -> Small:
    return await start_small(Heard().take, topics=contracts.SAYS)


@pytest.fixture
async def intake(settings: ServiceSettings) -> AsyncIterator[Intake]:
    made = Intake(settings)
    yield made
    await made.end()


class Load:
    """Exchanges that tell of call after call; what was acknowledged is written down."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self.acknowledged: list[tuple[str, str]] = []
        self.enough = asyncio.Event()

    async def run(self) -> None:
        """Tell until nobody answers any more."""
        await asyncio.gather(*(self._exchange(number) for number in range(AT_ONCE)))

    async def _exchange(self, number: int) -> None:
        try:
            for call in range(1_000):
                for kind in KINDS:
                    await self._tell(kind, f"{number}-{call}")
        except httpx.TransportError:
            return

    async def _tell(self, kind: str, call_id: str) -> None:
        answer = await self._intake.tell(kind, call_id, queue=QUEUE, agent="Petugas 1", number="081200004242")
        assert answer.status_code == 202
        self.acknowledged.append((kind, call_id))
        if len(self.acknowledged) >= ENOUGH:
            self.enough.set()


async def test_every_event_acknowledged_before_a_kill_is_in_its_call(intake: Intake, small: Small) -> None:
    await tell_tenant(small.service, regency(intake.tenant))
    await intake.start()
    load = Load(intake)
    running = asyncio.create_task(load.run())
    async with asyncio.timeout(60):
        await load.enough.wait()
    await intake.kill()
    await running
    await intake.start()

    async def is_settled() -> bool:
        return (await intake.report())["spool"] == {} and len(await intake.calls()) > 0

    await eventually(is_settled)
    found = await intake.calls()
    assert len(load.acknowledged) >= ENOUGH
    for call_id in {call_id for _, call_id in load.acknowledged}:
        shown = (await intake.get(f"calls/{found[call_id]['call_id']}")).json()
        lines = [line["what"].removeprefix("call.") for line in shown["timeline"]]
        acknowledged = [kind for kind, known in load.acknowledged if known == call_id]
        assert set(acknowledged) <= set(lines), call_id
        assert len(set(lines)) == len(lines), call_id


def line(call_id: str, agent: str, event: str, *fields: str) -> str:
    return "|".join([str(int(utc_now().timestamp())), call_id, QUEUE, agent, event, *fields]) + "\n"


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


async def test_a_followed_log_is_read_on_at_its_place_after_a_stop_and_after_a_kill(
    intake: Intake, small: Small, tmp_path: Path
) -> None:
    log = tmp_path / "queue_log"
    intake.environment["SIAGA_QUEUE_LOGS"] = f"{exchange_of(intake.tenant)}={log}"
    await tell_tenant(small.service, regency(intake.tenant))
    pause = line("NONE", "Petugas 9", "PAUSE", "makan")
    ends = (intake.stop, intake.kill, intake.stop)
    stem = os.urandom(3).hex()
    for number, end in enumerate(ends):
        call_id = f"{stem}.{number}"
        append(log, line(call_id, "NONE", "ENTERQUEUE", "", "081200004242", "1") + pause + "torn line\n")
        await intake.start()
        append(log, line(call_id, "Petugas 1", "CONNECT", "3", "x", "2")[:-9])

        async def is_read(wanted: str = call_id) -> bool:
            calls = await intake.calls()
            return wanted in calls and (await intake.report())["spool"] == {}

        await eventually(is_read)
        await end()
        append(log, line(call_id, "Petugas 1", "CONNECT", "3", "x", "2")[-9:])
    await intake.start()

    async def is_whole() -> bool:
        calls = await intake.calls()
        return len(calls) == len(ends) and all(call["stage"] == "answered" for call in calls.values())

    await eventually(is_whole)
    counts = (await intake.report())["heard"][f"queue_log/{exchange_of(intake.tenant)}"]
    assert counts == {"counted/PAUSE": len(ends), "refused/cut_short": len(ends)}
