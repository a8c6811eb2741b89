"""Aggregates in the store: load, let the domain decide, save state and events with one write.

A document holds the state, its version, the events not yet sent (outbox), the last sequence heard
of each subject, the recent command keys and the timeline. One `replace_one({_id, version})` saves
all of it; a lost race loads and decides again (architecture, decision 6).
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter
from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from service_kit import metrics
from service_kit.aggregates import Aggregate, Due, Kept, Other, Ships, State
from service_kit.clock import Clock
from service_kit.decisions import Changed, Command, Conflict, Heard, KeyReused, Saved
from service_kit.documents import BEFORE_EVERYTHING, Database, Document
from service_kit.effects import note_change
from service_kit.memory import heard_of, note_command, note_heard, note_step
from service_kit.outgoing import Outgoing, from_entry, to_entry
from service_kit.paging import Pages
from service_kit.reading import seen
from service_kit.recent import Recent
from service_kit.telemetry import logger, span, traceparent
from service_kit.unknown_fields import keep_unknown
from shared_schemas.topics import TOPICS

__all__ = ["Aggregate", "AggregateStore", "Due", "Kept", "Other", "RaceNeverWon", "Ships", "State"]

LOG = logger(__name__)

Refusal = TypeVar("Refusal")

RACES_MOST = 50


class RaceNeverWon(RuntimeError):
    """An aggregate changed under every one of many tries to change it."""


@dataclass(frozen=True, slots=True)
class _RaceLost:
    """Another writer was faster; unlike `None`, no decision can be mistaken for it."""


class AggregateStore(Generic[State]):
    """One collection of aggregates; every call names a tenant."""

    def __init__(
        self, database: Database, aggregate: Aggregate[State], *, ships: Ships, clock: Clock
    ) -> None:
        """Use a database whose writes are acknowledged by the majority (`documents.database`)."""
        self.collection = database.get_collection(aggregate.collection)
        self.aggregate = aggregate
        self._ships = ships
        self._clock = clock
        self._adapter: TypeAdapter[State] = TypeAdapter(aggregate.state_type)
        self._recent = Recent()
        self._pages = Pages()

    async def prepare(self) -> None:
        """Create the indexes."""
        await self.collection.create_indexes(
            [
                IndexModel([("next_due_at", ASCENDING)], name="due"),
                IndexModel([("outbox.at", ASCENDING)], name="outbox"),
                *self.aggregate.indexes,
            ],
        )

    async def get(self, tenant: str, document_id: str) -> Kept[State] | None:
        """Return the aggregate, or None where this tenant has none of that id."""
        raw = await self._read(tenant, document_id)
        return None if raw is None else self._kept(raw)

    async def _read(self, tenant: str, document_id: str, *, afresh: bool = False) -> Document | None:
        """Read a document, unless the running command saw it already."""
        name, here = (self.collection, tenant, document_id), seen()
        if here is not None and name in here and not afresh:
            return here[name]
        raw = await self.collection.find_one({"_id": document_id, "tenant": tenant})
        if here is not None:
            here[name] = raw
        return raw

    async def find(
        self, tenant: str, query: Mapping[str, Any], *, sort: str, limit: int, after: str | None = None
    ) -> list[Kept[State]]:
        """Return at most `limit` aggregates of a tenant in ascending order of one indexed field."""
        name, found = (tenant, repr(query), sort), list[Document]()
        begin: Document = {} if after is None else {"$gt": after}
        for end in self._pages.ends(name, after):
            within = begin if end is None else {**begin, "$lt": end}
            found += await self._some(tenant, query, sort, within, limit - len(found))
            if len(found) >= limit or end is None:
                break
            begin = {"$gte": end}
        if after is None:
            self._pages.note(name, [str(raw[sort]) for raw in found], limit=limit)
        return [self._kept(raw) for raw in found]

    async def _some(
        self, tenant: str, query: Mapping[str, Any], sort: str, within: Document, limit: int
    ) -> list[Document]:
        wanted: Document = {"tenant": tenant, **query}
        if within:
            wanted[sort] = within
        return [raw async for raw in self.collection.find(wanted).sort(sort, ASCENDING).limit(limit)]

    async def count(self, tenant: str, query: Mapping[str, Any]) -> int:
        """Count a tenant's aggregates that match."""
        return await self.collection.count_documents({"tenant": tenant, **query})

    async def due(self, now: datetime, limit: int) -> list[Due]:
        """Return aggregates whose deadline has come, earliest first."""
        wanted = {"_id": 1, "tenant": 1, "traceparent": 1}
        cursor = (
            self.collection.find({"next_due_at": {"$gt": BEFORE_EVERYTHING, "$lte": now}}, wanted)
            .sort("next_due_at", ASCENDING)
            .limit(limit)
        )
        return [Due(raw["tenant"], raw["_id"], raw.get("traceparent", "")) async for raw in cursor]

    async def change(
        self,
        tenant: str,
        document_id: str,
        decide: Callable[[State | None], Changed[State] | Refusal],
        *,
        command: Command | None = None,
        heard: Heard | None = None,
    ) -> Saved[State] | Conflict[State] | KeyReused | Refusal:
        """Load one aggregate, let `decide` look at it, save what it decided and send its event.

        Returns what `decide` refused with, `Conflict` where the command had seen another version,
        `KeyReused` where its key had served another request; else the saved state, marked
        `repeated` where the same command or event had been taken before: then it is the state and
        the version of now, so that what is shown and what may be sent back fit together.

        Raises:
            RaceNeverWon: others changed it at every try.
        """
        remembered = self._recent.take(tenant, document_id)
        for race in range(RACES_MOST):
            unsure = race == 0 and remembered is not None
            raw = remembered if unsure else await self._read(tenant, document_id, afresh=race > 0)
            outcome: Saved[State] | Conflict[State] | KeyReused | Refusal | _RaceLost
            outcome = await self._try(tenant, document_id, raw, decide, command, heard)
            if isinstance(outcome, _RaceLost):
                continue
            if not unsure or _is_new_save(outcome):
                return outcome
        raise RaceNeverWon(f"{self.aggregate.kind} {document_id}")

    async def _try(
        self,
        tenant: str,
        document_id: str,
        raw: Document | None,
        decide: Callable[[State | None], Changed[State] | Refusal],
        command: Command | None,
        heard: Heard | None,
    ) -> "Saved[State] | Conflict[State] | KeyReused | Refusal | _RaceLost":
        """Decide on a document and save what was decided, unless another writer was faster."""
        kept = None if raw is None else self._kept(raw)
        known = self._known(kept, command, heard)
        if known is not None:
            return known
        decided = decide(None if kept is None else kept.state)
        if not isinstance(decided, Changed):
            return decided
        with _carried_on(self.aggregate.kind, kept):
            saved = await self._save(tenant, document_id, kept, decided, command, heard)
        if saved is not None:
            return saved
        metrics.LOST_RACES.labels(self.aggregate.collection).inc()
        return _RaceLost()

    def _known(
        self, kept: Kept[State] | None, command: Command | None, heard: Heard | None
    ) -> Saved[State] | Conflict[State] | KeyReused | None:
        if kept is None:
            return None
        if heard is not None and heard_of(kept.raw).get(heard.about, 0) >= heard.sequence:
            return Saved(kept.state, kept.version, repeated=True)
        return None if command is None else self._known_command(kept, command)

    def _known_command(
        self, kept: Kept[State], command: Command
    ) -> Saved[State] | Conflict[State] | KeyReused | None:
        for earlier in kept.raw.get("commands", ()):
            if earlier["key"] != command.key:
                continue
            if earlier["fingerprint"] != command.fingerprint:
                return KeyReused()
            return Saved(kept.state, kept.version, repeated=True)
        if command.seen_version not in (None, kept.version):
            return Conflict(kept.state, kept.version)
        return None

    async def _save(
        self,
        tenant: str,
        document_id: str,
        kept: Kept[State] | None,
        decided: Changed[State],
        command: Command | None,
        heard: Heard | None,
    ) -> Saved[State] | None:
        """Write the decision; None where another writer was faster."""
        now = self._clock()
        version = 1 if kept is None else kept.version + 1
        said = self._tell(tenant, document_id, version, decided, now)
        document = self._document(tenant, document_id, kept, version, decided, said)
        old: Document = {} if kept is None else kept.raw
        note_heard(document, old, heard)
        note_command(document, old, command)
        note_step(document, old, decided, command, heard, version, now)
        if not await self._write(kept, document):
            return None
        self._recent.keep(document)
        if (here := seen()) is not None:
            here[self.collection, tenant, document_id] = document
        self._log_saved(document, decided)
        if said:
            self._ships.ship(self.collection, document_id, said)
        return Saved(decided.state, version)

    def _log_saved(self, document: Document, decided: Changed[State]) -> None:
        """Tell of a save: ids and the step's name, nothing of the state itself."""
        note_change()
        ids = {"tenant": document["tenant"], "id": document["_id"], "version": document["version"]}
        topic = TOPICS.get(document["said"])
        if topic is not None:
            ids[topic.key] = self.aggregate.key(decided.state)
        LOG.info("state.saved", kind=self.aggregate.kind, what=decided.what, **ids)

    async def _write(self, kept: Kept[State] | None, document: Document) -> bool:
        if kept is None:
            try:
                await self.collection.insert_one(document)
            except DuplicateKeyError:
                return False
            return True
        result = await self.collection.replace_one({"_id": kept.id, "version": kept.version}, document)
        return result.matched_count == 1

    def _tell(
        self, tenant: str, document_id: str, version: int, decided: Changed[State], now: datetime
    ) -> list[Outgoing]:
        """Make the events of one save: the state, then what else it tells."""
        told: list[Outgoing] = []
        topics = [*([decided.topic] if decided.topic else []), *decided.also]
        for topic in topics:
            other = self.aggregate.others.get(topic)
            kind = self.aggregate.kind if other is None else other.kind
            tell = self.aggregate.body if other is None else other.body
            data = tell(decided.state, now)
            if data is None:
                continue
            told.append(
                Outgoing(
                    tenant=tenant,
                    topic=topic,
                    source=self.aggregate.source,
                    subject=f"{kind}/{document_id}",
                    sequence=version,
                    key=self.aggregate.key(decided.state),
                    body=data.model_dump_json().encode(),
                    at=now,
                    traceparent=traceparent(),
                )
            )
        return told

    def _document(
        self,
        tenant: str,
        document_id: str,
        kept: Kept[State] | None,
        version: int,
        decided: Changed[State],
        said: Sequence[Outgoing],
    ) -> Document:
        """Make the new document; what an unknown, newer program wrote into the old one stays."""
        old: Document = {} if kept is None else kept.raw
        state = self._adapter.dump_python(decided.state, mode="json")
        if kept is not None:
            state = keep_unknown(old["state"], self._adapter.dump_python(kept.state, mode="json"), state)
        sent = partial(self._ships.has_sent, self.collection)
        unsent = [one for one in old.get("outbox", ()) if not sent(document_id, one["id"])]
        return {
            **old,
            "_id": document_id,
            "tenant": tenant,
            "version": version,
            "state": state,
            "outbox": [*unsent, *map(to_entry, said)],
            "said": decided.topic or old.get("said"),
            "finished": self.aggregate.finished(decided.state),
            "next_due_at": self.aggregate.due_at(decided.state),
            "traceparent": traceparent() or old.get("traceparent", ""),
            **self.aggregate.fields(decided.state),
        }

    def outbox_of(self, raw: Document) -> list[Outgoing]:
        """Return the events that a document still has to send."""
        return [from_entry(raw["tenant"], entry) for entry in raw.get("outbox", ())]

    def present(self, kept: Kept[State]) -> list[Outgoing]:
        """Return the events that tell the present state again.

        The sequence is the document's version: where the last version was saved without an event,
        the announcement carries that newer number and the same public state. The time is that of the
        last save: the same event says the same, however often it is told.
        """
        topic = kept.raw.get("said")
        if topic is None:
            return []
        everything = Changed(kept.state, "announced", topic, also=tuple(self.aggregate.others))
        saved_at = kept.timeline[-1].at if kept.timeline else self._clock()
        told = self._tell(kept.tenant, kept.id, kept.version, everything, saved_at)
        return [replace(event, traceparent=kept.traceparent) for event in told]

    async def everything(self, *, unfinished_only: bool) -> AsyncIterator[Kept[State]]:
        """Walk over all aggregates of all tenants, for announcing; one that cannot be read keeps nobody else."""
        query: dict[str, Any] = {"finished": {"$ne": True}} if unfinished_only else {}
        async for raw in self.collection.find(query):
            if (kept := self._readable(raw)) is not None:
                yield kept

    def _readable(self, raw: Document) -> Kept[State] | None:
        """Read a document, or say that nobody can: the walk comes with each start, which must not end in it."""
        try:
            kept = self._kept(raw)
            _ = kept.timeline  # an announcement tells the time of its last step
        except (KeyError, TypeError, ValueError) as error:
            LOG.error(  # noqa: TRY400 - the error's text may hold what a caller said
                "state.unreadable",
                collection=self.aggregate.collection,
                id=str(raw.get("_id")),
                error=type(error).__name__,
            )
            return None
        return kept

    def _kept(self, raw: Document) -> Kept[State]:
        return Kept(
            id=raw["_id"],
            tenant=raw["tenant"],
            version=raw["version"],
            state=self._adapter.validate_python(raw["state"], strict=False),
            raw=raw,
        )


def _is_new_save(outcome: object) -> bool:
    """Whether a write proved that what was decided on still held."""
    return isinstance(outcome, Saved) and not outcome.repeated


def _carried_on(kind: str, kept: Kept[Any] | None) -> AbstractContextManager[object]:
    """Give a save that nobody traced the trace of the aggregate's last change, or a new one."""
    if traceparent():
        return nullcontext()
    return span(f"{kind} save", parent="" if kept is None else kept.traceparent)
