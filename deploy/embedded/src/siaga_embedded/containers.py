"""Broker and store from containers, for tests on machines that can pull images (not run on ours)."""

from collections.abc import Iterator
from contextlib import contextmanager

from siaga_embedded.servers import Servers

KAFKA_IMAGE = "confluentinc/cp-kafka:8.0.0"
MONGO_IMAGE = "mongo:8.0"


@contextmanager
def container_servers() -> Iterator[Servers]:
    """Give both servers until the block ends."""
    from testcontainers.kafka import KafkaContainer
    from testcontainers.mongodb import MongoDbContainer

    with KafkaContainer(KAFKA_IMAGE).with_kraft() as broker, MongoDbContainer(MONGO_IMAGE) as keeper:
        yield Servers(broker.get_bootstrap_server(), keeper.get_connection_url(), KAFKA_IMAGE, MONGO_IMAGE)
