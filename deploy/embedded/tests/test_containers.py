"""A test run takes the servers that its environment chooses."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from siaga_embedded import containers
from siaga_embedded.servers import Servers

GIVEN = {"KAFKA_BOOTSTRAP": "broker.test:9092", "MONGO_URL": "mongodb://store.test"}
PULLED = Servers("pulled:9092", "mongodb://pulled", containers.KAFKA_IMAGE, containers.MONGO_IMAGE)


@pytest.mark.parametrize(
    ("choice", "bootstrap"), [({}, "broker.test:9092"), ({containers.CHOICE: "containers"}, "pulled:9092")]
)
def test_containers_are_asked_for_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, choice: dict[str, str], bootstrap: str
) -> None:
    @contextmanager
    def pull() -> Iterator[Servers]:
        yield PULLED

    monkeypatch.setattr(containers, "container_servers", pull)
    with containers.servers_for_tests(tmp_path, environ={**GIVEN, **choice}) as servers:
        assert servers.kafka_bootstrap == bootstrap
