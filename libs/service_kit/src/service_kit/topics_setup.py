"""Makes the topics as the contracts describe them; what exists already stays as it is."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

from service_kit.telemetry import logger
from service_kit.transient import Away, backoff
from shared_schemas.topics import TOPICS, Topic

LOG = logger(__name__)

LARGEST_MESSAGE_BYTES = 1_048_576
DEAD_LETTER_RETENTION_MS = 90 * 86_400_000


async def ensure_topics(
    bootstrap: str, *, client: str, partitions: int, replicas: int, dead_letters: str
) -> None:
    """Create missing topics; waits until the broker is there and each partition has its leader.

    A client that asks before would ask, and complain in the log, a hundred times a second.
    """
    async for _ in backoff():
        admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=client)
        try:
            await admin.start()
            wanted = [_new(topic, partitions, replicas) for topic in TOPICS.values()]
            wanted.append(_dead_letter_topic(dead_letters, replicas))
            there = set(await admin.list_topics())
            await _create(admin, [one for one in wanted if one.name not in there])
            if await _all_led(admin, [one.name for one in wanted]):
                return
        except (KafkaError, OSError, TimeoutError) as error:
            LOG.warning("topics.broker_away", error=type(error).__name__)
        finally:
            await admin.close()


async def cluster_id(bootstrap: str, *, client: str) -> str:
    """Return the broker's cluster id.

    Raises:
        Away: the broker cannot be asked now.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=client)
    try:
        await admin.start()
        return await _cluster_id(admin)
    except (KafkaError, OSError, TimeoutError) as error:
        raise Away("the broker cannot be reached") from error
    finally:
        await admin.close()


async def _cluster_id(admin: AIOKafkaAdminClient) -> str:
    return str((await admin.describe_cluster())["cluster_id"])


async def _create(admin: AIOKafkaAdminClient, missing: list[NewTopic]) -> None:
    if not missing:
        return
    try:
        await admin.create_topics(missing)
    except TopicAlreadyExistsError:
        LOG.debug("topics.made_by_another")


async def _all_led(admin: AIOKafkaAdminClient, names: list[str]) -> bool:
    described = await admin.describe_topics(names)
    partitions = [partition for topic in described for partition in topic["partitions"]]
    return (
        len(described) == len(names)
        and all(topic["error_code"] == 0 and topic["partitions"] for topic in described)
        and all(partition["error_code"] == 0 and partition["leader"] >= 0 for partition in partitions)
    )


def _new(topic: Topic, partitions: int, replicas: int) -> NewTopic:
    configuration = {
        "max.message.bytes": str(LARGEST_MESSAGE_BYTES),
        "min.insync.replicas": str(max(1, replicas - 1)),
        "cleanup.policy": "compact" if topic.compacted else "delete",
    }
    if topic.retention is not None and not topic.compacted:
        configuration["retention.ms"] = str(int(topic.retention.total_seconds() * 1000))
    count = 1 if topic.partitions == "single" else partitions
    return NewTopic(
        topic.name, num_partitions=count, replication_factor=replicas, topic_configs=configuration
    )


def _dead_letter_topic(name: str, replicas: int) -> NewTopic:
    configuration = {
        "retention.ms": str(DEAD_LETTER_RETENTION_MS),
        "max.message.bytes": str(2 * LARGEST_MESSAGE_BYTES),
        "min.insync.replicas": str(max(1, replicas - 1)),
    }
    return NewTopic(name, num_partitions=1, replication_factor=replicas, topic_configs=configuration)
