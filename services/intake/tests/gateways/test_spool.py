"""The spool keeps what it says it keeps, and tells when it cannot."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.application.ports import Arrival, Place, Refused, SpoolUnwritable
from intake.domain.facts import Caller, CallKey, Fact, FactKind, Told
from intake.domain.turn import Lane
from intake.gateways import spool as spool_module
from intake.gateways.spool import NO_TENANT, SqliteSpool
from service_kit.vault import Quarantine

Say = Callable[..., Fact]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SEALER = Quarantine(b"o" * 32)
NUMBER = "081200001234"


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[SqliteSpool]:
    opened = await a_spool(tmp_path)
    yield opened
    await opened.close()


async def a_spool(tmp_path: Path, *, most_bytes: int | None = None) -> SqliteSpool:
    spool = SqliteSpool(tmp_path / "spool.db", SEALER, lambda: NOON, most_bytes=most_bytes)
    await spool.start()
    return spool


def arrival(*facts: Fact, caller: Caller | None = None) -> Arrival:
    return Arrival(source="test", told=[Told(fact, caller) for fact in facts])


async def fill(spool: SqliteSpool, say: Say) -> None:
    for _ in range(1_000):
        await spool.append(arrival(say(FactKind.QUEUED)))


def bytes_in(directory: Path) -> bytes:
    return b"".join(path.read_bytes() for path in directory.iterdir())


def modes_in(directory: Path) -> set[int]:
    return {path.stat().st_mode & 0o777 for path in directory.iterdir()}


def of(tenant: str, call_id: str, fact: Fact) -> Fact:
    return replace(fact, id=f"{tenant} {fact.id}", call=CallKey(tenant, "trunk", call_id))


async def test_what_was_appended_is_offered_with_its_caller_until_it_is_done(
    spool: SqliteSpool, say: Say
) -> None:
    fact = say(FactKind.QUEUED, 3, queue="ttu112", waiting=4)
    await spool.append(arrival(fact, caller=Caller(NUMBER, "Bu Sri")))
    (call,) = await spool.next_batch(10, NOON)
    assert call.told == (Told(fact, Caller(NUMBER, "Bu Sri")),)
    await spool.done(call.ids)
    assert await spool.next_batch(10, NOON) == []


async def test_the_same_fact_twice_is_one_row(spool: SqliteSpool, say: Say) -> None:
    fact = say(FactKind.QUEUED)
    await spool.append(arrival(fact))
    await spool.append(arrival(fact, replace(fact, recorded_at=NOON + timedelta(hours=1))))
    (waiting,) = await spool.waiting()
    assert (waiting.tenant, waiting.facts, waiting.oldest_at) == ("53.03", 1, NOON)


async def test_a_closed_and_opened_spool_has_everything(tmp_path: Path, say: Say) -> None:
    first = await a_spool(tmp_path)
    await first.append(arrival(say(FactKind.QUEUED), say(FactKind.ENDED)))
    await first.close()
    second = await a_spool(tmp_path)
    (call,) = await second.next_batch(10, NOON)
    assert len(call.told) == 2
    await second.close()


async def test_no_number_and_no_name_lies_in_the_file_in_the_clear(tmp_path: Path, say: Say) -> None:
    spool = await a_spool(tmp_path)
    await spool.append(arrival(say(FactKind.QUEUED), caller=Caller(NUMBER, "Bu Sri")))
    await spool.append(Arrival(source="test", refused=[Refused("test", "cut_short", NUMBER.encode())]))
    written = bytes_in(tmp_path)
    await spool.close()
    assert b"53.03" in written
    assert NUMBER.encode() not in written
    assert b"Bu Sri" not in written


async def test_the_file_is_readable_by_its_owner_only(spool: SqliteSpool, tmp_path: Path) -> None:
    await spool.append(Arrival(source="test"))
    assert modes_in(tmp_path) == {0o600}


async def test_tenants_are_drained_in_turn_and_a_flood_of_one_does_not_delay_the_others(
    spool: SqliteSpool, say: Say
) -> None:
    flood = [of("53.03", f"flood {number}", say(FactKind.QUEUED)) for number in range(300)]
    await spool.append(arrival(*flood))
    await spool.append(arrival(of("53.71", "one", say(FactKind.QUEUED))))
    await spool.append(arrival(of("53.04", "two", say(FactKind.QUEUED))))
    for _ in range(3):  # whoever's turn it is to be first
        batch = await spool.next_batch(4, NOON)
        assert {call.key.tenant for call in batch} == {"53.03", "53.71", "53.04"}


async def test_a_tenant_with_nothing_in_a_lane_takes_no_turn_of_it(spool: SqliteSpool, say: Say) -> None:
    for tenant, turn in (("53.03", 1), ("53.04", 0), ("53.71", 1)):
        called = [of(tenant, f"{number}", say(FactKind.QUEUED, call_id=f"{number}")) for number in range(6)]
        await spool.append(replace(arrival(*called), turns={one.call.call_id: turn for one in called}))
    rounds = [await spool.next_batch(1, NOON, Lane.AGAIN) for _ in range(6)]
    assert Counter(call.key.tenant for (call,) in rounds) == {"53.03": 3, "53.71": 3}


async def test_of_one_tenant_those_come_first_who_called_least_just_before(
    spool: SqliteSpool, say: Say
) -> None:
    for call_id, turn in (("often", 7), ("twice", 1), ("first", 0), ("twice too", 1)):
        fact = say(FactKind.QUEUED, call_id=call_id)
        await spool.append(replace(arrival(fact), turns={fact.call.call_id: turn} if turn else {}))

    async def offered(lane: Lane | None) -> list[str]:
        return [call.key.exchange_call_id for call in await spool.next_batch(9, NOON, lane)]

    assert await offered(None) == ["first", "twice", "twice too", "often"]
    assert await offered(Lane.FIRST) == ["first"]
    assert await offered(Lane.AGAIN) == ["twice", "twice too", "often"]


async def test_whom_an_agent_answered_leaves_whole_by_the_first_lane(spool: SqliteSpool, say: Say) -> None:
    rang, answered = say(FactKind.RINGING), say(FactKind.ANSWERED)
    await spool.append(replace(arrival(rang), turns={rang.call.call_id: 7}))
    await spool.append(arrival(answered))
    (call,) = await spool.next_batch(9, NOON, Lane.FIRST)
    assert [told.fact.kind for told in call.told] == [FactKind.RINGING, FactKind.ANSWERED]


@pytest.mark.parametrize("lane", Lane)
async def test_each_lane_takes_tenants_in_turn_whatever_the_other_lane_took(
    spool: SqliteSpool, say: Say, lane: Lane
) -> None:
    for tenant in ("53.03", "53.71"):
        facts = [of(tenant, f"{lane} {number}", say(FactKind.QUEUED)) for number in range(3)]
        turns = {fact.call.call_id: list(Lane).index(lane) for fact in facts}
        await spool.append(replace(arrival(*facts), turns=turns))
    seen = set()
    for _ in range(2):
        seen |= {call.key.tenant for call in await spool.next_batch(1, NOON, lane)}
        for other in set(Lane) - {lane}:
            await spool.next_batch(1, NOON, other)
    assert seen == {"53.03", "53.71"}


async def test_a_file_of_an_earlier_version_is_ordered_by_turns_and_keeps_what_waits(
    tmp_path: Path, say: Say
) -> None:
    first = await a_spool(tmp_path)
    await first.append(arrival(say(FactKind.QUEUED, call_id="of old")))
    await first.close()
    with closing(sqlite3.connect(tmp_path / "spool.db")) as old:
        old.executescript(
            "DROP INDEX facts_by_turn; ALTER TABLE facts DROP COLUMN turn;"
            "CREATE INDEX facts_by_tenant ON facts (tenant, seq);"
        )
    second = await a_spool(tmp_path)
    fact = say(FactKind.QUEUED, call_id="again")
    await second.append(replace(arrival(fact), turns={fact.call.call_id: 1}))
    batch = await second.next_batch(9, NOON)
    await second.close()
    assert [call.key.exchange_call_id for call in batch] == ["of old", "again"]


async def test_all_facts_of_one_call_come_together(spool: SqliteSpool, say: Say) -> None:
    for number in range(3):
        await spool.append(
            arrival(say(FactKind.QUEUED), of("53.03", f"other {number}", say(FactKind.RINGING)))
        )
    batch = await spool.next_batch(2, NOON)
    assert [len(call.told) for call in batch if call.key.exchange_call_id == "1795418172.0"] == [3]


async def test_what_was_put_off_comes_again_only_later(spool: SqliteSpool, say: Say) -> None:
    await spool.append(arrival(say(FactKind.QUEUED)))
    (call,) = await spool.next_batch(10, NOON)
    await spool.put_off(call.ids, NOON + timedelta(seconds=8))
    assert await spool.next_batch(10, NOON + timedelta(seconds=7)) == []
    (again,) = await spool.next_batch(10, NOON + timedelta(seconds=8))
    assert again.tries == 1


async def test_a_followers_place_moves_with_the_facts_before_it_or_not_at_all(
    tmp_path: Path, say: Say
) -> None:
    spool = await a_spool(tmp_path, most_bytes=200_000)
    await spool.append(Arrival(source="log", place=Place("log", {"offset": 1})))
    facts = [Told(say(FactKind.QUEUED)) for _ in range(2_000)]
    with pytest.raises(SpoolUnwritable):
        await spool.append(Arrival(source="log", told=facts, place=Place("log", {"offset": 2})))
    assert await spool.place("log") == {"offset": 1}
    assert await spool.waiting() == []
    await spool.close()


async def test_a_full_spool_says_so_and_takes_facts_again_when_there_is_room(
    tmp_path: Path, say: Say
) -> None:
    spool = await a_spool(tmp_path, most_bytes=200_000)
    with pytest.raises(SpoolUnwritable):
        await fill(spool, say)
    kept = await spool.next_batch(5_000, NOON)
    ids = [one for call in kept for one in call.ids]
    assert len(ids) > 50
    await spool.done(ids)
    await spool.append(arrival(say(FactKind.QUEUED)))
    await spool.close()


async def test_a_full_spool_is_in_trouble_until_it_keeps_something_again(
    tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "LOOK_EVERY_SECONDS", 0.01)
    spool = await a_spool(tmp_path, most_bytes=200_000)
    assert spool.trouble == ""
    with pytest.raises(SpoolUnwritable):
        await fill(spool, say)
    assert "database or disk is full" in spool.trouble
    kept = await spool.next_batch(5_000, NOON)
    assert "database or disk is full" in spool.trouble  # reading it proves nothing
    await spool.done([one for call in kept for one in call.ids])
    assert spool.trouble == ""
    await spool.close()


async def test_a_spool_in_trouble_tries_by_itself_whether_it_can_keep_something_again(
    tmp_path: Path, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "LOOK_EVERY_SECONDS", 0.01)
    spool = await a_spool(tmp_path)
    with sqlite3.connect(tmp_path / "spool.db") as other:
        other.execute("ALTER TABLE facts RENAME TO gone")
    with pytest.raises(SpoolUnwritable):
        await spool.append(arrival(say(FactKind.QUEUED)))
    watching = asyncio.create_task(spool.watch_for_ever())
    async with asyncio.timeout(10):
        while spool.trouble:  # noqa: ASYNC110 - it is told by a flag only
            await asyncio.sleep(0.01)
    watching.cancel()
    assert {one.what for one in await spool.counts()} == {"counted/TRIED_AGAIN"}
    await spool.close()


async def test_a_full_spool_fails_who_appends_and_not_who_makes_room_at_the_same_moment(
    tmp_path: Path, say: Say
) -> None:
    spool = await a_spool(tmp_path, most_bytes=200_000)
    with pytest.raises(SpoolUnwritable):
        await fill(spool, say)
    ids = [one for call in await spool.next_batch(5_000, NOON) for one in call.ids]
    too_much = Arrival(source="test", told=[Told(say(FactKind.QUEUED)) for _ in range(2_000)])
    refused, done = await asyncio.gather(spool.append(too_much), spool.done(ids), return_exceptions=True)
    assert (type(refused), done) == (SpoolUnwritable, None)
    assert await spool.waiting() == []
    await spool.close()


async def test_many_at_once_share_commits_and_are_all_kept(spool: SqliteSpool, say: Say) -> None:
    facts = [say(FactKind.QUEUED) for _ in range(400)]
    await asyncio.gather(*(spool.append(arrival(fact)) for fact in facts))
    (waiting,) = await spool.waiting()
    assert waiting.facts == 400


async def test_a_place_that_cannot_hold_a_spool_is_told_at_start(tmp_path: Path) -> None:
    (tmp_path / "spool.db").mkdir()
    spool = SqliteSpool(tmp_path / "spool.db", SEALER, lambda: NOON)
    with pytest.raises(SpoolUnwritable, match=r"the spool spool\.db cannot be written"):
        await spool.start()
    await spool.close()


async def test_a_file_that_is_no_spool_is_told_at_start(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"not a database, surely" * 100)
    spool = SqliteSpool(tmp_path / "spool.db", SEALER, lambda: NOON)
    with pytest.raises(SpoolUnwritable):
        await spool.start()
    await spool.close()


async def test_a_closed_spool_takes_nothing(tmp_path: Path, say: Say) -> None:
    spool = await a_spool(tmp_path)
    await spool.close()
    with pytest.raises(SpoolUnwritable):
        await spool.append(arrival(say(FactKind.QUEUED)))


async def test_refused_input_is_kept_sealed_and_counted_with_its_reason(spool: SqliteSpool) -> None:
    refused = [
        Refused("log", "unknown_kind", b"1|2|ttu112|P1|CATATAN|uji", "53.03"),
        Refused("log", "cut_short", b"179"),
    ]
    await spool.append(Arrival(source="log", refused=refused, counted={"PAUSE": 2}))
    await spool.append(Arrival(source="log", refused=refused[:1], counted={"PAUSE": 1}))
    assert {one.what: one.count for one in await spool.counts()} == {
        "counted/PAUSE": 3,
        "refused/cut_short": 1,
        "refused/unknown_kind": 2,
    }
    newest, cut, _ = await spool.refused(10)
    assert (newest.tenant, newest.reason, newest.raw) == (
        "53.03",
        "unknown_kind",
        b"1|2|ttu112|P1|CATATAN|uji",
    )
    assert (cut.tenant, cut.raw) == (NO_TENANT, b"179")


async def test_a_row_that_cannot_be_opened_is_set_aside_and_stops_nobody(tmp_path: Path, say: Say) -> None:
    spool = await a_spool(tmp_path)
    await spool.append(arrival(say(FactKind.QUEUED), of("53.71", "fine", say(FactKind.QUEUED))))
    with sqlite3.connect(tmp_path / "spool.db") as other:
        other.execute("UPDATE facts SET sealed = ? WHERE tenant = '53.03'", (b"Q1 broken",))
    (fine,) = await spool.next_batch(10, NOON)
    assert fine.key.tenant == "53.71"
    assert {one.tenant for one in await spool.waiting()} == {"53.03", "53.71"}
    await spool.done(fine.ids)
    assert await spool.next_batch(10, NOON) == []
    await spool.close()


async def test_a_flood_of_refused_input_takes_the_place_of_its_own_source_only(
    spool: SqliteSpool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "MOST_REFUSED", 3)
    await spool.append(Arrival(source="log", refused=[Refused("log", "cut_short", b"one torn line")]))
    for number in range(10):
        flood = Refused("events_api/unproven", "not_authenticated", b"%d" % number)
        await spool.append(Arrival(source=flood.source, refused=[flood]))
    assert [row.raw for row in await spool.refused(50)] == [b"9", b"8", b"7", b"one torn line"]
    assert {one.source: one.count for one in await spool.counts()} == {"events_api/unproven": 10, "log": 1}
