"""Bare triage on call.updated alone: of the events that wait, it saves what triage would, and publishes nothing either."""

import asyncio

from bench.backlog import TOPIC
from bench.floor.bare import DUE, OUTBOX, Bare, Document


async def main() -> None:
    """Hear calls for ever."""
    bare = Bare("triage")
    await bare.start()
    calls = await bare.collection(
        "desk_calls", DUE, OUTBOX, ("tenant", "view", "place"), ("tenant", "newest")
    )

    async def take(_: str, body: Document) -> None:
        place = f"{body['started_at']}|{body['call_id']}"
        view = "waiting" if body["stage"] == "queued" else "current"
        fields = {"tenant": body["tenant"], "view": view, "place": place, "newest": place}
        await bare.save(calls, body["call_id"], body, [], fields)

    await bare.hear([TOPIC], take)


if __name__ == "__main__":
    asyncio.run(main())
