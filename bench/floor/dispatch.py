"""Bare dispatch: an opened ticket is looked up and nothing to do; when it is escalated its agencies get tasks."""

import asyncio

from bench.floor.bare import DUE, OUTBOX, Bare, Document, example

KEPT_BESIDE = "x" * 850
"""What the product's document keeps beside the state it tells: the times, traces and commands of its changes."""


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
        if topic == "ticket.opened":
            await bare.look(responses, ticket)
            return
        handed = [agency for told in body.get("escalations", []) for agency in told["agencies"]]
        agencies = body.get("agencies", handed)  # the floor's own events name them outside
        state = {**example("task.assigned"), "ticket_id": ticket, "agencies": agencies}
        await bare.save(
            responses,
            ticket,
            state,
            ["task.assigned"],
            {"status": "active", "listed": ticket, "beside": KEPT_BESIDE},
        )

    await bare.hear(["ticket.opened", "ticket.escalated", "notification.updated"], take)


if __name__ == "__main__":
    asyncio.run(main())
