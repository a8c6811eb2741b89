"""Bare statistics: the rows of every event, what came together written together."""

import asyncio

from pymongo import ReplaceOne

from bench.floor.bare import SAID_BY, Bare, Document
from statistics_service.main import GATHER_SECONDS


async def main() -> None:
    """Hear everything for ever."""
    bare = Bare("statistics")
    rows = await bare.collection("rows", ("tenant", "kind", "month"), ("tenant", "kind", "about"))
    await bare.start()
    waiting: list[tuple[Document, asyncio.Future[None]]] = []
    busy = asyncio.Lock()

    async def take(topic: str, body: Document) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append((_row(topic, body), done))
        await asyncio.sleep(0)
        async with busy:
            taken = waiting.copy()
            waiting.clear()
            if taken:
                await rows.bulk_write(
                    [ReplaceOne({"_id": row["_id"]}, row, upsert=True) for row, _ in taken], ordered=False
                )
            for _, written in taken:
                written.set_result(None)
        await done

    await bare.hear(sorted(SAID_BY), take, gather_seconds=GATHER_SECONDS)


def _row(topic: str, body: Document) -> Document:
    kind = topic.partition(".")[0]
    about = body.get("ticket_id") or body["call_id"]
    row = {
        "outcome": "answered",
        "started_at": "2026-11-22T11:42:52Z",
        "wait": 3.0,
        "priority": "P1",
        "type": kind,
    }
    return {
        "_id": f"53.03/{SAID_BY[topic]}/{kind}/{body['id']}",
        "tenant": "53.03",
        "kind": kind,
        "sequence": 1,
        "month": "2026-11",
        "about": about,
        "rows": [row],
    }


if __name__ == "__main__":
    asyncio.run(main())
