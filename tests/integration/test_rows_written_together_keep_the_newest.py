"""Rows that share one command to the store: of each aggregate the newest stays, and each hears of its own."""

import pytest

from service_kit.service import Service
from service_kit.settings import ServiceSettings
from statistics_service.contracts import CALL, Projected
from statistics_service.storage.rows import Rows
from tests.integration.small_service import TENANT

pytestmark = pytest.mark.integration


def a_call(number: int, sequence: int) -> Projected:
    row = {"call_id": str(number), "sequence": sequence}
    return Projected(TENANT, CALL, "intake", f"call/{number}", sequence, "2031-02", str(number), (row,))


async def test_of_many_rows_in_one_command_each_is_kept_only_if_it_is_newer(
    settings: ServiceSettings,
) -> None:
    rows = Rows(Service("statistics", settings).database, "together")
    await rows.prepare()
    assert await rows.put_some([a_call(number, 5) for number in range(4)]) == [True] * 4
    told = [a_call(0, 4), a_call(1, 5), a_call(2, 6), a_call(9, 1)]
    assert await rows.put_some(told) == [False, False, True, True]
    kept = {one["about"]: one["sequence"] async for one in rows.collection.find()}
    assert kept == {"0": 5, "1": 5, "2": 6, "3": 5, "9": 1}
