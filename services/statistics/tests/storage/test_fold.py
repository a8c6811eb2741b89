"""What is folded in memory and written once is what one save after the other would have kept."""

from dataclasses import replace
from itertools import permutations

import pytest

from service_kit.documents import Database
from statistics_service.contracts import CALL, Projected
from statistics_service.storage import fold as room
from statistics_service.storage.fold import Fold
from statistics_service.storage.rows import Rows


def a_call(number: int, sequence: int) -> Projected:
    row = {"call_id": str(number), "told": sequence}
    return Projected("53.03", CALL, "intake", f"call/{number}", sequence, "2031-02", str(number), (row,))


TOLD = [a_call(1, 1), a_call(1, 2), a_call(2, 1), a_call(2, 7)]


async def kept(rows: Rows) -> dict[str, str]:
    return dict([one async for one in rows.digests()])


@pytest.fixture
async def expected(database: Database) -> dict[str, str]:
    one_by_one = Rows(database, "expected")
    for told in TOLD:
        await one_by_one.put(told)
    return await kept(one_by_one)


async def test_in_any_order_the_newest_of_each_is_written(
    database: Database, expected: dict[str, str]
) -> None:
    for place, order in enumerate(permutations(TOLD)):
        rows = Rows(database, f"order{place}")
        fold = Fold(rows)
        for told in order:
            fold.take(told)
        await fold.write()
        assert await kept(rows) == expected


async def test_what_live_events_wrote_meanwhile_stays_where_it_is_newer(
    database: Database, expected: dict[str, str]
) -> None:
    rows = Rows(database, "live")
    fold = Fold(rows)
    for told in (a_call(1, 2), a_call(2, 1)):
        fold.take(told)
    await rows.put(a_call(1, 1))
    await rows.put(a_call(2, 7))
    await fold.write()
    assert await kept(rows) == expected


async def test_what_does_not_fit_into_memory_is_written_in_several_goes(
    database: Database, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "FOLDED_MOST", 1)
    rows = Rows(database, "narrow")
    fold = Fold(rows)
    for told in TOLD:
        fold.take(told)
        await fold.write_if_full()
    await fold.write()
    assert await kept(rows) == expected


async def test_a_repeat_of_the_same_sequence_changes_nothing(database: Database) -> None:
    rows = Rows(database, "repeat")
    fold = Fold(rows)
    fold.take(a_call(1, 1))
    fold.take(replace(a_call(1, 1), month="2031-03"))
    await fold.write()
    document = await rows.collection.find_one({"_id": "53.03/intake/call/1"})
    assert document is not None
    assert document["month"] == "2031-02"
