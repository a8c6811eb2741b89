"""A new service, as somebody writes it who knows pymongo and aiokafka, and not what they do by default."""

import asyncio
import os

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient, MongoClient
from pymongo.asynchronous.collection import AsyncCollection

TOPIC = "agency.replied"
Document = dict[str, object]


async def main() -> None:
    """Keep, count, hear and say something."""
    database, bootstrap = os.environ["BARE_DATABASE"], os.environ["KAFKA_BOOTSTRAP"]
    async with AsyncMongoClient[Document](os.environ["MONGO_URL"]) as client:
        await _keep(client[database]["tickets"])
    with MongoClient[Document](os.environ["MONGO_URL"]) as client_of_a_thread:
        client_of_a_thread[database]["tickets"].delete_many({"seen": {"$gt": 1}})
    async with (
        AIOKafkaProducer(bootstrap_servers=bootstrap, client_id="bare"),
        AIOKafkaConsumer(TOPIC, bootstrap_servers=bootstrap, client_id="bare", group_id=database),
    ):
        await asyncio.sleep(0)


async def _keep(tickets: AsyncCollection[Document]) -> None:
    await tickets.insert_one({"number": "TTU-1", "seen": 1})
    await tickets.insert_one({"_id": "ticket-1", "version": 1, "outbox": [], "state": {}})
    await tickets.replace_one({"_id": "ticket-1"}, {"version": 2, "outbox": [], "state": {}})
    await tickets.update_one({"number": "TTU-1"}, {"$inc": {"seen": 1}})
    await tickets.find_one_and_update({"_id": "ticket-1"}, {"$set": {"state": {}}})
    await tickets.create_index("seen_at", expireAfterSeconds=60)
    await tickets.find_one({"_id": "ticket-1"})


if __name__ == "__main__":
    asyncio.run(main())
