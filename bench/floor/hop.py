"""The bare loop: what triage's catching up costs without Siaga, `python -m bench.floor.hop`.

aiokafka and PyMongo alone: take a batch, keep the newest event of each call, find its document, insert or
replace it by its version, commit. The same batches, number at once, reads, writes, indexes and size as
triage's hearing of calls, which publishes nothing. It seals, judges, traces and repairs nothing.
"""

import asyncio
import json
import os
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from pymongo import ASCENDING, AsyncMongoClient, IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from bench.backlog import TOPIC
from service_kit.listener import AT_ONCE, BATCH_MOST, FETCH_BYTES_PER_PARTITION, POLL_MS

Document = dict[str, Any]
Collection = AsyncCollection[Document]
COLLECTION = "desk_calls"
INDEXES = (
    IndexModel([("next_due_at", ASCENDING)]),
    IndexModel([("outbox.at", ASCENDING)]),
    IndexModel([("tenant", ASCENDING), ("view", ASCENDING), ("place", ASCENDING)]),
    IndexModel([("tenant", ASCENDING), ("newest", ASCENDING)]),
)


async def run(bootstrap: str, mongo_url: str, *, database: str, group: str) -> None:
    """Take events for ever."""
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        mongo_url, tz_aware=True, retryWrites=False, maxPoolSize=32
    )
    calls = client[database].get_collection(
        COLLECTION,
        write_concern=WriteConcern(w="majority", j=True),
        read_concern=ReadConcern("majority"),
    )
    await calls.create_indexes(list(INDEXES))
    consumer = AIOKafkaConsumer(
        TOPIC,
        bootstrap_servers=bootstrap,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=FETCH_BYTES_PER_PARTITION,
    )
    await consumer.start()
    while True:
        found = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_MOST)
        if found:
            await take([record for records in found.values() for record in records], calls)
            await consumer.commit({place: records[-1].offset + 1 for place, records in found.items()})


async def take(records: list[ConsumerRecord], calls: Collection) -> None:
    """Save the newest event of each call, some at once."""
    newest: dict[bytes, tuple[int, ConsumerRecord]] = {}
    for record in records:
        sequence = int(dict(record.headers)["ce_sequence"])
        if sequence > newest.get(record.key, (0, None))[0]:
            newest[record.key] = (sequence, record)
    gate = asyncio.Semaphore(AT_ONCE)

    async def save(sequence: int, record: ConsumerRecord) -> None:
        async with gate:
            await save_call(sequence, record, calls)

    await asyncio.gather(*(save(sequence, record) for sequence, record in newest.values()))


async def save_call(sequence: int, record: ConsumerRecord, calls: Collection) -> None:
    """One read, and one write unless something newer was saved."""
    said = json.loads(record.value)
    old = await calls.find_one({"_id": said["call_id"], "tenant": said["tenant"]})
    if old is None:
        await calls.insert_one(document(None, said, sequence, record))
    elif old["heard"][-1]["sequence"] < sequence:
        wanted = {"_id": old["_id"], "version": old["version"]}
        await calls.replace_one(wanted, document(old, said, sequence, record))


def document(old: Document | None, said: Document, sequence: int, record: ConsumerRecord) -> Document:
    """Return a document of the fields and about the size of triage's own."""
    headers = {name: value.decode() for name, value in record.headers}
    version = 1 if old is None else old["version"] + 1
    step = {
        "version": version,
        "at": datetime.now(UTC),
        "what": "call.heard",
        "by": headers["ce_source"],
        "why": "",
        "occurred_at": headers["ce_time"],
        "trace_id": headers.get("ce_traceparent", "--")[3:35],
    }
    place = f"{said['started_at']}|{said['call_id']}"
    return {
        "_id": said["call_id"],
        "tenant": said["tenant"],
        "version": version,
        "state": said,
        "outbox": [],
        "said": None,
        "finished": False,
        "next_due_at": None,
        "traceparent": headers.get("ce_traceparent", ""),
        "view": "waiting" if said["stage"] == "queued" else "current",
        "place": place,
        "newest": place,
        "heard": [{"about": f"{headers['ce_source']}/{headers['ce_subject']}", "sequence": sequence}],
        "commands": [],
        "timeline": [*([] if old is None else old["timeline"]), step],
    }


if __name__ == "__main__":
    asyncio.run(
        run(
            os.environ["KAFKA_BOOTSTRAP"],
            os.environ["MONGO_URL"],
            database=os.environ["BENCH_DATABASE"],
            group=os.environ["BENCH_GROUP"],
        )
    )
