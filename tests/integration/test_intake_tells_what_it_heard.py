"""From a signed event to the bus: one call with its caller sealed, and the number nowhere in the clear."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from intake import contracts
from service_kit.documents import connect, database
from service_kit.event import Event
from service_kit.settings import ServiceSettings
from tests.integration.intake_process import QUEUE, Intake, regency
from tests.integration.small_service import Heard, StartSmall, eventually, said, tell_tenant

pytestmark = pytest.mark.integration

NUMBER, NAME, STORY = "081200004242", "Maria Fiktif", "rumah terbakar dekat pasar baru"


@pytest.fixture
async def intake(settings: ServiceSettings) -> AsyncIterator[Intake]:
    made = Intake(settings, environment={"SIAGA_LOST_SIGHT_SECONDS": "2"})
    yield made
    await made.end()


async def said_of(subject: str, bootstrap: str) -> list[Event[Any]]:
    """Return every event of a subject, also those that a newer one superseded."""
    return [one for one in await said(contracts.SAYS, bootstrap) if one.envelope.subject == subject]


async def test_a_signed_event_becomes_a_call_whose_caller_only_those_who_may_can_read(
    intake: Intake, start_small: StartSmall, settings: ServiceSettings
) -> None:
    heard = Heard()
    small = await start_small(heard.take, topics=contracts.SAYS)
    await tell_tenant(small.service, regency(intake.tenant))
    await intake.start()
    answer = await intake.tell("queued", "call-1", queue=QUEUE, number=NUMBER, name=NAME)
    assert answer.status_code == 202, answer.text
    await intake.tell("abandoned", "call-1", queue=QUEUE)
    foolish = await intake.tell("queued", "call-2", number=[NUMBER])
    assert (foolish.status_code, foolish.json()["left_out"]) == (202, ["number"])
    refused = await intake.tell("queued", "", number=NUMBER)
    assert refused.status_code == 422
    call_id = answer.json()["call_id"]

    def is_over(events: list[Event[Any]]) -> bool:
        own = [one for one in events if one.envelope.subject == f"call/{call_id}"]
        return any(one.data.outcome is not None for one in own)

    await heard.until(is_over)
    mine: list[Event[Any]] = []

    async def is_whole() -> bool:
        """Each save is sent beside the next: what is newer may be in the log before what is older."""
        mine[:] = await said_of(f"call/{call_id}", settings.kafka_bootstrap)
        return any(one.envelope.sequence == 1 for one in mine)

    await eventually(is_whole)
    received = min(mine, key=lambda one: one.envelope.sequence)
    assert received.envelope.topic == "call.received"
    last = max(mine, key=lambda one: one.envelope.sequence).data
    assert (last.outcome, last.queue, last.trunk) == ("abandoned_in_queue", QUEUE, "pbx")
    assert last.caller is not None
    shown = (await intake.get(f"calls/{call_id}", personal="true")).json()
    assert shown["caller"] == {"number": NUMBER, "name": NAME}
    client = connect(settings.mongo_url, service="test")
    opened = database(client, f"{settings.database_prefix}vault")["openings"]
    assert await opened.count_documents({}) >= 1
    kept = database(client, f"{settings.database_prefix}intake")
    written = [
        json.dumps(one, default=str) for name in ("calls", "callers") async for one in kept[name].find()
    ]
    await client.close()
    told = [one.data.model_dump_json() for one in mine]
    files = [path.read_text("latin-1") for path in intake.folder.rglob("*") if path.is_file()]
    for text in (*written, *told, *files, intake.log.read_text()):
        assert NUMBER not in text
        assert NUMBER.lstrip("0") not in text
        assert NAME not in text


async def test_a_call_whose_end_never_comes_is_lost_sight_of_and_told(
    intake: Intake, start_small: StartSmall
) -> None:
    heard = Heard()
    small = await start_small(heard.take, topics=contracts.SAYS)
    await tell_tenant(small.service, regency(intake.tenant))
    await intake.start()
    call_id = (await intake.tell("queued", "never-ends", queue=QUEUE)).json()["call_id"]
    events = await heard.until(
        lambda events: any(
            one.envelope.subject == f"call/{call_id}" and one.data.detail == "lost_sight" for one in events
        )
    )
    lost = next(one.data for one in events if one.data.call_id == call_id and one.data.detail == "lost_sight")
    assert (lost.outcome, lost.notes, lost.ended_at) == ("unanswered", ("lost_sight",), None)
    assert await intake.calls("current") == {}
    await intake.tell("abandoned", "never-ends", queue=QUEUE)

    async def is_corrected() -> bool:
        return bool((await intake.calls())["never-ends"]["outcome"] == "abandoned_in_queue")

    await eventually(is_corrected)
    assert (await intake.calls())["never-ends"]["notes"] == []
