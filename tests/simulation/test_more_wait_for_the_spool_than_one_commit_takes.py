"""Promise 15, the one bounded queue that has a thread and a file: the spool's group of writes that share a commit."""

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from intake.application.ports import Arrival
from intake.domain.facts import CallKey, Fact, FactKind, Told, Witness
from intake.gateways import group_writer
from intake.gateways.group_writer import GroupWriter
from intake.gateways.spool import SqliteSpool
from tests.simulation.process import UTC_NOON
from tests.simulation.sealing import PlainSealer

CALLS = 9


def rung(number: int) -> Arrival:
    """Return what an exchange tells of a call that rings."""
    call = CallKey("53.03", "pbx", f"{number:04d}")
    fact = Fact(
        id=f"fact{number}",
        call=call,
        kind=FactKind.RINGING,
        witness=Witness.EVENTS_API,
        occurred_at=UTC_NOON,
        recorded_at=UTC_NOON,
    )
    return Arrival(source="events/pbx", told=[Told(fact)])


async def test_everybody_is_kept_and_no_commit_takes_more_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_writer, "MOST_TOGETHER", 2)
    commits: list[int] = []
    commit = GroupWriter._commit

    def counted(writer: GroupWriter, group: Sequence[Any]) -> None:
        commits.append(len(group))
        commit(writer, group)

    monkeypatch.setattr(GroupWriter, "_commit", counted)
    spool = SqliteSpool(tmp_path / "spool", PlainSealer(), lambda: UTC_NOON)
    await spool.start()
    commits.clear()
    everybody_waits = threading.Event()
    slow = asyncio.create_task(spool._writer.run(lambda _: everybody_waits.wait(10)))
    crowd = [asyncio.create_task(spool.append(rung(number))) for number in range(CALLS)]
    await asyncio.sleep(0)
    everybody_waits.set()
    await asyncio.gather(slow, *crowd)
    assert [one.facts for one in await spool.waiting()] == [CALLS]
    assert max(commits) == 2
    assert sum(commits) == 1 + CALLS + 1
    await spool.close()
