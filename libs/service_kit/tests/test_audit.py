import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from service_kit.audit import (
    MOST_WAITING,
    AuditTrail,
    Deed,
    DeedUnwritable,
    Detail,
    Head,
    TrailForked,
    TrailOverdue,
    _hash,
    verify,
    writer_name,
)
from service_kit.documents import Collection, Database

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@pytest.fixture
def entries(memory_database: Database) -> Collection:
    return memory_database["openings"]


def stored(entries: Collection) -> dict[str, dict[str, Any]]:
    """The fake's documents, to look at and to tamper with."""
    documents: dict[str, dict[str, Any]] = entries.documents  # type: ignore[assignment] # the fake shows what it holds
    return documents


async def three_deeds(entries: Collection, writer: str = "triage-1") -> AuditTrail:
    trail = AuditTrail(entries, writer)
    for number in range(3):
        await trail.append("ticket.closed", "siti", "53.03", f"ticket/{number}", {"round": number}, NOW)
    return trail


async def test_every_deed_is_kept_in_order_with_who_and_what(entries: Collection) -> None:
    await three_deeds(entries)
    kept = stored(entries)
    assert list(kept) == [f"triage-1/{number:012}" for number in (1, 2, 3)]
    last = kept["triage-1/000000000003"]
    assert (last["action"], last["by"], last["tenant"], last["subject"]) == (
        "ticket.closed",
        "siti",
        "53.03",
        "ticket/2",
    )
    assert (last["details"], last["at"]) == ({"round": 2}, "2026-11-22T03:00:00.000+00:00")
    assert last["previous"] == kept["triage-1/000000000002"]["hash"]


async def test_an_untouched_trail_has_no_faults(entries: Collection) -> None:
    await three_deeds(entries)
    await three_deeds(entries, "triage")
    await three_deeds(entries, "triage-1-again")
    assert await verify(entries) == []


@pytest.mark.parametrize(
    "change",
    [
        {"by": "budi"},
        {"details": {"round": 7}},
        {"at": "2026-01-01T00:00:00.000+00:00"},
        {"note": "added"},
        {"tenant": None},
    ],
)
async def test_a_changed_entry_is_named(entries: Collection, change: dict[str, Any]) -> None:
    await three_deeds(entries)
    stored(entries)["triage-1/000000000002"] |= change
    assert await verify(entries) == ["triage-1/000000000002: its content was changed"]


async def test_an_entry_changed_together_with_its_hash_breaks_the_link_after_it(entries: Collection) -> None:
    await three_deeds(entries)
    await forge(entries, "triage-1/000000000002", {"by": "budi"})
    assert await verify(entries) == ["triage-1/000000000003: does not carry the hash of the entry before it"]


async def forge(entries: Collection, name: str, change: dict[str, Any]) -> None:
    entry = stored(entries)[name]
    entry |= change
    entry["hash"] = _hash(entry)


async def test_an_entry_taken_out_of_the_middle_is_missed(entries: Collection) -> None:
    await three_deeds(entries)
    del stored(entries)["triage-1/000000000002"]
    assert await verify(entries) == [
        "triage-1/000000000003: does not follow number 1",
        "triage-1/000000000003: does not carry the hash of the entry before it",
    ]


async def test_an_entry_that_makes_no_sense_is_a_fault_and_no_crash(entries: Collection) -> None:
    await three_deeds(entries)
    stored(entries)["odd"] = {"_id": "odd"}
    assert any(fault.startswith("odd: ") for fault in await verify(entries))


async def test_a_tail_cut_off_is_seen_against_an_anchored_head(entries: Collection) -> None:
    trail = await three_deeds(entries)
    anchor = trail.head()
    del stored(entries)["triage-1/000000000003"]
    assert await verify(entries) == []
    assert await verify(entries, [anchor]) == ["triage-1/000000000003: was anchored and is gone"]


async def test_a_chain_forged_anew_is_seen_against_an_anchored_head(entries: Collection) -> None:
    trail = await three_deeds(entries)
    await forge(entries, "triage-1/000000000003", {"by": "budi"})
    assert await verify(entries) == []
    assert await verify(entries, [trail.head()]) == [
        "triage-1/000000000003: is not the entry that was anchored"
    ]


async def test_an_anchored_head_that_is_still_there_is_no_fault(entries: Collection) -> None:
    trail = await three_deeds(entries)
    anchor = trail.head()
    await trail.append("ticket.closed", "siti", "53.03", "ticket/9", {}, NOW)
    assert anchor.number == 3
    assert await verify(entries, [anchor]) == []


async def test_deeds_that_come_together_are_written_together(entries: Collection, calls: list[str]) -> None:
    trail = AuditTrail(entries, "notifier-1")
    await asyncio.gather(*(trail.append("a.b", "x", "53.03", str(number), {}, NOW) for number in range(50)))
    assert len(stored(entries)) == 50
    assert len(calls) <= 2
    assert await verify(entries) == []


async def test_a_deed_counts_as_recorded_only_when_it_is_down(
    entries: Collection, faults: list[Exception]
) -> None:
    trail = await three_deeds(entries)
    faults.append(AutoReconnect("the store is away"))
    with pytest.raises(AutoReconnect):
        await trail.append("ticket.closed", "siti", "53.03", "ticket/9", {}, NOW)
    assert trail.head().number == 3


async def test_what_could_not_be_written_goes_first_at_the_next_deed(
    entries: Collection, faults: list[Exception]
) -> None:
    trail = await three_deeds(entries)
    faults.append(AutoReconnect("the store is away"))
    with pytest.raises(AutoReconnect):
        await trail.append("ticket.closed", "siti", "53.03", "ticket/late", {}, NOW)
    await trail.append("ticket.closed", "siti", "53.03", "ticket/next", {}, NOW)
    assert [entry["subject"] for entry in stored(entries).values()][3:] == ["ticket/late", "ticket/next"]
    assert await verify(entries) == []


async def test_an_answer_lost_on_its_way_makes_no_second_entry(
    entries: Collection, faults: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    trail = AuditTrail(entries, "triage-1")
    really = entries.insert_many

    async def written_but_unheard(documents: Any, *, ordered: bool) -> None:
        await really(documents, ordered=ordered)
        raise AutoReconnect("the answer is lost")

    monkeypatch.setattr(entries, "insert_many", written_but_unheard)
    with pytest.raises(AutoReconnect):
        await trail.append("ticket.closed", "siti", "53.03", "ticket/1", {}, NOW)
    monkeypatch.undo()
    await trail.append("ticket.closed", "siti", "53.03", "ticket/2", {}, NOW)
    assert [entry["subject"] for entry in stored(entries).values()] == ["ticket/1", "ticket/2"]
    assert await verify(entries) == []


async def test_two_writers_of_one_name_cannot_fork_the_chain(entries: Collection) -> None:
    await three_deeds(entries)
    with pytest.raises(TrailForked):
        await AuditTrail(entries, "triage-1").append("ticket.closed", "budi", "53.03", "ticket/1", {}, NOW)
    assert await verify(entries) == []


async def test_a_deed_the_store_could_never_keep_does_not_hold_up_the_others(entries: Collection) -> None:
    trail = AuditTrail(entries, "triage-1")
    impossible: list[tuple[str, dict[str, Detail]]] = [
        ("\ud800", {}),
        ("x", {"number": 2**70}),
        ("x", {"long": "x" * 70_000}),
    ]
    for subject, details in impossible:
        with pytest.raises(DeedUnwritable):
            await trail.append("a.b", "siti", "53.03", subject, details, NOW)
    await trail.append("a.b", "siti", "53.03", "ticket/1", {}, NOW)
    assert await verify(entries) == []


async def test_when_too_much_waits_nothing_more_may_happen(
    entries: Collection, faults: list[Exception]
) -> None:
    trail = AuditTrail(entries, "triage-1")
    faults.append(AutoReconnect("the store is away"))
    with pytest.raises(AutoReconnect):
        await trail.append_many([Deed("a.b", "x", "53.03", "y", {})] * MOST_WAITING, NOW)
    with pytest.raises(TrailOverdue):
        await trail.append("a.b", "x", "53.03", "y", {}, NOW)


@pytest.mark.parametrize("writer", ["", "a/b"])
def test_a_writers_name_is_a_plain_word(entries: Collection, writer: str) -> None:
    with pytest.raises(ValueError, match="writer"):
        AuditTrail(entries, writer)


def test_every_start_has_a_name_of_its_own() -> None:
    assert writer_name("triage") != writer_name("triage")
    assert writer_name("triage").startswith("triage-")


def test_a_new_chain_has_an_empty_head(entries: Collection) -> None:
    assert AuditTrail(entries, "triage-1").head() == Head("triage-1", 0, "")
