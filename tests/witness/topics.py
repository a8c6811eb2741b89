"""Asks the broker itself how its topics are kept."""

from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.witness.rules_of_the_bus import LivingTopic, weak_broker, weak_topic


async def weak_topics(bootstrap: str, *, partitions: int = 6, replicas: int = 1) -> list[str]:
    """Return a sentence for each weakness of the topics and the broker; the broker's own topics left out."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="witness")
    await admin.start()
    try:
        topics = await living_topics(admin)
        broker = await _configurations(admin, ConfigResourceType.BROKER, await _brokers(admin))
    finally:
        await admin.close()
    found = [f"the broker {said}" for one in broker.values() for said in weak_broker(one)]
    for topic in topics:
        for said in weak_topic(topic, partitions=partitions, replicas=replicas):
            found.append(f"the topic {topic.name} {said}")  # noqa: PERF401 - reads as it is told
    return found


async def living_topics(admin: AIOKafkaAdminClient) -> list[LivingTopic]:
    """Return every topic that is not the broker's own."""
    described = [one for one in await admin.describe_topics() if not one["is_internal"]]
    names = [one["topic"] for one in described]
    configurations = await _configurations(admin, ConfigResourceType.TOPIC, names)
    return [
        LivingTopic(
            one["topic"],
            len(one["partitions"]),
            min(len(partition["replicas"]) for partition in one["partitions"]),
            configurations[one["topic"]],
        )
        for one in described
    ]


async def _brokers(admin: AIOKafkaAdminClient) -> list[str]:
    return [str(one["node_id"]) for one in (await admin.describe_cluster())["brokers"]]


async def _configurations(
    admin: AIOKafkaAdminClient, kind: ConfigResourceType, names: list[str]
) -> dict[str, dict[str, str]]:
    answers: list[Any] = await admin.describe_configs([ConfigResource(kind, name) for name in names])
    return {
        resource[3]: {entry[0]: entry[1] for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
