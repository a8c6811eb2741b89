"""Promise 6 on the real broker and store: who asks for less than the rules say is heard, with or without the kit.

The whole run is judged at its end (tests/witness/whole_run.py); here is shown that it would be judged.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from service_kit.documents import connect
from service_kit.settings import ServiceSettings
from tests.integration import without_the_kit
from tests.integration.intake_process import Intake
from tests.integration.small_service import WITHIN_SECONDS, StartSmall, eventually
from tests.witness.notes import read_notes
from tests.witness.topics import weak_topics
from tests.witness.verdict import Verdict, judge
from tests.witness.watching import environment

pytestmark = pytest.mark.integration

SAID_OF_THE_BARE_SERVICE = (
    "the command insert on {db}.tickets asks for w=None j=None, not for the majority and its journal (A8)",
    "the command insert on {db}.tickets leaves the `_id` to the driver: done twice it is two documents (A8)",
    "the command update on {db}.tickets replaces an aggregate whatever its version: a lost race overwrites the winner (A6)",
    "the command update on {db}.tickets finds what it changes by number, not by `_id` (A6)",
    "the command update on {db}.tickets does $inc, which done twice changes twice (A6)",
    "the command findAndModify on {db}.tickets hides the decision and scans; load, decide, replace by `_id` and version (A6)",
    "the command createIndexes on {db}.tickets lets the store delete by its own clock; deadlines are data (A7, A8)",
    "the command find on {db}.tickets reads at no concern what may be rolled back, not at majority (A8)",
    "the command delete on {db}.tickets changes many documents at once, and a kill may leave half of them (A8)",
    "the producer bare takes acks=1 for kept, not the word of all replicas in sync (A2)",
    "the producer bare is not idempotent: its own retries double and reorder (A2)",
    "the consumer bare of group {db} commits by a timer, before its work is done (A2)",
    "the consumer bare of group {db} begins at the latest record where it has no place, and skips what came before (A2)",
)


@pytest.fixture
async def bare_database(mongo_url: str) -> AsyncIterator[str]:
    """A database that is gone afterwards."""
    name = f"bare_{os.urandom(4).hex()}"
    yield name
    async with connect(mongo_url, service="test") as client:
        await client.drop_database(name)


async def heard_of(folder: Path, variables: dict[str, str]) -> Verdict:
    """Run the service without the kit as any program of a test run, and judge what it did."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, without_the_kit.__file__, env=os.environ | environment(folder) | variables
    )
    async with asyncio.timeout(WITHIN_SECONDS):
        assert await process.wait() == 0
    return judge(read_notes(folder))


async def test_a_new_service_without_the_kit_is_heard_and_refused(
    start_small: StartSmall, settings: ServiceSettings, bare_database: str, tmp_path: Path
) -> None:
    await start_small()
    variables = {"KAFKA_BOOTSTRAP": settings.kafka_bootstrap, "MONGO_URL": settings.mongo_url}
    verdict = await heard_of(tmp_path / "heard", variables | {"BARE_DATABASE": bare_database})
    said = "\n".join(verdict.sentences)
    missed = [
        one
        for one in SAID_OF_THE_BARE_SERVICE
        if f"without_the_kit.py: {one.format(db=bare_database)} [" not in said
    ]
    assert missed == [], said


async def test_a_service_with_the_kit_is_heard_and_nothing_is_weak(
    settings: ServiceSettings, tmp_path: Path
) -> None:
    intake = Intake(settings, environment(tmp_path / "heard"))

    async def has_worked() -> bool:
        so_far = judge(read_notes(tmp_path / "heard"))
        return min(so_far.commands, so_far.readers) > 0

    try:
        await intake.start()
        await eventually(has_worked)
        await intake.stop()
    finally:
        await intake.end()
    verdict = judge(read_notes(tmp_path / "heard"))
    assert verdict.programs == {"intake"}
    assert verdict.sentences == ()


async def test_the_brokers_topics_are_kept_as_their_contracts_say(
    start_small: StartSmall, kafka_bootstrap: str
) -> None:
    await start_small()
    assert await weak_topics(kafka_bootstrap) == []
