"""Rows that share one command to the store: of each aggregate the newest stays, and each hears of its own."""

import pytest
from bson import encode
from bson.raw_bson import RawBSONDocument

from service_kit.service import Service
from service_kit.settings import ServiceSettings
from statistics_service.contracts import CALL, Projected
from statistics_service.storage.rows import Rows, document_of
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


async def test_thousands_that_seem_to_differ_are_looked_at_again_before_the_store_gives_up(
    settings: ServiceSettings,
) -> None:
    """As when the projection was lost: one search for all of them took the Python server over its 10 s."""
    rows = Rows(Service("statistics", settings).database, "many")
    await rows.prepare()
    kept = [document_of(a_call(number, 1)) for number in range(2_500)]
    await rows.put_all([RawBSONDocument(encode(one)) for one in kept])
    there = {aggregate: digest async for aggregate, digest in rows.digests()}
    assert len(there) == len(kept)
    assert await rows.digests_of([*there, "53.03/intake/call/unheard-of"]) == there
