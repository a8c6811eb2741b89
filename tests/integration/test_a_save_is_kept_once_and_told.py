"""One write keeps state, event, command and timeline; what was saved is told, also after a crash."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pymongo.asynchronous.collection import AsyncCollection

from service_kit.decisions import Changed, Conflict, KeyReused, Saved
from service_kit.outgoing import Outgoing
from service_kit.reading import each_document_once
from service_kit.service import Service
from service_kit.store import AggregateStore
from tests.integration.small_service import (
    NOTES,
    TENANT,
    TOPIC,
    Heard,
    Note,
    StartSmall,
    command,
    counted,
    eventually,
)

pytestmark = pytest.mark.integration


class Nobody:
    """A process that dies between saving and sending."""

    def ship(self, *_: object) -> None:
        """Send nothing."""

    def has_sent(self, *_: object) -> bool:
        """Nothing is ever acknowledged."""
        return False


def unsent(small_service: Service) -> AggregateStore[Note]:
    """Return the same collection as a process would use it that never gets to send."""
    return AggregateStore(small_service.database, NOTES, ships=Nobody(), clock=small_service.clock)


async def test_of_many_writers_at_once_none_is_lost(start_small: StartSmall) -> None:
    small = await start_small()
    await asyncio.gather(*(small.notes.change(TENANT, "n1", counted("n1")) for _ in range(20)))
    kept = await small.notes.get(TENANT, "n1")
    assert kept is not None
    assert (kept.state.count, kept.version, len(kept.timeline)) == (20, 20, 20)


async def test_the_same_command_twice_changes_once_and_answers_the_same(start_small: StartSmall) -> None:
    small = await start_small()
    first = await small.notes.change(TENANT, "n1", counted("n1"), command=command("k"))
    again = await small.notes.change(TENANT, "n1", counted("n1"), command=command("k"))
    assert isinstance(first, Saved)
    assert again == Saved(first.state, first.version, repeated=True)


async def test_a_repeat_after_others_changed_it_shows_the_version_that_belongs_to_the_state(
    start_small: StartSmall,
) -> None:
    small = await start_small()
    await small.notes.change(TENANT, "n1", counted("n1"), command=command("k"))
    newer = await small.notes.change(TENANT, "n1", counted("n1"), command=command("other"))
    again = await small.notes.change(TENANT, "n1", counted("n1"), command=command("k"))
    assert isinstance(newer, Saved)
    assert again == Saved(newer.state, newer.version, repeated=True)


async def test_a_command_that_an_older_program_noted_with_its_version_is_still_known(
    start_small: StartSmall,
) -> None:
    small = await start_small()
    first = await small.notes.change(TENANT, "n1", counted("n1"), command=command("k", fingerprint="a"))
    older = {"key": "k", "fingerprint": "a", "version": 1}
    await small.notes.collection.update_one({"_id": "n1"}, {"$set": {"commands": [older]}})
    assert isinstance(first, Saved)
    again = await small.notes.change(TENANT, "n1", counted("n1"), command=command("k", fingerprint="a"))
    assert again == Saved(first.state, first.version, repeated=True)
    await small.notes.change(TENANT, "n1", counted("n1"), command=command("other"))
    kept = await small.notes.get(TENANT, "n1")
    assert kept is not None
    assert [one["key"] for one in kept.raw["commands"]] == ["k", "other"]


async def test_a_key_of_another_request_is_refused(start_small: StartSmall) -> None:
    small = await start_small()
    await small.notes.change(TENANT, "n1", counted("n1"), command=command("k", fingerprint="a"))
    other = await small.notes.change(TENANT, "n1", counted("n1"), command=command("k", fingerprint="b"))
    assert other == KeyReused()


async def test_who_saw_an_older_version_gets_the_newer_state(start_small: StartSmall) -> None:
    small = await start_small()
    await small.notes.change(TENANT, "n1", counted("n1"), command=command("a"))
    await small.notes.change(TENANT, "n1", counted("n1"), command=command("b"))
    late = await small.notes.change(TENANT, "n1", counted("n1"), command=command("c", seen=1))
    assert late == Conflict(Note("n1", 2), 2)


async def test_an_aggregate_of_another_tenant_is_not_there(start_small: StartSmall) -> None:
    small = await start_small()
    await small.notes.change(TENANT, "n1", counted("n1"))
    assert await small.notes.get("53.71", "n1") is None


async def test_what_was_saved_is_told_at_once_and_marked_without_a_new_version(
    start_small: StartSmall,
) -> None:
    heard = Heard()
    small = await start_small(handle=heard.take)
    await small.notes.change(TENANT, "n-told", counted("n-told"))
    events = await heard.until(lambda all_: any(e.data.reply_id == "n-told" for e in all_))
    assert "notes/reply/n-told/1" in [event.envelope.id for event in events]

    async def marked() -> bool:
        kept = await small.notes.get(TENANT, "n-told")
        return kept is not None and kept.raw["outbox"] == [] and kept.version == 1

    await eventually(marked)


async def test_what_a_dead_process_saved_the_sweeper_tells(start_small: StartSmall) -> None:
    heard = Heard()
    small = await start_small(handle=heard.take)
    await unsent(small.service).change(TENANT, "n-swept", counted("n-swept"))
    assert [e for e in heard.events if e.data.reply_id == "n-swept"] == []
    await small.service.relay.sweep(older_than=timedelta(0))
    await heard.until(lambda all_: any(e.data.reply_id == "n-swept" for e in all_))


async def test_after_another_cluster_appears_the_present_state_is_told_again(
    start_small: StartSmall,
) -> None:
    heard = Heard()
    small = await start_small(handle=heard.take)
    await small.notes.change(TENANT, "n-again", counted("n-again"))
    await heard.until(lambda all_: any(e.data.reply_id == "n-again" for e in all_))
    meta = small.service.database.get_collection("meta")

    async def cluster_is_noted() -> bool:
        return await meta.find_one({"_id": "cluster"}) is not None

    await eventually(cluster_is_noted)
    await meta.update_one({"_id": "cluster"}, {"$set": {"cluster": "another"}})
    events = await heard.until(lambda all_: sum(e.data.reply_id == "n-again" for e in all_) == 2)
    ids = {e.envelope.id for e in events if e.data.reply_id == "n-again"}
    assert ids == {"notes/reply/n-again/1"}


async def test_after_an_unclean_end_what_is_unfinished_is_told_again(start_small: StartSmall) -> None:
    heard = Heard()
    first = await start_small(handle=heard.take)
    await first.notes.change(TENANT, "n-cut", counted("n-cut"))
    await heard.until(lambda all_: any(e.data.reply_id == "n-cut" for e in all_))
    await first.stop()
    second = await start_small(handle=heard.take)
    assert sum(e.data.reply_id == "n-cut" for e in heard.events) == 1

    async def begun() -> bool:
        life = await second.service.database.get_collection("meta").find_one({"_id": "life"})
        return life is not None and not life["ended_cleanly"]

    await eventually(begun)
    await start_small(handle=heard.take)
    await heard.until(lambda all_: sum(e.data.reply_id == "n-cut" for e in all_) > 1)


async def test_by_command_the_present_state_is_told_again_as_the_same_event(start_small: StartSmall) -> None:
    heard = Heard()
    small = await start_small(handle=heard.take)
    await small.notes.change(TENANT, "n-asked", counted("n-asked"))
    await heard.until(lambda all_: any(e.data.reply_id == "n-asked" for e in all_))
    assert await small.service.relay.announce() >= 1
    events = await heard.until(lambda all_: sum(e.data.reply_id == "n-asked" for e in all_) == 2)
    first, again = (e for e in events if e.data.reply_id == "n-asked")
    assert first.envelope.id == again.envelope.id == "notes/reply/n-asked/1"
    assert (first.envelope.time, first.data) == (again.envelope.time, again.data)


async def test_unknown_fields_of_a_newer_program_survive_an_older_one(start_small: StartSmall) -> None:
    small = await start_small()
    await small.notes.change(TENANT, "n1", counted("n1"))
    newer = {"$set": {"state.colour": "red", "shade": 1}, "$inc": {"version": 1}}
    await small.notes.collection.update_one({"_id": "n1"}, newer)
    await small.notes.change(TENANT, "n1", counted("n1"))
    raw = await small.notes.collection.find_one({"_id": "n1"})
    assert raw is not None
    assert (raw["state"]["colour"], raw["state"]["count"], raw["shade"]) == ("red", 2, 1)


def test_an_outbox_entry_names_its_event() -> None:
    event = Outgoing("53.03", "call.received", "intake", "call/1", 3, "1", b"{}", command("k").at)
    assert event.entry_id == "3:call.received"


async def test_a_command_reads_a_document_once_and_loses_no_race_by_it(
    start_small: StartSmall, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, reads = await start_small(), list[object]()
    real = AsyncCollection.find_one

    async def counting(self: Any, *asked: Any, **named: Any) -> Any:
        if self.name == NOTES.collection:
            reads.append(asked)
        return await real(self, *asked, **named)

    monkeypatch.setattr(AsyncCollection, "find_one", counting)
    with each_document_once():
        assert await small.notes.get(TENANT, "n1") is None
        await small.notes.change(TENANT, "n1", counted("n1"))
        await small.notes.change(TENANT, "n1", counted("n1"))
        kept = await small.notes.get(TENANT, "n1")
        assert kept is not None
        assert (kept.state.count, kept.version, len(reads)) == (2, 2, 1)
        other = AggregateStore(small.service.database, NOTES, ships=Nobody(), clock=small.service.clock)
        await asyncio.create_task(change_in_another_process(other))
        saved = await small.notes.change(TENANT, "n1", counted("n1"))
    assert isinstance(saved, Saved)
    assert (saved.state.count, saved.version) == (4, 4)


async def test_what_a_process_saved_last_it_changes_without_reading_it(
    start_small: StartSmall, monkeypatch: pytest.MonkeyPatch
) -> None:
    small, reads = await start_small(), list[object]()
    real = AsyncCollection.find_one

    async def counting(self: Any, *asked: Any, **named: Any) -> Any:
        if self.name == NOTES.collection:
            reads.append(asked)
        return await real(self, *asked, **named)

    monkeypatch.setattr(AsyncCollection, "find_one", counting)
    for _ in range(3):
        await small.notes.change(TENANT, "n1", counted("n1"))
    assert len(reads) == 1
    await unsent(small.service).change(TENANT, "n1", counted("n1"))
    reads.clear()
    saved = await small.notes.change(TENANT, "n1", counted("n1"))
    assert isinstance(saved, Saved)
    assert (saved.state.count, saved.version, len(reads)) == (5, 5, 1)


async def test_nothing_is_refused_for_what_another_process_has_changed_meanwhile(
    start_small: StartSmall,
) -> None:
    def even(note: Note | None) -> Changed[Note] | None:
        return None if note is None or note.count % 2 else counted("n1")(note)

    small = await start_small()
    await small.notes.change(TENANT, "n1", counted("n1"))
    await unsent(small.service).change(TENANT, "n1", counted("n1"))
    saved = await small.notes.change(TENANT, "n1", even)
    assert isinstance(saved, Saved)
    assert saved.state.count == 3
    assert await small.notes.change(TENANT, "n1", even) is None


async def change_in_another_process(notes: AggregateStore[Note]) -> None:
    """Change a document as somebody would who knows nothing of the command under way."""
    with each_document_once():
        await notes.change(TENANT, "n1", counted("n1"))


async def test_a_save_leaves_out_what_the_broker_has_already(start_small: StartSmall) -> None:
    small = await start_small()
    with each_document_once():
        await small.notes.change(TENANT, "n1", counted("n1"))

        async def sent() -> bool:
            return small.service.relay.has_sent(small.notes.collection, "n1", f"1:{TOPIC}")

        await eventually(sent)
        await small.notes.change(TENANT, "n1", counted("n1"))
        kept = await small.notes.get(TENANT, "n1")
    assert kept is not None
    assert [entry["sequence"] for entry in kept.raw["outbox"]] == [2]
