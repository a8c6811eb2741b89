"""Broker and store for a test run: our own, or from containers on machines that can pull images.

`SIAGA_TEST_SERVERS=containers` takes both from containers (not run on ours); else they are those of `servers`.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from siaga_embedded.servers import Servers, servers_in_background

CHOICE = "SIAGA_TEST_SERVERS"
KAFKA_IMAGE = "confluentinc/cp-kafka:8.0.0"
MONGO_IMAGE = "mongo:8.0"


def servers_for_tests(
    data: Path, *, environ: Mapping[str, str] = os.environ
) -> AbstractContextManager[Servers]:
    """Give both servers until the block ends, from where the environment chooses."""
    if environ.get(CHOICE) == "containers":
        return container_servers()
    return servers_in_background(data, environ=environ)


@contextmanager
def container_servers() -> Iterator[Servers]:
    """Give both servers until the block ends."""
    from testcontainers.kafka import KafkaContainer
    from testcontainers.mongodb import MongoDbContainer

    with KafkaContainer(KAFKA_IMAGE).with_kraft() as broker, MongoDbContainer(MONGO_IMAGE) as keeper:
        yield Servers(broker.get_bootstrap_server(), keeper.get_connection_url(), KAFKA_IMAGE, MONGO_IMAGE)
