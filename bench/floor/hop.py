"""The bare loop: what triage's catching up costs without Siaga, `python -m bench.floor.hop`.

A program like the others of the floor, in a database and a group of its own, on the events and with the indexes
that triage has. Triage's hearing of calls publishes nothing, so neither does this.
"""

import asyncio
import os

from bench.backlog import TOPIC
from bench.floor.bare import DUE, OUTBOX, Bare, Document


async def main() -> None:
    """Hear calls for ever."""
    bare = Bare(os.environ["BENCH_NAME"])
    await bare.start()
    calls = await bare.collection(
        "desk_calls", DUE, OUTBOX, ("tenant", "view", "place"), ("tenant", "newest")
    )

    async def take(_: str, body: Document) -> None:
        place = f"{body['started_at']}|{body['call_id']}"
        view = "waiting" if body["stage"] == "queued" else "current"
        fields = {"tenant": body["tenant"], "view": view, "place": place, "newest": place}
        await bare.save(calls, body["call_id"], body, [], fields)

    await bare.hear([TOPIC], take, prefix="")


if __name__ == "__main__":
    asyncio.run(main())
