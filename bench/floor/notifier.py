"""Bare notifier: each agency's delivery is saved, looked at again, sent by webhook, and saved as delivered."""

import asyncio
import os
import uuid

from bench.floor.bare import DUE, OUTBOX, Bare, Document, example
from bench.floor.door import post


async def main() -> None:
    """Hear tasks for ever."""
    bare, webhooks = Bare("agency-notifier"), int(os.environ["BENCH_WEBHOOKS"])
    await bare.start()
    responses = await bare.collection("responses", DUE, OUTBOX)
    deliveries = await bare.collection(
        "deliveries", DUE, OUTBOX, ("tenant", "place"), ("tenant", "ticket_id", "place"), ("status",)
    )
    keys, openings = await bare.collection("subject_keys"), await bare.collection("openings")

    async def take(_: str, body: Document) -> None:
        ticket = body["ticket_id"]
        await bare.save(responses, ticket, body, [], {})
        await deliveries.find({"tenant": "53.03", "ticket_id": ticket}).sort("place").to_list()
        for agency in body["agencies"]:
            delivery = {
                **example("notification.updated"),
                "ticket_id": ticket,
                "delivery_id": str(uuid.uuid4()),
            }
            await save(delivery, "waiting")
            bare.background(send(delivery, agency))

    async def save(delivery: Document, status: str) -> None:
        fields = {"ticket_id": delivery["ticket_id"], "status": status, "place": delivery["delivery_id"]}
        await bare.save(deliveries, delivery["delivery_id"], delivery, ["notification.updated"], fields)

    async def send(delivery: Document, agency: str) -> None:
        await deliveries.find_one({"_id": delivery["delivery_id"]})
        await responses.find_one({"_id": delivery["ticket_id"]})
        await keys.find_one({"_id": delivery["ticket_id"]})
        await openings.insert_one(
            {"_id": str(uuid.uuid4()), "subject": delivery["ticket_id"], "hash": "0" * 64}
        )
        told = {**delivery, "agency": agency, "kind": "task_offered", "story": "s" * 80}
        await post("127.0.0.1", webhooks, f"/53.03/{agency}/posko", told)
        await save(delivery, "delivered")

    await bare.hear(["task.assigned"], take)


if __name__ == "__main__":
    asyncio.run(main())
