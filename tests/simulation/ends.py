"""What must hold when all is over: every call its outcome, every ticket its end, every figure its recount."""

import json
from collections.abc import Callable, Iterator, Mapping

from aiokafka import ConsumerRecord

from tests.faults.checks.figures import recount_differs
from tests.faults.history import Figures, Json, Said
from tests.simulation.endpoints import Request
from tests.simulation.memory_store import Disk

Disks = Mapping[str, Disk]


def unfinished(disks: Disks) -> Iterator[str]:
    """Name what is not at its end on any disk."""
    for service, collection, say in _OPEN_ENDS:
        for document in _all(disks, service, collection):
            if what := say(document):
                yield f"{service}'s {collection}/{document['_id']} {what}"
    for service, disk in disks.items():
        for documents in disk.collections.values():
            unsent = sum(bool(one.get("outbox")) for one in documents.everything())
            if unsent:
                yield f"{service}'s {documents.name}: {unsent} outboxes are not empty"


def _is(document: Json, *ends: str) -> str:
    return "" if document["status"] in ends else f"is {document['status']}"


_OPEN_ENDS: tuple[tuple[str, str, Callable[[Json], str]], ...] = (
    ("intake", "calls", lambda call: "" if call["over"] else "has no outcome"),
    ("triage", "desk_calls", lambda call: "" if call["finished"] else f"is {call['view']} on the desk"),
    ("triage", "tickets", lambda ticket: _is(ticket, "closed")),
    ("dispatch", "responses", lambda one: "" if one["state"]["brief"] is None else _is(one, "ended")),
    ("agency-notifier", "deliveries", lambda one: _is(one, "delivered", "failed", "withdrawn")),
)


def calls_differ(disks: Disks, acknowledged: set[str]) -> Iterator[str]:
    """Name every call that one side has and another lacks."""
    ours = {call["_id"] for call in _all(disks, "intake", "calls")}
    desk = {call["_id"] for call in _all(disks, "triage", "desk_calls")}
    for call_id in sorted(acknowledged - ours):
        yield f"call {call_id} was acknowledged and intake does not have it"
    for call_id in sorted(ours ^ desk):
        yield f"call {call_id} is known to {'intake' if call_id in ours else 'the desk'} alone"


def deliveries_doubled(received: list[Request], known: Mapping[tuple[str, int], str]) -> Iterator[str]:
    """Name every message that arrived and that no step of a task had asked for."""
    wanted = set(known.values())
    for request in received:
        if request.delivery_id not in wanted:
            yield f"task {request.task_id}: {request.delivery_id} arrived and is no step's delivery"


def figures_differ(records: list[ConsumerRecord], shown: Mapping[str, Figures]) -> Iterator[str]:
    """Name every figure that is not what the log says."""
    return recount_differs(map(said_of, records), shown)


def said_of(record: ConsumerRecord) -> Said:
    """Read a record as the fault harness does."""
    headers = {name: (value or b"").decode() for name, value in record.headers}
    return Said(
        topic=record.topic,
        place=f"{record.partition}/{record.offset}",
        source=headers["ce_source"],
        subject=headers["ce_subject"],
        sequence=int(headers["ce_sequence"]),
        tenant=headers["ce_tenantid"],
        body=json.loads(record.value or b"{}"),
    )


def _all(disks: Disks, service: str, collection: str) -> list[Json]:
    return list(disks[service].collection(collection).everything())
