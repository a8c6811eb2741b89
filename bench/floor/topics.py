"""The topics of the bare programs."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from bench.floor.bare import PARTITIONS, PREFIX, SAID_BY


async def make_topics(bootstrap: str) -> None:
    """Make the bare programs' own topics."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="bench")
    await admin.start()
    try:
        names = [NewTopic(PREFIX + topic, PARTITIONS, 1) for topic in SAID_BY]
        await admin.create_topics(names)
    finally:
        await admin.close()
