"""Bare dispatch: a ticket is known when it is opened; when it is escalated its agencies get tasks."""

import asyncio

from bench.floor.bare import DUE, OUTBOX, Bare, Document, example


async def main() -> None:
    """Hear tickets and deliveries for ever."""
    bare = Bare("dispatch")
    await bare.start()
    responses = await bare.collection(
        "responses", DUE, OUTBOX, ("tenant", "listed"), ("tenant", "status", "listed")
    )

    async def take(topic: str, body: Document) -> None:
        if topic == "notification.updated":
            return
        ticket = body["ticket_id"]
        said = ["task.assigned"] if topic == "ticket.escalated" else []
        state = {**example("task.assigned"), "ticket_id": ticket, "agencies": body.get("agencies", [])}
        await bare.save(responses, ticket, state, said, {"status": "active", "listed": ticket})

    await bare.hear(["ticket.opened", "ticket.escalated", "notification.updated"], take)


if __name__ == "__main__":
    asyncio.run(main())
