"""Numbers of /status: what cannot be told now is said so, and keeps neither the others nor a person waiting."""

import asyncio
from pathlib import Path

import pytest

from service_kit import counts
from service_kit.counts import all_or_none, disk_free
from service_kit.transient import Away


async def seven() -> int:
    return 7


async def away() -> int:
    raise Away("the store")


async def never() -> int:
    await asyncio.Event().wait()
    return 0


async def broken() -> int:
    raise LookupError("a defect")


async def test_what_cannot_be_counted_now_is_none_and_the_rest_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counts, "WITHIN_SECONDS", 0.05)
    assert await all_or_none([seven, away, never, seven]) == [7, None, None, 7]


async def test_many_that_do_not_answer_are_waited_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "WITHIN_SECONDS", 0.2)
    async with asyncio.timeout(2):
        assert await all_or_none([never] * 50) == [None] * 50


async def test_a_defect_is_not_hidden() -> None:
    with pytest.raises(LookupError):
        await all_or_none([broken])


def test_a_disk_that_is_not_there_has_no_room_that_can_be_told(tmp_path: Path) -> None:
    assert disk_free(tmp_path / "gone") is None
    assert (disk_free(tmp_path) or 0) > 0
