"""Bare triage: calls lie on the desk; a ticket is opened from one, and handed to agencies."""

import asyncio
import os
import uuid
from typing import Any

from bench.floor.bare import DUE, OUTBOX, Bare, Document, example
from bench.floor.door import serve


async def main() -> None:
    """Hear calls and take commands for ever."""
    bare = Bare("triage")
    await bare.start()
    calls = await bare.collection(
        "desk_calls", DUE, OUTBOX, ("tenant", "view", "place"), ("tenant", "newest")
    )
    tickets = await bare.collection(
        "tickets", DUE, OUTBOX, ("tenant", "status", "newest"), ("tenant", "newest"), ("tenant", "number")
    )

    async def take(topic: str, body: Document) -> None:
        if topic == "call.received":
            fields = {"view": "current", "place": body["call_id"], "newest": body["call_id"]}
            await bare.save(calls, body["call_id"], body, [], fields)

    async def opened(call_id: str) -> tuple[int, Any]:
        call = await bare.look(calls, call_id)
        if call is None:
            return 404, {}
        fields = {"view": "done", "place": call_id, "newest": call_id}
        await bare.save(calls, call_id, call["state"], ["call.updated"], fields)
        ticket = str(uuid.uuid4())
        state = {**example("ticket.opened"), "ticket_id": ticket}
        await bare.save(tickets, ticket, state, ["ticket.opened"], _listed(ticket, "open"))
        await bare.save(calls, call_id, call["state"], [], fields)
        return 201, {"ticket_id": ticket}

    async def escalated(ticket: str, agencies: list[str]) -> tuple[int, Any]:
        state = {**example("ticket.escalated"), "ticket_id": ticket, "agencies": agencies}
        await bare.save(tickets, ticket, state, ["ticket.escalated"], _listed(ticket, "escalated"))
        return 200, {}

    async def answer(path: str, body: Any) -> tuple[int, Any]:
        if path.endswith("/escalations"):
            return await escalated(path.split("/")[-2], body["agencies"])
        return await opened(body["call_id"])

    bare.background(bare.hear(["call.received", "call.updated"], take))
    await serve(int(os.environ["BENCH_PORT"]), answer)


def _listed(ticket: str, status: str) -> Document:
    return {"status": status, "newest": ticket, "number": ticket}


if __name__ == "__main__":
    asyncio.run(main())
